"""What a scene asks of the eyes: how tiring it is, how far to focus.

Indices of the picture, of our design; no medical measure, and nothing is said of the
person who looks.
"""

import cv2
import numpy as np

from .contrast import luminance, rms_contrast
from .navigation import roi_priorities
from .registry import derives

# Where eyes have to focus if nothing asks for it.
REST_M = 20.0

# Mean luminance below which a scene is dark, from where it is as dark as it gets.
DARK_LUMINANCE = (0.4, 0.1)
# RMS contrast below which a scene looks flat, and as flat as it gets.
FLAT_CONTRAST = (0.3, 0.15)
# Share of pixels on an edge of a tenth of the range a pixel: none to a full clutter.
EDGE_STEP = 0.1
CLUTTER_SHARE = (0.02, 0.1)
WEIGHTS = dict(glare=0.6, darkness=0.5, flatness=0.4, clutter=0.5)


@derives('fatigue')
def fatigue(results: dict) -> np.ndarray | None:
    """Visual load index: 1 minus the product of ``1 - weight x strain``.

    Strains, each in [0, 1]: the labelled glare; darkness, flatness and clutter, which
    rise evenly between the two values above.

    Returns:
        (1,) float32 in [0, 1]; None where glare is not labelled.
    """
    glare = results['gt_tasks'].get('glare')
    if glare is None:
        return None
    grey = luminance(results['img'])
    strains = dict(
        glare=float(np.ravel(glare)[0]),
        darkness=_rise(float(grey.mean()), *DARK_LUMINANCE),
        flatness=_rise(rms_contrast(grey), *FLAT_CONTRAST),
        clutter=_rise(edge_share(grey), *CLUTTER_SHARE),
    )
    ease = np.prod([1 - WEIGHTS[name] * strain for name, strain in strains.items()])
    return np.array([1 - ease], np.float32)


@derives('focus_depth_m', uses=('urgencies',))
def focus_depth_m(results: dict) -> np.ndarray | None:
    """(1,) float32 m: distance of the object that needs looking at most.

    That is the one of the highest ``roi_priorities``; 20 m where none is within.
    """
    priorities = roi_priorities(results)
    if priorities is None or np.isnan(priorities).any():
        return None
    distances_m = results['gt_instance_tasks']['distances_m']
    first = distances_m[priorities.argmax()] if len(priorities) else REST_M
    return np.array([min(first, REST_M)], np.float32)


def edge_share(grey: np.ndarray) -> float:
    """Share of the (H, W) float32 pixels whose luminance changes by ``EDGE_STEP``."""
    x = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    y = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    return float((cv2.magnitude(x, y) > EDGE_STEP).mean())


def _rise(value: float, start: float, full: float) -> float:
    """0 at ``start``, 1 at ``full``, even between and beyond their limits."""
    return float(np.clip((value - start) / (full - start), 0, 1))
