"""Turn frames into CNN features, and keep these in one file for a dataset."""
