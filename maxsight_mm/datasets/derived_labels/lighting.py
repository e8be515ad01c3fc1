"""The light of a scene as a class."""

import numpy as np

from ...taxonomy.lighting import LIGHTINGS
from .registry import derives


@derives('lighting_label')
def lighting_label(results: dict) -> np.ndarray | None:
    """(1,) int64 index in ``LIGHTINGS``; None where ``lighting`` is not of these."""
    lighting = results['gt_tasks'].get('lighting')
    if lighting not in LIGHTINGS:
        return None
    return np.array([LIGHTINGS.index(lighting)], np.int64)
