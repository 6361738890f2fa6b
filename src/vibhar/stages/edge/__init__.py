"""Stages that export bundles for a small device and measure them."""
