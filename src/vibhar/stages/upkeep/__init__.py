"""Upkeep stages: verify results, estimate the cost of a config, clear the cache."""
