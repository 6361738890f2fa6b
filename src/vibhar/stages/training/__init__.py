"""Stages that train, prune and fine-tune classifiers."""
