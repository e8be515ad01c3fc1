"""How often each kind of kitchen scene is met.

``natural`` is what a camera records that is simply left running, ``collected`` a set
that was staged to hold what is rare. Every hundred pictures hold the shares of their
mix to the picture, in an order of their own: the kind of the n-th picture does not
hang on how many are drawn, and no mix is lucky.
"""

from typing import NamedTuple

import numpy as np

BLOCK = 100


class Share(NamedTuple):
    """Part of a mix.

    Attributes:
        percent: Of all pictures.
        scenario: Of ``SCENARIOS``.
        equipment_only: Without food, as after closing time.
    """

    percent: int
    scenario: str
    equipment_only: bool = False


MIXES = {
    'natural': (
        Share(75, 'background'),
        Share(18, 'proper'),
        Share(4, 'violation'),
        Share(2, 'edge_case'),
        Share(1, 'background', equipment_only=True),
    ),
    'collected': (
        Share(40, 'violation'),
        Share(35, 'proper'),
        Share(15, 'edge_case'),
        Share(10, 'background'),
    ),
}


def share_of(mix: str, seed: int, index: int) -> Share:
    """What the picture of an index shows.

    Args:
        mix: Of ``MIXES``.
        seed: Of the order within each hundred.
        index: Of the picture, from 0.

    Raises:
        ValueError: If there is no such mix.
    """
    if mix not in MIXES:
        raise ValueError(f'mix must be one of {tuple(MIXES)}, got {mix!r}')
    block, place = divmod(index, BLOCK)
    shares = MIXES[mix]
    kinds = np.repeat(np.arange(len(shares)), [share.percent for share in shares])
    return shares[np.random.default_rng([seed, block]).permutation(kinds)[place]]
