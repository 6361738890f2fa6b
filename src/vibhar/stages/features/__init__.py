"""Feature stages: prepare CNN weights, extract features, and join them in one store."""
