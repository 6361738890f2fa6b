"""Extract CNN features from frames, and read them from a memory-mapped store."""
