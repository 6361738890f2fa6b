"""Data stages: fetch or render videos, index clips, decode frames, compute optical flow."""
