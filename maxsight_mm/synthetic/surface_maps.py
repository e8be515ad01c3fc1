"""Depth, optical flow and occlusion from the surface that each pixel shows.

With p = (x, y, 1), inverse depth w and the motion X -> L X + m of a part between
two frames, the pixel moves to A p + w b (homogeneous), where

    A = K R' L R^T K^-1        b = K R' (L C + m - C')

for camera rotations R, R' (world to camera) and positions C, C'. A third
component of A p + w b below one means that the point comes nearer. The formula
is exact, also for the sky (w = 0).
"""

import numpy as np

from .gbuffer import View
from .mesh import Mesh


class PixelGrid:
    """Pixel coordinates of an image size, kept to be used in every frame."""

    def __init__(self, height: int, width: int) -> None:
        self.y, self.x = np.mgrid[:height, :width].astype(np.float32)


def inverse_depth(view: View, grid: PixelGrid) -> np.ndarray:
    """(H, W) float32 1 / m along the optical axis; 0 for the sky."""
    k = view.planes.astype(np.float32)
    low, high = view.limits.astype(np.float32).T
    index = view.index
    value = k[:, 0].take(index) * grid.x
    value += k[:, 1].take(index) * grid.y
    value += k[:, 2].take(index)
    np.maximum(value, low.take(index), out=value)
    np.minimum(value, high.take(index), out=value)
    return value


def flow_and_occlusion(
    mesh: Mesh, now: View, then: View, inverse: np.ndarray, grid: PixelGrid
) -> tuple[np.ndarray, np.ndarray]:
    """Motion of every pixel to the next view, and which pixels it hides.

    Args:
        mesh: The world.
        now: This view.
        then: The next one.
        inverse: (H, W) float32 inverse depth of this view.
        grid: Pixel coordinates.

    Returns:
        flow: (H, W, 2) float32 pixels (x, y); points that leave far outside or
            pass behind the camera are clipped to twice the image's width.
        occlusion: (H, W) bool, True where the surface point is out of the next
            image or another surface lies on its pixel there.
    """
    turn, shift, swings = _part_motions(now, then)
    index = mesh.surface_part.take(now.index)
    x, y, w = _move(turn, shift.astype(np.float32), index, inverse, grid)
    bent = swings[index]
    if bent.any():
        rows, columns = np.nonzero(bent)
        x[rows, columns], y[rows, columns], w[rows, columns] = _move_each(
            now, then, index[rows, columns], rows, columns, inverse
        )
    ahead = w > 1e-3
    np.maximum(w, 1e-3, out=w)
    x /= w
    y /= w
    height, width = now.surfaces.shape
    column = np.rint(np.clip(x, -1, width)).astype(np.int32)
    row = np.rint(np.clip(y, -1, height)).astype(np.int32)
    visible = ahead & (x > -0.5) & (x < width - 0.5) & (y > -0.5) & (y < height - 0.5)
    where = np.clip(row, 0, height - 1) * width + np.clip(column, 0, width - 1)
    visible &= then.surfaces.ravel().take(where) == now.surfaces
    flow = np.empty((height, width, 2), np.float32)
    np.subtract(x, grid.x, out=flow[..., 0])
    np.subtract(y, grid.y, out=flow[..., 1])
    np.clip(flow, -2 * width, 2 * width, out=flow)
    return flow, ~visible


def _part_motions(now: View, then: View) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A of a translation, b of each translating part, and which parts do more."""
    k = now.camera.intrinsics
    turn = k @ then.camera.rotation @ now.camera.rotation.T @ np.linalg.inv(k)
    step = then.poses[:, :, 3] - now.poses[:, :, 3]
    shift = (step + now.camera.position - then.camera.position) @ (
        k @ then.camera.rotation
    ).T
    swings = np.abs(then.poses[:, :, :3] - now.poses[:, :, :3]).max((1, 2)) > 1e-9
    return turn, shift, swings


def _move(
    turn: np.ndarray,
    shift: np.ndarray,
    index: np.ndarray,
    inverse: np.ndarray,
    grid: PixelGrid,
) -> list[np.ndarray]:
    moved = []
    for row in range(3):
        a, b, c = (np.float32(v) for v in turn[row])
        value = shift[:, row].take(index)
        value *= inverse
        value += a * grid.x
        value += b * grid.y + c
        moved.append(value)
    return moved


def _move_each(
    now: View,
    then: View,
    parts: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    inverse: np.ndarray,
) -> np.ndarray:
    """Homogeneous places of the pixels of parts that swing: (3, N) float32."""
    used, which = np.unique(parts, return_inverse=True)
    k = now.camera.intrinsics
    linear = then.poses[used, :, :3] @ np.linalg.inv(now.poses[used, :, :3])
    offset = then.poses[used, :, 3] - np.einsum(
        'pij,pj->pi', linear, now.poses[used, :, 3]
    )
    ahead = k @ then.camera.rotation
    a = ahead @ linear @ now.camera.rotation.T @ np.linalg.inv(k)
    b = (linear @ now.camera.position + offset - then.camera.position) @ ahead.T
    pixels = np.stack([columns, rows, np.ones_like(rows)], axis=1)
    moved = np.einsum('nij,nj->ni', a[which], pixels)
    moved += b[which] * inverse[rows, columns][:, None]
    return moved.T.astype(np.float32)


def depth_from_inverse(inverse: np.ndarray, far_m: float) -> np.ndarray:
    """(H, W) float32 metres along the optical axis, the sky and beyond at far_m."""
    return 1 / np.maximum(inverse, np.float32(1 / far_m))
