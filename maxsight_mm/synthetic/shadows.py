"""Brightness of surfaces: the grain of ground and walls, and shadows on the ground.

Grain is fixed to the world's points, so it moves with the flow; it fades with
distance, where it would be finer than a pixel.
"""

import math

import cv2
import numpy as np

from .actor import Actor
from .camera import Camera
from .gbuffer import SUBPIXEL_BITS, View
from .layout import World
from .shape import disc

CELLS_PER_M = 24.0
FADE_M = 9.0
RANGE_M = 30.0
_CIRCLE = np.array(disc(0, 0, 1.0, points=10))


def texture(
    world: World,
    view: View,
    points: tuple[np.ndarray, np.ndarray, np.ndarray],
    grain: np.ndarray,
    time_s: float,
) -> np.ndarray:
    """(H, W) float32 brightness factors of the surfaces that pixels show.

    Args:
        world: The world.
        view: What the camera sees of it.
        points: Three (H, W) float32 maps of world X, Y, Z.
        grain: (256, 256) float32 factors that repeat.
        time_s: Time of the frame.
    """
    mesh = world.mesh
    x, y, z = points
    ranks = np.array([a.rank if a.name is None else 3 for a in mesh.actors] + [3])
    rank = ranks[mesh.surface_actor].astype(np.uint8).take(view.index)
    # Grain is soft enough to be looked up at half the resolution.
    half = [axis[::2, ::2] for axis in (x, y, z)]
    rough: np.ndarray = cv2.remap(
        grain,
        (half[0] + half[1]) * np.float32(CELLS_PER_M),
        (half[2] + np.float32(0.7) * half[1]) * np.float32(CELLS_PER_M),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    rough -= 1
    rough /= 1 + (half[2] * np.float32(1 / FADE_M)) ** 2
    height, width = view.surfaces.shape
    factors: np.ndarray = cv2.resize(rough, (width, height))
    factors *= rank < 3
    factors += 1
    lying = (rank < 2) | ((rank == 3) & (np.abs(y + np.float32(0.06)) < 0.07))
    shadow = _shadow(world, view, time_s)
    shadow[~lying] = 1
    factors *= shadow
    return factors


def _shadow(world: World, view: View, time_s: float) -> np.ndarray:
    """(H, W) float32 factors of the light that reaches the ground."""
    light, camera = world.light, view.camera
    dark = np.full((camera.height, camera.width), 255, np.uint8)
    azimuth, elevation = light.sun
    cast = light.name in ('day', 'dusk')
    length = min(1 / math.tan(elevation), 3.0) if cast else 0.0
    away = np.array([-math.sin(azimuth), -math.cos(azimuth)]) * length
    cast_shadows, contact_shadows = [], []
    for actor, (low, high) in zip(world.mesh.actors, world.mesh.bounds, strict=True):
        if not actor.shadow or actor.rank < 2:
            continue
        x, foot, z = actor.place_at(time_s)
        if not 0.6 < z + high[2] - camera.position[2] < RANGE_M:
            continue
        rim = _rim(actor, high - low, cast) + (low + high)[[0, 2]] / 2 + (x, z)
        contact_shadows.append((rim, foot))
        if cast:
            tall = float(high[1] - low[1]) * (0.8 if actor.shape.solid else 0.9)
            both = np.concatenate([rim, rim + away * tall]).astype(np.float32)
            cast_shadows.append((cv2.convexHull(both)[:, 0], foot))
    # Contact shadows are darker, so they are painted over the cast ones.
    _stamp(dark, cast_shadows, camera, 1 - light.shadow)
    _stamp(dark, contact_shadows, camera, 1 - min(0.35 + light.shadow, 0.6))
    soft: np.ndarray = cv2.blur(dark, (3, 3))
    return soft.astype(np.float32) * np.float32(1 / 255)


def _rim(actor: Actor, extent: np.ndarray, cast: bool) -> np.ndarray:
    """(n, 2) outline of an actor's foot about its middle, X and Z."""
    wide, deep = extent[[0, 2]] / 2
    wide, deep = max(wide * 1.06, 0.12), max(deep * 1.04, 0.16)
    if actor.shape.solid:
        return np.array([[-wide, -deep], [wide, -deep], [wide, deep], [-wide, deep]])
    if cast and actor.name in (None, 'pole', 'scaffold'):
        wide = min(wide, 0.3)
    return _CIRCLE * (wide, deep)


def _stamp(
    dark: np.ndarray,
    outlines: list[tuple[np.ndarray, float]],
    camera: Camera,
    level: float,
) -> None:
    """Fills outlines (n, 2) at their heights with one level of light."""
    if not outlines:
        return
    counts = [len(outline) for outline, _ in outlines]
    corners = np.empty((sum(counts), 3))
    corners[:, ::2] = np.concatenate([outline for outline, _ in outlines])
    corners[:, 1] = np.repeat([height + 0.003 for _, height in outlines], counts)
    eye = camera.project(corners)
    fixed = np.round(eye[:, :2].clip(-1e5, 1e5) * (1 << SUBPIXEL_BITS)).astype(np.int32)
    near = eye[:, 2] < 0.4
    start = 0
    for count in counts:
        own = slice(start, start + count)
        start += count
        if not near[own].any():
            cv2.fillConvexPoly(
                dark, fixed[own], int(255 * level), cv2.LINE_AA, SUBPIXEL_BITS
            )
