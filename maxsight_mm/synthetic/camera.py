"""The walking camera: a pinhole that moves forward with a slight bob and sway.

World axes: X right, Y up, Z forward along the street, in metres; the ground of
the pavement is Y = 0. Camera axes: x right, y down, z along the optical axis.
Pixel centres lie at whole coordinates, so the principal point is ((W - 1) / 2,
(H - 1) / 2). The walk is a closed form of time, which is why frame k of a clip
never depends on how many frames are asked for. Our design.
"""

import math
from dataclasses import dataclass

import numpy as np

STEP_RATE_HZ = 1.9


@dataclass(frozen=True)
class Camera:
    """A pinhole camera at one moment.

    Attributes:
        position: (3,) float64, world, metres.
        rotation: (3, 3) float64, takes world directions to camera directions.
        focal_px: Focal length in pixels, the same along both axes.
        height: Image height in pixels.
        width: Image width in pixels.
    """

    position: np.ndarray
    rotation: np.ndarray
    focal_px: float
    height: int
    width: int

    @property
    def centre_px(self) -> tuple[float, float]:
        """Principal point (x, y) in pixels."""
        return (self.width - 1) / 2, (self.height - 1) / 2

    @property
    def intrinsics(self) -> np.ndarray:
        """(3, 3) float64 pinhole matrix."""
        x, y = self.centre_px
        return np.array([[self.focal_px, 0, x], [0, self.focal_px, y], [0, 0, 1.0]])

    @property
    def camera_to_world(self) -> np.ndarray:
        """(4, 4) float64 pose: camera coordinates to world coordinates."""
        pose = np.eye(4)
        pose[:3, :3] = self.rotation.T
        pose[:3, 3] = self.position
        return pose

    def project(self, points: np.ndarray) -> np.ndarray:
        """(N, 3) world points to (N, 3) rows of x px, y px and depth in metres."""
        local = (np.asarray(points, float) - self.position) @ self.rotation.T
        x, y = self.centre_px
        depth = local[:, 2]
        safe = np.where(np.abs(depth) < 1e-6, 1e-6, depth)
        return np.stack(
            [
                self.focal_px * local[:, 0] / safe + x,
                self.focal_px * local[:, 1] / safe + y,
                depth,
            ],
            axis=1,
        )


@dataclass(frozen=True)
class Walk:
    """A straight walk along +Z with head bob and sway, as a function of time."""

    start_x_m: float
    eye_height_m: float
    speed_mps: float
    pitch_rad: float
    yaw_rad: float
    phase_rad: float
    bob_m: float = 0.025
    sway_rad: float = 0.02

    @classmethod
    def sample(cls, rng: np.random.Generator, start_x_m: float) -> 'Walk':
        """Draws a walker: 1.2-1.6 m/s, eyes at 1.4-1.7 m, looking slightly down."""
        return cls(
            start_x_m=start_x_m,
            eye_height_m=rng.uniform(1.4, 1.7),
            speed_mps=rng.uniform(1.2, 1.6),
            pitch_rad=math.radians(rng.uniform(3.0, 11.0)),
            yaw_rad=math.radians(rng.normal(0.0, 4.0)),
            phase_rad=rng.uniform(0, 2 * math.pi),
        )

    def camera_at(
        self, time_s: float, focal_px: float, height: int, width: int
    ) -> Camera:
        """The camera ``time_s`` seconds into the walk."""
        step = 2 * math.pi * STEP_RATE_HZ * time_s + self.phase_rad
        yaw = self.yaw_rad + self.sway_rad * math.sin(step / 2)
        pitch = self.pitch_rad + 0.2 * self.sway_rad * math.sin(step)
        forward = np.array(
            [
                math.sin(yaw) * math.cos(pitch),
                -math.sin(pitch),
                math.cos(yaw) * math.cos(pitch),
            ]
        )
        right = np.array([math.cos(yaw), 0.0, -math.sin(yaw)])
        up = np.cross(forward, right)
        return Camera(
            position=np.array(
                [
                    self.start_x_m + 0.5 * self.bob_m * math.sin(step / 2),
                    self.eye_height_m + self.bob_m * math.sin(step),
                    self.speed_mps * time_s,
                ]
            ),
            rotation=np.stack([right, -up, forward]),
            focal_px=focal_px,
            height=height,
            width=width,
        )
