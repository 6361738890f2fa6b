"""Stages that look after the results: verify them, estimate their cost, clear the cache."""
