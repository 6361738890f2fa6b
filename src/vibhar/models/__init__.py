"""Classifiers of clips: LSTMs, GRUs, and the comparison systems of other papers."""
