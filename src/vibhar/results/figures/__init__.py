"""The figures, a module each. Each has one function that draws it and returns it."""

import os

# Before matplotlib is imported: that refuses to start with the backend of a notebook that is not installed here.
os.environ["MPLBACKEND"] = "agg"

