"""The named features that flow from the passes to the heads.

A head declares the keys it reads. A pass adds keys and can never replace one, so
nothing that runs after the safety pass can change what the safety heads saw.
"""

from typing import Any


class FeatureBundle(dict[str, Any]):
    """Features of one batch by name; a name is written once.

    Keys of the safety pass (``B`` batch, ``C`` channels, ``N`` locations of all
    levels, in level order):

    - ``pyramid``: tuple of (B, C, H_l, W_l) float, the level set.
    - ``semantic``, ``geometric``: the same shapes after the two towers.
    - ``pooled``: (B, 2C) float, mean and maximum of ``semantic``.
    - ``points``: (N, 2) float32, x and y of each location in pixels.
    - ``strides``: (N,) float32, pixels a location stands for.

    After a head has run, its outputs are added as ``<task>.<output>`` so that a
    later head can read them.
    """

    def __setitem__(self, name: str, feature: Any) -> None:
        if name in self:
            raise KeyError(f'feature {name!r} is already in the bundle')
        super().__setitem__(name, feature)

    def __missing__(self, name: str) -> Any:
        held = ', '.join(sorted(self)) or 'nothing'
        raise KeyError(f'no feature {name!r} in the bundle; it holds {held}')
