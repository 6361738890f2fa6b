"""Read frames from video files, choose frames, and compute optical flow."""
