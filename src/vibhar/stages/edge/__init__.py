"""Edge stages: export bundles for a small device, measure them, and make table and figure."""
