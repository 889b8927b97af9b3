"""Checks the whole-number arrays rollups hand in: wrong input fails before a sum hides it.

It must never know what is being counted.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Whole: TypeAlias = NDArray[np.int64]
Real: TypeAlias = NDArray[np.float64]


def whole_numbers(values: ArrayLike, shape: tuple[int | None, ...], what: str) -> Whole:
    """`values` as int64 of the given shape (None: any length), none of them negative.

    Raises ValueError naming `what` for another shape, for fractions (a decayed or weighted count
    where a raw one is due) and for negative counts.
    """
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.int64)  # an empty list has no type of its own
        if array.ndim != len(shape):
            array = array.reshape([0 if n is None else n for n in shape])
    if array.ndim != len(shape) or any(
        want is not None and want != got for want, got in zip(shape, array.shape, strict=True)
    ):
        raise ValueError(f"{what}: shape {array.shape} instead of {shape}")
    if not (np.issubdtype(array.dtype, np.integer) or array.dtype == np.bool_):
        raise ValueError(f"{what}: whole numbers are needed, got {array.dtype}")
    if array.size and array.min() < 0:
        raise ValueError(f"{what}: negative count {array.min()}")
    return array.astype(np.int64)
