"""What the street world gives for one frame."""

from dataclasses import dataclass

import numpy as np

Relation = tuple[int, str, int]


@dataclass(frozen=True)
class StreetText:
    """Words in the picture.

    Attributes:
        text: The words.
        quad: (4, 2) float32 pixels: top left, top right, bottom right, bottom left
            as one reads them.
        object_index: Index of the object that carries them, or -1.
    """

    text: str
    quad: np.ndarray
    object_index: int


@dataclass
class StreetFrame:
    """A picture with all its labels; N objects, ordered near to far.

    Attributes:
        image: (H, W, 3) uint8 BGR.
        boxes: (N, 4) float32 xyxy pixels, tight around the visible mask.
        names: N class names.
        track_ids: (N,) int64, the same for an object in all frames of a clip.
        distances_m: (N,) float32 distance over the ground to the nearest visible
            point of the object.
        zones: (N,) int64, ``zone_of_distance(distances_m)``.
        moving: (N,) bool, moves over the ground by itself.
        urgencies: (N,) int64, 0 safe to 3 danger (``urgency.py``).
        findability: (N,) float32 in [0, 1] (``object_labels.py``).
        time_to_contact_s: (N,) float32 until the walker is level with it; inf
            where it recedes or keeps its distance.
        visibility: (N,) float32 visible share of its pixels within the image.
        depth: (H, W) float32 metres along the optical axis; ``far_m`` for the sky.
        flow: (H, W, 2) float32 pixels (x, y) to the next frame.
        occlusion: (H, W) bool, True where this frame's surface is not seen in the
            next one.
        instance_map: (H, W) int32, 0 background, i + 1 object i.
        texts: Words that can be read.
        relations: (subject, predicate, object) with indices of objects.
        caption: One or two sentences.
        lighting: One of ``LIGHTINGS``.
        glare: 0-1 light that dazzles.
        contrast: 0-1, RMS contrast of the picture's luminance.
        urgency: Highest urgency of the objects; 0 without any.
        focal_px: Focal length in pixels.
        camera_to_world: (4, 4) float64 pose; world X right, Y up, Z along the walk.
    """

    image: np.ndarray
    boxes: np.ndarray
    names: list[str]
    track_ids: np.ndarray
    distances_m: np.ndarray
    zones: np.ndarray
    moving: np.ndarray
    urgencies: np.ndarray
    findability: np.ndarray
    time_to_contact_s: np.ndarray
    visibility: np.ndarray
    depth: np.ndarray
    flow: np.ndarray
    occlusion: np.ndarray
    instance_map: np.ndarray
    texts: list[StreetText]
    relations: list[Relation]
    caption: str
    lighting: str
    glare: float
    contrast: float
    urgency: int
    focal_px: float
    camera_to_world: np.ndarray
