"""One training target of a batch, with the mask of what is labelled."""

from typing import NamedTuple

from torch import Tensor


class Target(NamedTuple):
    """Values and where they are known.

    Attributes:
        values: (*lead, ...) tensor. What stands where ``valid`` is false is not
            read.
        valid: (*lead) bool. ``lead`` is (B,) for labels of the whole image and
            (B, N) for labels of locations.
    """

    values: Tensor
    valid: Tensor
