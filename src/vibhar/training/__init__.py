"""Train, distil, fine-tune and evaluate classifiers."""
