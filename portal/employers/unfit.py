"""Why a text does not fit a setting."""


class Unfit(ValueError):
    """The message says what would fit, in the reader's language."""
