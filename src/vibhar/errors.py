"""The one kind of error that is the user's to mend."""


class InputError(Exception):
    """Something that was given to the workflow is wrong.

    Its text says what is wrong, where, and how to mend it, in one paragraph; stages print it and exit with status 1.
    """
