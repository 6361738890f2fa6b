"""The figures, a module each. Each has one function that draws it and returns it."""
