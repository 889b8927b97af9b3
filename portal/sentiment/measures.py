"""How well labels were predicted: F1, of one side and of both."""

from collections.abc import Sequence


def f1(predicted: Sequence[str | None], labels: Sequence[str], side: str) -> float | None:
    """F1 of one side; None when no row has that label."""
    right = sum(1 for p, y in zip(predicted, labels, strict=True) if p == y == side)
    given = sum(1 for y in labels if y == side)
    said = sum(1 for p in predicted if p == side)
    return 2.0 * right / (given + said) if given else None


def macro_f1(predicted: Sequence[str | None], labels: Sequence[str]) -> float | None:
    """Mean F1 of "pos" and "neg"; a row without prediction is missed. None without both sides."""
    positive, negative = f1(predicted, labels, "pos"), f1(predicted, labels, "neg")
    return None if positive is None or negative is None else (positive + negative) / 2.0
