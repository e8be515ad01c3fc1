"""The street world: what a walking camera sees of a street, with exact labels.

A seed draws a street with its light, furniture, people and traffic. Everything
is a plane, so every label follows from geometry instead of being estimated:
boxes, distances, depth, optical flow, occlusion, time to contact, urgency,
relations. See
``docs/street_world.md``.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ..taxonomy import by_name
from . import lettering, shadows
from .actor import Actor
from .camera import Camera
from .gbuffer import View, paint
from .layout import World, compose
from .lighting import LIGHTINGS, expose, sky
from .object_labels import label_objects
from .relations import PREDICATES, Extent, describe, relate
from .street_coco import to_coco
from .street_frame import StreetFrame, StreetText
from .street_sound import SAMPLE_RATE_HZ, SOUND_LABELS, SoundEvent, render_sound
from .surface_maps import (
    PixelGrid,
    depth_from_inverse,
    flow_and_occlusion,
    inverse_depth,
)

STREET_CLASSES = (
    'person',
    'bicycle',
    'car',
    'motorcycle',
    'bus',
    'truck',
    'traffic light',
    'fire hydrant',
    'stop sign',
    'bench',
    'dog',
    'street sign',
    'door',
    'stairs up',
    'stairs down',
    'kerb',
    'bollard',
    'pole',
    'crosswalk',
    'open manhole',
    'low branch',
    'scaffold',
    'wet floor sign',
    'trash bin',
)
for _name in STREET_CLASSES:
    by_name(_name)

__all__ = [
    'LIGHTINGS',
    'PREDICATES',
    'SAMPLE_RATE_HZ',
    'SOUND_LABELS',
    'STREET_CLASSES',
    'SoundEvent',
    'StreetConfig',
    'StreetFrame',
    'StreetText',
    'StreetWorld',
    'to_coco',
]


@dataclass(frozen=True)
class StreetConfig:
    """Settings of a street world.

    Attributes:
        height: Image height in pixels, at least 64.
        width: Image width in pixels, at least 64.
        fps: Frames a second of a clip.
        hfov_deg: Horizontal field of view in degrees.
        max_objects: Most labelled things in a world.
        far_m: Depth given to the sky, and the greatest depth of all.

    Raises:
        ValueError: If a setting is out of its range.
    """

    height: int = 240
    width: int = 320
    fps: float = 8.0
    hfov_deg: float = 66.0
    max_objects: int = 24
    far_m: float = 100.0

    def __post_init__(self) -> None:
        limits = {
            'height': (64, 4096),
            'width': (64, 4096),
            'fps': (0.5, 240),
            'hfov_deg': (20, 120),
            'max_objects': (0, 200),
            'far_m': (10, 10_000),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            whole = isinstance(low, int) and name in ('height', 'width', 'max_objects')
            if isinstance(value, bool) or not isinstance(
                value, int if whole else (int, float)
            ):
                kind = 'an integer' if whole else 'a number'
                raise ValueError(f'{name} must be {kind}, got {value!r}')
            if not low <= value <= high:
                raise ValueError(f'{name} must be {low} to {high}, got {value!r}')

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return self.width / 2 / math.tan(math.radians(self.hfov_deg) / 2)


class StreetWorld:
    """Street scenes by seed; the same seed gives the same scene, bit by bit."""

    def __init__(self, config: StreetConfig | None = None) -> None:
        self.config = config or StreetConfig()
        self._grid = PixelGrid(self.config.height, self.config.width)
        rng = np.random.default_rng(1)
        self._noise = rng.normal(
            0, 2.2, (self.config.height + 64, self.config.width + 64)
        )
        self._noise = self._noise.astype(np.float32)
        self._grain = _grain(rng)
        # Until a large block has been freed once, glibc returns every freed map of
        # an image's size to the system, and the next one costs its page faults.
        np.empty(24 << 20, np.uint8)

    def clip(self, seed: int, num_frames: int = 8) -> list[StreetFrame]:
        """Consecutive frames of the world of ``seed``.

        Frame k is the same however many frames are asked for.

        Raises:
            ValueError: If ``num_frames`` is below 1 or the seed is negative.
        """
        if num_frames < 1:
            raise ValueError(f'num_frames must be >= 1, got {num_frames!r}')
        world = self._world(seed)
        frames = []
        for k in range(num_frames):
            camera = self._camera(world, k)
            image = sky(world.light, camera)
            view = paint(world.mesh, k / self.config.fps, camera, image)
            following = self._unpainted(world, k + 1)
            frames.append(self._label(world, seed, k, view, following, image))
        return frames

    def frame(self, seed: int) -> StreetFrame:
        """The first frame of the world of ``seed``."""
        return self.clip(seed, 1)[0]

    def sound(
        self, seed: int, duration_s: float = 1.0
    ) -> tuple[np.ndarray, list[SoundEvent]]:
        """What is heard in the world of ``seed``, from its first frame on.

        Returns:
            (2, n) float32 left and right at 16 kHz in [-1, 1], and the events.

        Raises:
            ValueError: If ``duration_s`` is not within 0.1 to 60 s.
        """
        world = self._world(seed)
        return render_sound(np.random.default_rng([seed, 1]), world.actors, duration_s)

    def _world(self, seed: int) -> World:
        if seed < 0:
            raise ValueError(f'seed must be >= 0, got {seed!r}')
        return compose(np.random.default_rng([seed, 0]), self.config.max_objects)

    def _camera(self, world: World, k: int) -> Camera:
        c = self.config
        return world.walk.camera_at(k / c.fps, c.focal_px, c.height, c.width)

    def _unpainted(self, world: World, k: int) -> View:
        """What is seen in frame k, without its colours."""
        return paint(world.mesh, k / self.config.fps, self._camera(world, k))

    def _label(
        self,
        world: World,
        seed: int,
        k: int,
        view: View,
        following: View,
        painted: np.ndarray,
    ) -> StreetFrame:
        mesh, camera, time_s = world.mesh, view.camera, k / self.config.fps
        inverse = inverse_depth(view, self._grid)
        flow, occlusion = flow_and_occlusion(mesh, view, following, inverse, self._grid)
        depth = depth_from_inverse(inverse, self.config.far_m)
        points = self._points(camera, depth)
        words = lettering.write(mesh, view, painted)
        texture = shadows.texture(world, view, points, self._grain, time_s)
        image, glare = expose(
            painted,
            mesh.surface_glow.take(view.index),
            inverse,
            world.light,
            camera,
            texture,
            world.lamps,
            points,
            self._sensor_noise(seed, k),
        )
        labels, instance_map = label_objects(
            mesh, view, time_s, world.walk.speed_mps, points, image
        )
        actors = [mesh.actors[label.actor] for label in labels]
        extents = [
            _extent(label.name, actor, mesh.bounds[label.actor], time_s, camera)
            for label, actor in zip(labels, actors, strict=True)
        ]
        distances = np.array([label.distance_m for label in labels], np.float32)
        urgencies = np.array([label.urgency for label in labels], np.int64)
        moving = np.array([actor.moving for actor in actors], bool)
        numbers = {label.actor: i for i, label in enumerate(labels)}
        return StreetFrame(
            image=image,
            boxes=np.array([x.box for x in labels], np.float32).reshape(-1, 4),
            names=[label.name for label in labels],
            track_ids=np.array([x.actor for x in labels], np.int64),
            distances_m=distances,
            zones=np.array([x.zone for x in labels], np.int64),
            moving=moving,
            urgencies=urgencies,
            findability=np.array([x.findability for x in labels], np.float32),
            time_to_contact_s=np.array(
                [x.time_to_contact_s for x in labels], np.float32
            ),
            visibility=np.array([x.visibility for x in labels], np.float32),
            depth=depth,
            flow=flow,
            occlusion=occlusion,
            instance_map=instance_map,
            texts=lettering.texts_of(words, numbers),
            relations=relate(extents),
            caption=describe(world.light.name, extents, distances, urgencies, moving),
            lighting=world.light.name,
            glare=glare,
            contrast=_contrast(image),
            urgency=int(urgencies.max(initial=0)),
            focal_px=camera.focal_px,
            camera_to_world=camera.camera_to_world,
        )

    def _points(
        self, camera: Camera, depth: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """World X, Y, Z of every pixel's surface point, (H, W) float32 each."""
        to_world = camera.rotation.T @ np.linalg.inv(camera.intrinsics)
        points = []
        for row in range(3):
            a, b, c = (np.float32(v) for v in to_world[row])
            ray = a * self._grid.x
            ray += b * self._grid.y + c
            ray *= depth
            ray += np.float32(camera.position[row])
            points.append(ray)
        return points[0], points[1], points[2]

    def _sensor_noise(self, seed: int, k: int) -> np.ndarray:
        rng = np.random.default_rng([seed, 2, k])
        y, x = rng.integers(0, 64, 2)
        return self._noise[y : y + self.config.height, x : x + self.config.width]


def _extent(
    name: str, actor: Actor, bounds: np.ndarray, time_s: float, camera: Camera
) -> Extent:
    """Place of an actor relative to the camera's foot."""
    x, _, z = actor.place_at(time_s)
    eye_x, _, eye_z = camera.position.tolist()
    (x0, y0, z0), (x1, y1, z1) = bounds.tolist()
    dx, dz = x - eye_x, z - eye_z
    return Extent(name, (x0 + dx, y0, z0 + dz), (x1 + dx, y1, z1 + dz))


def _contrast(image: np.ndarray) -> float:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return float(min(cv2.meanStdDev(grey)[1][0, 0] / 127.5, 1.0))


def _grain(rng: np.random.Generator) -> np.ndarray:
    """(256, 256) float32 factors about 1: a rough surface that repeats."""
    grain = np.ones((256, 256), np.float32)
    for size, strength in ((16, 0.035), (64, 0.03), (256, 0.035)):
        cells = rng.normal(0, strength, (size, size)).astype(np.float32)
        tiled = np.tile(cells, (3, 3))
        wide: np.ndarray = cv2.resize(tiled, (768, 768), interpolation=cv2.INTER_CUBIC)
        grain += wide[256:512, 256:512]
    return grain
