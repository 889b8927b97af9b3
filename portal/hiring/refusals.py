"""Why a decision is not recorded, or a letter not sent."""


class DecisionRefused(ValueError):
    """The decision cannot be recorded as asked; `field` names what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class DecisionChanged(Exception):
    """Somebody else decided or retracted since the page was opened."""
