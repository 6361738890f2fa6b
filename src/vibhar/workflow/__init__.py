"""What the Snakefile needs: checks of the config and its inputs, cache keys, records, provenance."""
