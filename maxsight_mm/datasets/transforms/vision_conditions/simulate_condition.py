"""Shows images to a model as people with an eye condition see them."""

import zlib
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from mmcv.transforms import BaseTransform

from ....registry import TRANSFORMS
from ....taxonomy.conditions import CONDITIONS
from .condition_table import simulate


@TRANSFORMS.register_module()
class SimulateCondition(BaseTransform):
    """Changes ``img`` as one condition does, and labels which and how severe.

    Only ``img`` changes; inside ``ChangeColours`` the frames of a clip change with it.
    ``gt_tasks`` gets
    ``condition_severity``, (13,) float32 in the order of ``CONDITIONS``, all zeros
    where the image is left as it is. Stands after the loading of annotations.

    Args:
        conditions: 'all', or names of those to draw from.
        prob: Share of the images that are changed.
        severity: Smallest and largest severity, drawn evenly.
        seed_by_image: Draw from a seed made of ``img_id``, or without one of the path:
            an image always looks the same, as it has to where models are judged.

    Raises:
        ValueError: If a condition is unknown, none is given, or a number is out of
            range.
    """

    def __init__(
        self,
        conditions: Literal['all'] | Sequence[str] = 'all',
        prob: float = 0.5,
        severity: tuple[float, float] = (0.2, 1.0),
        seed_by_image: bool = False,
    ) -> None:
        names = CONDITIONS if conditions == 'all' else tuple(conditions)
        unknown = [name for name in names if name not in CONDITIONS]
        if unknown or not names:
            raise ValueError(
                f"conditions must be 'all' or of {', '.join(CONDITIONS)}; "
                f'got {conditions!r}'
            )
        low, high = severity
        if not 0 <= low <= high <= 1:
            raise ValueError(
                f'severity must be 0 <= low <= high <= 1, got {severity!r}'
            )
        if not 0 <= prob <= 1:
            raise ValueError(f'prob must lie in [0, 1], got {prob!r}')
        self.conditions = names
        self.prob = prob
        self.severity = (low, high)
        self.seed_by_image = seed_by_image

    def _draw(self, rng: Any) -> tuple[str, float, int] | None:
        """Condition, severity and the seed of its shapes, or None."""
        if rng.rand() >= self.prob:
            return None
        name = self.conditions[rng.randint(len(self.conditions))]
        seed = int(rng.randint(2**31 - 1))
        return name, float(rng.uniform(*self.severity)), seed

    def transform(self, results: dict) -> dict:
        """Changes ``img``, (H, W, 3) BGR, uint8 or float32 from 0 to 255.

        Raises:
            ValueError: If the image is not (H, W, 3) uint8 or float32.
        """
        image = results['img']
        known = image.dtype in (np.uint8, np.float32)
        if not known or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(
                f'{results.get("img_path", "image")}: SimulateCondition needs '
                f'(H, W, 3) uint8 or float32, got {image.shape} {image.dtype}'
            )
        severities = np.zeros(len(CONDITIONS), np.float32)
        drawn = self._draw(_rng_of(results) if self.seed_by_image else np.random)
        if drawn is not None:
            name, severity, seed = drawn
            # Changes of colour before this give floats, also beyond 0 to 255.
            whole = np.clip(image.round(), 0, 255).astype(np.uint8)
            seen = simulate(whole, name, severity, seed)
            results['img'] = seen.astype(image.dtype)
            severities[CONDITIONS.index(name)] = severity
        results['gt_tasks'] = {
            **results.get('gt_tasks', {}),
            'condition_severity': severities,
        }
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(conditions={list(self.conditions)}, '
            f'prob={self.prob}, severity={self.severity}, '
            f'seed_by_image={self.seed_by_image})'
        )


def _rng_of(results: dict) -> np.random.RandomState:
    name = f'{results.get("img_id", results.get("img_path"))}'
    return np.random.RandomState(zlib.crc32(name.encode()))
