"""Compress an LSTM or a GRU: add bottlenecks, prune to a dense module, count parameters. Needs only torch."""
