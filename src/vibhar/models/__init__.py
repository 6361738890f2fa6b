"""Classifiers of clips: LSTMs, GRUs and the systems that the paper compares them with."""
