"""The one kind of error that is the user's to mend, and how its messages list names."""

from collections.abc import Iterable


class InputError(Exception):
    """An input is wrong or missing, and the user can correct it.

    Its text says in one paragraph what is wrong, where, and how to correct it. Stages print it and exit with status 1.
    """


def few(names: Iterable[object], most: int = 5) -> str:
    """The first names, and how many others there are: a message stays short whatever the size of the dataset."""
    shown = [str(name) for name in names]
    others = len(shown) - most
    return ", ".join(shown[:most]) + (f" and {others} other{'s' if others > 1 else ''}" if others > 0 else "")
