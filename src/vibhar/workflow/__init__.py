"""Support for the Snakefile: check config and inputs, cache, plan commands, records, provenance."""
