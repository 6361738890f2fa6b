"""Variational information bottlenecks that compress recurrent networks, and the experiments that measure them."""
