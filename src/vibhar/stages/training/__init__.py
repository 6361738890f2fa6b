"""Training stages: train, prune and fine-tune classifiers."""
