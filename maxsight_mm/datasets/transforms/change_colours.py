"""Changes the colours of an image and of the frames of its clip alike."""

import numpy as np
from mmcv.transforms import BaseTransform

from ...registry import TRANSFORMS


@TRANSFORMS.register_module()
class ChangeColours(BaseTransform):
    """Runs a transform on ``img`` and, with the same draws, on each frame of ``clip``.

    A frame that looks unlike the next for a colour that was drawn for one of them
    alone would teach motion and time nothing. Stands after ``LoadClip``; the last
    frame of the clip stays the image, rounded to uint8. What the transform says
    beside the pixels, such as a label, is said once, by the image.

    Args:
        transform: Config of a transform that changes ``img`` in place or by name, not
            its geometry, and draws from ``np.random`` alone.
    """

    def __init__(self, transform: dict) -> None:
        self.change = TRANSFORMS.build(transform)

    def transform(self, results: dict) -> dict:
        """Changes ``img`` and, where there is one, ``clip`` (T, H, W, 3) uint8."""
        before = np.random.get_state()
        changed = self.change(dict(results))
        if 'clip' not in results:
            return changed
        after = np.random.get_state()
        clip = np.empty_like(results['clip'])
        clip[-1] = _whole(changed['img'])
        for slot, frame in enumerate(results['clip'][:-1]):
            np.random.set_state(before)
            clip[slot] = _whole(self.change({**results, 'img': frame})['img'])
        np.random.set_state(after)
        changed['clip'] = clip
        return changed

    def __repr__(self) -> str:
        return f'{type(self).__name__}(transform={self.change!r})'


def _whole(image: np.ndarray) -> np.ndarray:
    """Changes of colour give floats, also beyond 0 to 255: uint8 of these."""
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)
