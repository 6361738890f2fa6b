"""Extract CNN features from frames, and read them from a store that tells damage."""
