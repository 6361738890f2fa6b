"""Export models as bundles for small devices such as a Raspberry Pi, and measure them there."""
