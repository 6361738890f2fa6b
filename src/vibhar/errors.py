"""The error class for everything that the user has to correct: config, files, network, disk."""


class InputError(Exception):
    """An input is wrong or missing, and the user can correct it.

    Its text says in one paragraph what is wrong, where, and how to correct it. Stages print it and exit with status 1.
    """
