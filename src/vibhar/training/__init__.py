"""Train, distil, fine-tune and evaluate classifiers; resume from training checkpoints."""
