"""The figures: one module each, with one function that draws the figure and returns it."""
