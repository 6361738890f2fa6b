"""Decode video files, sample frames, and compute optical flow."""
