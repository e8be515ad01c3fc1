"""Which objects count as visible, and what is true of each.

Visibility rule: an object is labelled if its visible mask has at least
``MIN_AREA_PX`` pixels and sides of at least ``MIN_LONG_PX`` and ``MIN_SHORT_PX``,
and at least a quarter of what lies within the image is not covered by others.
Boxes enclose the *visible* mask, as COCO's do.

Findability (heuristic, ours): cube root of the product of three shares in [0, 1]:
size (square root of the mask's area over a tenth of the image's side), colour
contrast against the ring around it (over 60 of 255), and visibility.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ..taxonomy import zone_of_distance
from .gbuffer import View
from .mesh import Mesh
from .urgency import contact, urgency_of

MIN_AREA_PX = 40
MIN_LONG_PX = 8
MIN_SHORT_PX = 3
MIN_VISIBILITY = 0.25


@dataclass
class ObjectLabel:
    """Labels of one visible object; see ``StreetFrame`` for the units."""

    actor: int
    name: str
    box: tuple[int, int, int, int]
    distance_m: float
    urgency: int
    findability: float
    time_to_contact_s: float
    visibility: float

    @property
    def zone(self) -> int:
        """Distance zone."""
        return zone_of_distance(self.distance_m)


def label_objects(
    mesh: Mesh,
    view: View,
    time_s: float,
    speed_mps: float,
    points: tuple[np.ndarray, np.ndarray, np.ndarray],
    image: np.ndarray,
) -> tuple[list[ObjectLabel], np.ndarray]:
    """Labels of the visible objects, nearest first.

    Args:
        mesh: The world.
        view: What the camera sees.
        time_s: Time of the frame.
        speed_mps: The walker's speed.
        points: Three (H, W) float32 maps of world X, Y, Z.
        image: (H, W, 3) uint8 picture.

    Returns:
        The labels, and the (H, W) int32 instance map.
    """
    owner = mesh.surface_actor.astype(np.int32).take(view.index)
    eye = view.camera.position.astype(np.float32)
    found = []
    counts = np.bincount(owner.ravel() + 1, minlength=len(mesh.actors) + 1)[1:]
    for index, actor in enumerate(mesh.actors):
        count = int(counts[index])
        if not actor.name or count < MIN_AREA_PX:
            continue
        visibility = min(count / max(view.full_areas_px[index], 1), 1.0)
        if visibility < MIN_VISIBILITY:
            continue
        box, tight = _tight(owner, index, view.windows[index])
        x0, y0, x1, y1 = box
        if max(tight.shape) < MIN_LONG_PX or min(tight.shape) < MIN_SHORT_PX:
            continue
        squared = (points[0][y0:y1, x0:x1][tight] - eye[0]) ** 2
        squared += (points[2][y0:y1, x0:x1][tight] - eye[2]) ** 2
        # To the millimetre, so that a zone fits the distance as it is written.
        distance = round(math.sqrt(squared.min()), 3)
        meeting = contact(actor, time_s, view.camera, speed_mps)
        found.append(
            ObjectLabel(
                actor=index,
                name=actor.name,
                box=box,
                distance_m=distance,
                urgency=urgency_of(actor.name, actor.moving, distance, meeting),
                findability=_findability(image, owner, index, box, count, visibility),
                time_to_contact_s=meeting.time_s,
                visibility=visibility,
            )
        )
    found.sort(key=lambda label: label.distance_m)
    lookup = np.zeros(len(mesh.actors) + 1, np.int32)
    for number, label in enumerate(found, start=1):
        lookup[label.actor + 1] = number
    return found, lookup.take(owner + 1)


def _tight(
    owner: np.ndarray, actor: int, window: np.ndarray
) -> tuple[tuple[int, int, int, int], np.ndarray]:
    """The box x0, y0, x1, y1 of an actor's visible pixels and the mask within."""
    left, top, right, bottom = window.tolist()
    mask = owner[top:bottom, left:right] == actor
    rows = np.flatnonzero(mask.any(1))
    columns = np.flatnonzero(mask.any(0))
    y0, y1, x0, x1 = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    box = (int(left + x0), int(top + y0), int(left + x1), int(top + y1))
    return box, mask[y0:y1, x0:x1]


def _findability(
    image: np.ndarray,
    owner: np.ndarray,
    actor: int,
    box: tuple[int, int, int, int],
    area: int,
    visibility: float,
) -> float:
    height, width = owner.shape
    x0, y0, x1, y1 = box
    margin = max((x1 - x0 + y1 - y0) // 8, 3)
    window = np.s_[
        max(y0 - margin, 0) : min(y1 + margin, height),
        max(x0 - margin, 0) : min(x1 + margin, width),
    ]
    inside = (owner[window] == actor).astype(np.uint8)
    own, around = cv2.mean(image[window], inside), cv2.mean(image[window], 1 - inside)
    contrast = float(np.abs(np.subtract(own, around)).max())
    size = min(10 * math.sqrt(area / (height * width)), 1.0)
    return (size * min(contrast / 60, 1.0) * visibility) ** (1 / 3)
