"""Which defects a part has, and how large they are."""

import numpy as np

from maxsight_mm.taxonomy.defects import DEFECT_KINDS

# Longer side of the box in pixels of a picture whose shorter side is 160.
_LONG_SIDES = {
    'Severe_Rust': (20, 54),
    'Chipped': (13, 28),
    'Broken': (15, 42),
    'Tip_Wear': (15, 40),
    'Scratched': (18, 56),
}
_SHARES = np.array([kind.share for kind in DEFECT_KINDS])


def draw_labels(rng: np.random.Generator, least: int, most: int) -> np.ndarray:
    """(n,) int64 classes of a part's defects, ``least`` to ``most`` of them."""
    number = int(rng.integers(least, most + 1))
    return rng.choice(len(DEFECT_KINDS), number, p=_SHARES / _SHARES.sum())


def draw_aspect(rng: np.random.Generator, label: int) -> float:
    """Width / height, with the quartiles of the class."""
    low, middle, high = np.log(DEFECT_KINDS[label].aspect_quartiles)
    # Beyond the quartiles the logarithm goes on for as much again, and a little more.
    knots = [2.2 * low - 1.2 * middle, low, middle, high, 2.2 * high - 1.2 * middle]
    return float(np.exp(np.interp(rng.random(), [0, 0.25, 0.5, 0.75, 1], knots)))


def draw_size(
    rng: np.random.Generator, label: int, shorter_side: int
) -> tuple[int, int]:
    """Width and height of a box in pixels, at least 3."""
    aspect = draw_aspect(rng, label)
    least, most = _LONG_SIDES[DEFECT_KINDS[label].name]
    # Small ones are more frequent.
    long_side = least * (most / least) ** rng.random() * shorter_side / 160
    width, height = long_side * min(1, aspect), long_side / max(1, aspect)
    return max(3, round(width)), max(3, round(height))
