"""Stages from videos to indexed clips, frames and flow."""
