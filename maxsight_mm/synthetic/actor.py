"""An actor: a shape with a place, a motion and, if it is to be found, a name.

Positions are closed forms of time (constant velocity, limbs that swing like a
pendulum), so any frame can be drawn without those before it. Our design.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .shape import Shape

HEAD_CLEARANCE_M = 2.0


@dataclass(frozen=True)
class Limb:
    """A part that swings about a pivot in its card, or shortens towards it.

    Attributes:
        part: Index of the part in the shape.
        pivot: (x, y) in metres on the card.
        amplitude: Radians of swing, or the share of length lost in a stride.
        phase_rad: Phase at time 0.
        rate_hz: Full swings a second.
        stride: Seen from the front a limb gets shorter instead of turning.
    """

    part: int
    pivot: tuple[float, float]
    amplitude: float
    phase_rad: float
    rate_hz: float
    stride: bool = False

    def pose(self, time_s: float) -> np.ndarray:
        """(3, 4) float64 affine motion of the part within the actor's frame."""
        angle = math.sin(2 * math.pi * self.rate_hz * time_s + self.phase_rad)
        x, y = self.pivot
        pose = np.eye(3, 4)
        if self.stride:
            scale = 1 - self.amplitude * (0.5 + 0.5 * angle)
            pose[1, 1] = scale
            pose[1, 3] = y - scale * y
            return pose
        c, s = math.cos(self.amplitude * angle), math.sin(self.amplitude * angle)
        pose[:2, :2] = [[c, -s], [s, c]]
        pose[:2, 3] = [x - c * x + s * y, y - s * x - c * y]
        return pose


@dataclass
class Actor:
    """One thing in the world.

    Attributes:
        name: Class name, or None for scenery that carries no label.
        shape: What it looks like in its own frame.
        position: World (X, Y, Z) of its frame's origin at time 0, metres.
        yaw_rad: Turn about Y; 0 keeps local z along the street.
        velocity: World (X, Z) metres per second.
        limbs: Parts that swing.
        flat: Whether one walks over it without touching it.
        text: Words on it, or ''.
        text_quad: (4, 3) corners of the words in its frame: top left, top right,
            bottom right, bottom left, or None.
        text_ink: BGR of the words.
        shadow: Whether it throws a shadow on the ground.
        rank: Painting class: 0 ground, 1 things lying on it, 2 what stands.
    """

    name: str | None
    shape: Shape
    position: tuple[float, float, float]
    yaw_rad: float = 0.0
    velocity: tuple[float, float] = (0.0, 0.0)
    limbs: list[Limb] = field(default_factory=list)
    flat: bool = False
    text: str = ''
    text_quad: list[tuple[float, float, float]] | None = None
    text_ink: tuple[int, int, int] = (20, 20, 20)
    shadow: bool = True
    rank: int = 2

    @property
    def moving(self) -> bool:
        """Whether it changes its place."""
        return self.velocity != (0.0, 0.0)

    @cached_property
    def turned_vertices(self) -> np.ndarray:
        """(V, 3) float64 vertices at rest, turned into world axes."""
        vertices = np.array(self.shape.vertices, float)
        vertices[:, 1] += self.position[1]
        if self.yaw_rad:
            x, z = vertices[:, 0].copy(), vertices[:, 2].copy()
            c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
            vertices[:, 0] = c * x + s * z
            vertices[:, 2] = c * z - s * x
        return vertices

    @cached_property
    def bounds(self) -> np.ndarray:
        """(2, 3) float64 lowest and highest X, Y, Z about its origin."""
        vertices = self.turned_vertices
        return np.stack([vertices.min(0), vertices.max(0)])

    @cached_property
    def contact_bounds(self) -> np.ndarray | None:
        """As ``bounds`` for what a walker can hit; None if all is overhead."""
        low = self.turned_vertices[self.turned_vertices[:, 1] < HEAD_CLEARANCE_M]
        return np.stack([low.min(0), low.max(0)]) if len(low) else None

    @property
    def speed_mps(self) -> float:
        """Speed over the ground in metres per second."""
        return math.hypot(*self.velocity)

    def place_at(self, time_s: float) -> tuple[float, float, float]:
        """World (X, Y, Z) of its origin at a time."""
        x, y, z = self.position
        vx, vz = self.velocity
        return x + vx * time_s, y, z + vz * time_s

    def poses_at(self, time_s: float) -> np.ndarray:
        """(parts, 3, 4) float64 local-to-world motions of its parts."""
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        base = np.array([[c, 0, s, 0], [0, 1, 0, 0], [-s, 0, c, 0]], float)
        base[:, 3] = self.place_at(time_s)
        poses = np.repeat(base[None], self.shape.num_parts, axis=0)
        for limb in self.limbs:
            local = limb.pose(time_s)
            poses[limb.part, :, :3] = base[:, :3] @ local[:, :3]
            poses[limb.part, :, 3] = base[:, :3] @ local[:, 3] + base[:, 3]
        return poses
