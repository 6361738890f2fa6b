"""The figures: one module each, with one function that draws the figure and returns it."""

import os

# Before matplotlib is imported: that refuses to start with the backend of a notebook that is not installed here.
os.environ["MPLBACKEND"] = "agg"
