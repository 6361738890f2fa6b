"""From a trained classifier to a small device: bundles, what runs in them (`device/`), and boards that are reached."""
