"""Words on signs: drawn flat once, then laid onto their quad in the picture."""

from functools import lru_cache

import cv2
import numpy as np

from .gbuffer import View
from .mesh import Mesh
from .street_frame import StreetText

MIN_HEIGHT_PX = 5.0
MIN_VISIBILITY = 0.75


@lru_cache(maxsize=256)
def _letters(text: str) -> np.ndarray:
    """(h, w) uint8 coverage of the words, without margins."""
    font, size, weight = cv2.FONT_HERSHEY_DUPLEX, 1.2, 3
    (width, height), base = cv2.getTextSize(text, font, size, weight)
    board = np.zeros((height + base + 8, width + 8), np.uint8)
    cv2.putText(board, text, (4, height + 4), font, size, 255, weight, cv2.LINE_AA)
    rows = np.flatnonzero(board.any(1))
    columns = np.flatnonzero(board.any(0))
    return board[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def write(
    mesh: Mesh, view: View, image: np.ndarray
) -> list[tuple[int, str, np.ndarray]]:
    """Writes the words of all actors into a painted image.

    Args:
        mesh: The world.
        view: What the camera sees of it.
        image: (H, W, 3) uint8 BGR, changed in place.

    Returns:
        (actor, words, quad (4, 2) float32) of the words that can be read: at
        least ``MIN_HEIGHT_PX`` high, wholly in the image, and at least three
        quarters of the quad's pixels show their actor.
    """
    written = []
    height, width = view.surfaces.shape
    for index, actor in enumerate(mesh.actors):
        if not actor.text or actor.text_quad is None:
            continue
        pose = view.poses[mesh.first_parts[index]]
        corners = np.array(actor.text_quad) @ pose[:, :3].T + pose[:, 3]
        eye = view.camera.project(corners)
        if eye[:, 2].min() < 0.5:
            continue
        quad = eye[:, :2].astype(np.float32)
        sides = quad[[3, 2]] - quad[[0, 1]]
        x0, y0 = np.maximum(np.floor(quad.min(0)).astype(int), 0)
        x1, y1 = np.minimum(np.ceil(quad.max(0)).astype(int) + 1, (width, height))
        # Seen from behind, the words would run the other way round.
        if x1 <= x0 or y1 <= y0 or quad[1, 0] <= quad[0, 0]:
            continue
        letters = _letters(actor.text)
        h, w = letters.shape
        flat = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
        warp = cv2.getPerspectiveTransform(flat, quad - np.array([x0, y0], np.float32))
        cover = cv2.warpPerspective(
            letters, warp, (int(x1 - x0), int(y1 - y0)), flags=cv2.INTER_LINEAR
        )
        shown = mesh.surface_actor[view.index[y0:y1, x0:x1]] == index
        share = (cover * shown).astype(np.float32)[..., None] / 255
        patch = image[y0:y1, x0:x1]
        patch[:] = patch + share * (np.array(actor.text_ink, np.float32) - patch)
        whole = (quad >= 0).all() and (quad <= (width - 1, height - 1)).all()
        large = np.linalg.norm(sides, axis=1).min() >= MIN_HEIGHT_PX
        inked = shown[cover > 0]
        if whole and large and inked.size and inked.mean() >= MIN_VISIBILITY:
            written.append((index, actor.text, quad))
    return written


def texts_of(
    written: list[tuple[int, str, np.ndarray]], objects: dict[int, int]
) -> list[StreetText]:
    """Frame texts, with ``objects`` mapping actors to object indices."""
    return [
        StreetText(text, quad, objects.get(actor, -1)) for actor, text, quad in written
    ]
