"""Compress an LSTM or a GRU: bottlenecks on its units, pruning to a dense module, sizes. Needs torch alone."""
