"""Paints a world of planes: colour, and the surface that each pixel shows.

Polygons are painted from far to near. Which surface a pixel shows is all that is
kept beside its colour: inverse depth is affine in the pixel on every plane, so
depth and motion follow from small tables (``surface_maps.py``). Our design.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .camera import Camera
from .mesh import SKY, Mesh

NEAR_M = 0.3
SUBPIXEL_BITS = 4


@dataclass
class View:
    """A mesh as one camera sees it at one time.

    Attributes:
        camera: The camera.
        poses: (parts, 3, 4) float64 local-to-world.
        surfaces: (H, W) int32 index of the visible surface.
        planes: (S, 3) float64: inverse depth = k0 x + k1 y + k2 in pixels.
        limits: (S, 2) float64 least and greatest inverse depth of each surface.
        index: The same as intp, for look-ups in tables.
        windows: (actors, 4) int64 x0, y0, x1, y1 around each actor in the image.
        full_areas_px: (actors,) pixels in the image before anything covers them.
    """

    camera: Camera
    poses: np.ndarray
    surfaces: np.ndarray
    index: np.ndarray
    planes: np.ndarray
    limits: np.ndarray
    windows: np.ndarray
    full_areas_px: np.ndarray


def paint(
    mesh: Mesh,
    time_s: float,
    camera: Camera,
    image: np.ndarray | None = None,
) -> View:
    """Paints the mesh; ``image`` (H, W, 3) uint8 BGR is drawn into if given."""
    poses = mesh.poses_at(time_s)
    to_camera = camera.rotation @ poses
    to_camera[:, :, 3] -= camera.rotation @ camera.position
    points = np.einsum('vij,vj->vi', to_camera[mesh.vertex_part, :, :3], mesh.vertices)
    points += to_camera[mesh.vertex_part, :, 3]
    planes, seen = _planes(mesh, points, to_camera, camera)
    depth = points[:, 2]
    focal, (cx, cy) = camera.focal_px, camera.centre_px
    scale = focal / np.maximum(depth, NEAR_M)
    pixels = np.stack([points[:, 0] * scale + cx, points[:, 1] * scale + cy], axis=1)
    heads = mesh.starts[:-1]
    least = np.minimum.reduceat(depth, heads)
    greatest = np.maximum.reduceat(depth, heads)
    low = np.minimum.reduceat(pixels, heads)
    high = np.maximum.reduceat(pixels, heads)
    shown = seen[mesh.polygon_surface] & (greatest > NEAR_M)
    size = np.array([camera.width, camera.height])
    inside = ((high > -1) & (low < size)).all(1)
    crossing = least < NEAR_M
    shown &= crossing | (inside & ((high - low).max(1) > 0.6))
    limits = _limits(mesh, least, greatest)
    windows = _windows(mesh, low, high, crossing, size)
    fixed = np.round(pixels * (1 << SUBPIXEL_BITS)).astype(np.int32)

    order = _painting_order(mesh, time_s, camera, 1 / limits[1:, 0])
    order = order[shown[order]]
    surfaces = np.full((camera.height, camera.width), SKY, np.int32)
    areas = np.zeros(len(mesh.actors), np.int64)
    starts, colours, detail = mesh.starts.tolist(), mesh.colours, mesh.detail
    owner = mesh.polygon_actor.tolist()
    owned = mesh.polygon_surface.tolist()
    clip = mesh.clip.tolist()
    crosses = crossing.tolist()
    current = -1
    fill = cv2.fillConvexPoly
    for p in order.tolist():
        if owner[p] != current:
            _count(mesh, surfaces, current, windows, areas)
            current = owner[p]
        polygon = fixed[starts[p] : starts[p + 1]]
        if crosses[p] or clip[p] >= 0:
            cut = _clipped(mesh, p, points, camera)
            if cut is None:
                continue
            polygon = cut
        if image is not None:
            fill(image, polygon, colours[p], cv2.LINE_AA, SUBPIXEL_BITS)
        if not detail[p]:
            fill(surfaces, polygon, owned[p], cv2.LINE_8, SUBPIXEL_BITS)
    _count(mesh, surfaces, current, windows, areas)
    index = surfaces.astype(np.intp)
    return View(camera, poses, surfaces, index, planes, limits, windows, areas)


def _planes(
    mesh: Mesh, points: np.ndarray, to_camera: np.ndarray, camera: Camera
) -> tuple[np.ndarray, np.ndarray]:
    head = mesh.surface_vertex
    origin = points[head]
    normal = np.cross(points[head + 1] - origin, points[head + 2] - origin)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    offset = (normal * origin).sum(1)
    poses = to_camera[mesh.surface_part]
    inside = np.einsum('sij,sj->si', poses[:, :, :3], mesh.surface_inside)
    inside += poses[:, :, 3]
    outward = np.sign((normal * (origin - inside)).sum(1))
    edge_on = np.abs(offset) < 4e-3 * np.linalg.norm(origin, axis=1)
    seen = ~edge_on & ~(outward * offset >= 0)
    offset = np.where(np.abs(offset) < 1e-6, 1e-6, offset)
    k = normal / offset[:, None]
    cx, cy = camera.centre_px
    planes = np.stack(
        [
            k[:, 0] / camera.focal_px,
            k[:, 1] / camera.focal_px,
            k[:, 2] - (k[:, 0] * cx + k[:, 1] * cy) / camera.focal_px,
        ],
        axis=1,
    )
    planes[SKY] = 0
    seen[SKY] = True
    return planes, seen


def _limits(mesh: Mesh, least: np.ndarray, greatest: np.ndarray) -> np.ndarray:
    limits = np.zeros((len(mesh.surface_part), 2))
    nearest = np.full(len(limits), np.inf)
    farthest = np.full(len(limits), NEAR_M)
    np.minimum.at(nearest, mesh.polygon_surface, least)
    np.maximum.at(farthest, mesh.polygon_surface, greatest)
    limits[:, 0] = 1 / farthest
    limits[:, 1] = 1 / np.maximum(nearest, NEAR_M)
    limits[SKY] = 0
    return limits


def _painting_order(
    mesh: Mesh, time_s: float, camera: Camera, farthest_m: np.ndarray
) -> np.ndarray:
    """Polygon indices from far to near.

    Footprints are boxes along the world's axes, so two that do not overlap are
    parted by a line along one axis; the one on the camera's side is in front.
    """
    places = np.array([actor.place_at(time_s) for actor in mesh.actors])
    bounds = mesh.bounds
    low = (places + bounds[:, 0])[:, [0, 2]]
    high = (places + bounds[:, 1])[:, [0, 2]]
    eye = camera.position[[0, 2]]
    middle = (low + high) / 2
    # behind[a, b]: a is painted before b
    behind = middle[:, None, 1] > middle[None, :, 1]
    for axis in (0, 1):
        apart = low[:, None, axis] >= high[None, :, axis] - 1e-3
        near = eye[axis] < (low[:, None, axis] + high[None, :, axis]) / 2
        behind = np.where(apart, near, behind)
        behind = np.where(apart.T, ~near.T, behind)
    ranks = np.array([actor.rank for actor in mesh.actors])
    behind = np.where(ranks[:, None] == ranks, behind, ranks[:, None] < ranks)
    place = np.argsort(np.argsort(-behind.sum(1), kind='stable'), kind='stable')
    farthest = np.where(mesh.sorted_surface[1:], farthest_m, 0.0)
    inner = -farthest[mesh.surface_base[mesh.polygon_surface] - 1]
    return np.lexsort((inner, place[mesh.polygon_actor]))


def _windows(
    mesh: Mesh,
    low: np.ndarray,
    high: np.ndarray,
    crossing: np.ndarray,
    size: np.ndarray,
) -> np.ndarray:
    """(actors, 4) image windows; all of it where an actor comes too near."""
    low = np.where(crossing[:, None], 0, low)
    high = np.where(crossing[:, None], size, high)
    first = np.searchsorted(mesh.polygon_actor, np.arange(len(mesh.actors)))
    corner = np.minimum.reduceat(low, first).clip(0, size) - 1
    opposite = np.maximum.reduceat(high, first).clip(0, size) + 3
    windows = np.concatenate([corner, opposite], axis=1).astype(np.int64)
    return np.clip(windows, 0, np.tile(size, 2))


def _count(
    mesh: Mesh, surfaces: np.ndarray, actor: int, windows: np.ndarray, areas: np.ndarray
) -> None:
    """Counts the pixels of an actor that has just been painted."""
    if actor < 0 or not mesh.actors[actor].name:
        return
    first, last = mesh.actor_surfaces[actor], mesh.actor_surfaces[actor + 1]
    x0, y0, x1, y1 = windows[actor]
    region = surfaces[y0:y1, x0:x1]
    areas[actor] = np.count_nonzero((region >= first) & (region < last))


def _clipped(
    mesh: Mesh, polygon: int, points: np.ndarray, camera: Camera
) -> np.ndarray | None:
    """A polygon cut at the near plane and by the opening it is seen through."""
    corners = _project(mesh, polygon, points, camera)
    rim = mesh.clip[polygon]
    if rim >= 0 and corners:
        corners = _within(corners, _project(mesh, rim, points, camera))
    if len(corners) < 3:
        return None
    return np.round(np.array(corners) * (1 << SUBPIXEL_BITS)).astype(np.int32)


def _project(
    mesh: Mesh, polygon: int, points: np.ndarray, camera: Camera
) -> list[tuple[float, float]]:
    corners = points[mesh.starts[polygon] : mesh.starts[polygon + 1]].tolist()
    focal, (cx, cy) = camera.focal_px, camera.centre_px
    kept = []
    x0, y0, z0 = corners[-1]
    for x, y, z in corners:
        if (z >= NEAR_M) != (z0 >= NEAR_M):
            share = (NEAR_M - z0) / (z - z0)
            at = x0 + share * (x - x0), y0 + share * (y - y0)
            kept.append((focal * at[0] / NEAR_M + cx, focal * at[1] / NEAR_M + cy))
        if z >= NEAR_M:
            kept.append((focal * x / z + cx, focal * y / z + cy))
        x0, y0, z0 = x, y, z
    return kept


def _within(
    corners: list[tuple[float, float]], window: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """The part of a polygon inside a convex window (Sutherland-Hodgman)."""
    area = 0.0
    for (ax, ay), (bx, by) in zip(window, window[1:] + window[:1], strict=True):
        area += ax * by - bx * ay
    turn = 1.0 if area > 0 else -1.0
    for (ax, ay), (bx, by) in zip(window, window[1:] + window[:1], strict=True):
        sides = [
            turn * ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) for x, y in corners
        ]
        kept = []
        for k, here in enumerate(corners):
            before, side, side_before = corners[k - 1], sides[k], sides[k - 1]
            if (side >= 0) != (side_before >= 0):
                share = side_before / (side_before - side)
                kept.append(
                    (
                        before[0] + share * (here[0] - before[0]),
                        before[1] + share * (here[1] - before[1]),
                    )
                )
            if side >= 0:
                kept.append(here)
        corners = kept
        if not corners:
            break
    return corners
