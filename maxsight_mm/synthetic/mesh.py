"""All polygons of a world in flat arrays, so that a frame needs few numpy calls."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .actor import Actor
from .shape import Colour, Point

SKY = 0  # index of the surface that is infinitely far away


@dataclass(frozen=True)
class Mesh:
    """All polygons of a world in flat arrays; surface 0 and part 0 are the sky.

    Attributes:
        actors: The actors, in the order of their indices.
        vertices: (V, 3) float32, in the frames of their parts.
        vertex_part: (V,) int64.
        starts: (P + 1,) int64, first vertex of each polygon.
        polygon_surface: (P,) int64.
        polygon_actor: (P,) int64.
        colours: P tuples (b, g, r).
        detail: P bools: colour only.
        clip: (P,) int64 polygon through which it is seen, or -1.
        surface_part: (S,) int64.
        surface_actor: (S,) int64, -1 for the sky.
        surface_vertex: (S,) int64, first of three vertices that span it.
        surface_inside: (S, 3) float64, a point behind it, nan where two-sided.
        surface_base: (S,) int64, itself, or the surface whose plane it glows on.
        surface_glow: (S,) float32, share of its colour that needs no light.
        sorted_surface: (S,) bool, whether it is a face of a solid.
    """

    actors: Sequence[Actor]
    vertices: np.ndarray
    vertex_part: np.ndarray
    starts: np.ndarray
    polygon_surface: np.ndarray
    polygon_actor: np.ndarray
    colours: list[Colour]
    detail: list[bool]
    clip: np.ndarray
    surface_part: np.ndarray
    surface_actor: np.ndarray
    surface_vertex: np.ndarray
    surface_inside: np.ndarray
    surface_base: np.ndarray
    surface_glow: np.ndarray
    sorted_surface: np.ndarray

    @classmethod
    def build(cls, actors: Sequence[Actor]) -> 'Mesh':
        """Joins the shapes of ``actors``."""
        vertices: list[Point] = []
        counts: list[int] = []
        surfaces: list[int] = []
        colours: list[Colour] = []
        detail: list[bool] = []
        clip: list[int] = []
        owners: list[int] = []
        parts, heads, solids = [0], [0], [False]
        insides: list[Point | None] = [None]
        surface_owner, bases, glows = [-1], [0], [255]
        first_part = 1
        for index, actor in enumerate(actors):
            shape = actor.shape
            first_surface, first_polygon = len(parts), len(counts)
            parts.extend([first_part + part for part in shape.surface_part])
            heads.extend([len(vertices) + v for v in shape.surface_first_vertex])
            insides.extend(shape.surface_inside)
            bases.extend([first_surface + s for s in shape.surface_base])
            glows.extend(shape.surface_glow)
            solids.extend([shape.solid] * len(shape.surface_part))
            surface_owner.extend([index] * len(shape.surface_part))
            vertices.extend(shape.vertices)
            counts.extend(shape.vertex_counts)
            surfaces.extend([first_surface + s for s in shape.polygon_surface])
            colours.extend(shape.colours)
            detail.extend(shape.detail)
            clip.extend([c + first_polygon if c >= 0 else -1 for c in shape.clip])
            owners.extend([index] * len(shape.vertex_counts))
            first_part += shape.num_parts
        starts = np.concatenate([[0], np.cumsum(counts)])
        polygon_surface = np.array(surfaces)
        surface_part = np.array(parts)
        nowhere = (np.nan, np.nan, np.nan)
        return cls(
            actors=actors,
            vertices=np.array(vertices, np.float32),
            vertex_part=np.repeat(surface_part[polygon_surface], counts),
            starts=starts,
            polygon_surface=polygon_surface,
            polygon_actor=np.array(owners),
            colours=colours,
            detail=detail,
            clip=np.array(clip),
            surface_part=surface_part,
            surface_actor=np.array(surface_owner),
            surface_vertex=np.array(heads),
            surface_inside=np.array([p or nowhere for p in insides]),
            surface_base=np.array(bases),
            surface_glow=np.array(glows, np.float32) / 255,
            sorted_surface=np.array(solids),
        )

    @cached_property
    def bounds(self) -> np.ndarray:
        """(actors, 2, 3) float64 lowest and highest X, Y, Z about each origin.

        A box about the turned box of its vertices: exact for quarter turns.
        """
        first = self.starts[
            np.searchsorted(self.polygon_actor, range(len(self.actors)))
        ]
        low = np.minimum.reduceat(self.vertices, first).astype(float)
        high = np.maximum.reduceat(self.vertices, first).astype(float)
        yaw = np.array([actor.yaw_rad for actor in self.actors])[:, None]
        height = np.array([actor.position[1] for actor in self.actors])[:, None]
        c, s = np.cos(yaw), np.sin(yaw)
        corners = np.concatenate([low, high], axis=1)
        x, z = corners[:, [0, 0, 3, 3]], corners[:, [2, 5, 2, 5]]
        turned_x, turned_z = c * x + s * z, c * z - s * x
        y = corners[:, [1, 4]] + height
        return np.stack(
            [
                np.stack([turned_x.min(1), y[:, 0], turned_z.min(1)], axis=1),
                np.stack([turned_x.max(1), y[:, 1], turned_z.max(1)], axis=1),
            ],
            axis=1,
        )

    @cached_property
    def actor_surfaces(self) -> np.ndarray:
        """(actors + 1,) int64 first surface of each actor, and their number."""
        return np.searchsorted(self.surface_actor, np.arange(len(self.actors) + 1))

    @cached_property
    def _poses_at_rest(self) -> np.ndarray:
        poses = [actor.poses_at(0.0) for actor in self.actors]
        return np.concatenate([np.eye(3, 4)[None], *poses])

    @cached_property
    def first_parts(self) -> list[int]:
        """First part of each actor; the sky has part 0."""
        counts = [actor.shape.num_parts for actor in self.actors]
        return list(itertools.accumulate(counts[:-1], initial=1))

    def poses_at(self, time_s: float) -> np.ndarray:
        """(parts, 3, 4) float64 motions of all parts; the sky's is the identity."""
        poses = self._poses_at_rest.copy()
        for actor, first in zip(self.actors, self.first_parts, strict=True):
            if actor.moving or actor.limbs:
                poses[first : first + actor.shape.num_parts] = actor.poses_at(time_s)
        return poses
