"""Flat-shaded shapes: convex polygons on planar surfaces that move with parts.

A *surface* is one plane of a shape; every polygon on it shares its depth and its
motion. A *part* is what moves rigidly (a car) or swings in a card (a limb). Our
design: with planes only, depth and optical flow have a closed form.
"""

import math
from collections.abc import Sequence

import numpy as np

Colour = tuple[int, int, int]
Point = tuple[float, float, float]


def shade(colour: Colour, factor: float) -> Colour:
    """``colour`` (BGR, 0-255) with its brightness times ``factor``."""
    b, g, r = colour
    return (
        min(int(b * factor), 255),
        min(int(g * factor), 255),
        min(int(r * factor), 255),
    )


def disc(
    x: float, y: float, rx: float, ry: float | None = None, points: int = 12
) -> list[tuple[float, float]]:
    """Vertices of an ellipse in a plane."""
    ry = rx if ry is None else ry
    return [
        (
            x + rx * math.cos(2 * math.pi * k / points),
            y + ry * math.sin(2 * math.pi * k / points),
        )
        for k in range(points)
    ]


def rectangle(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float]]:
    """Vertices of an axis-aligned rectangle in a plane."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def bar(
    x0: float, y0: float, x1: float, y1: float, width: float
) -> list[tuple[float, float]]:
    """Vertices of a straight bar of ``width`` from one point to another."""
    dx, dy = x1 - x0, y1 - y0
    length = math.hypot(dx, dy) or 1.0
    nx, ny = -dy / length * width / 2, dx / length * width / 2
    return [
        (x0 + nx, y0 + ny),
        (x1 + nx, y1 + ny),
        (x1 - nx, y1 - ny),
        (x0 - nx, y0 - ny),
    ]


class Shape:
    """Polygons of one actor in its own frame (x right, y up, z forward, metres).

    Args:
        solid: Whether surfaces are faces of a solid: sorted by depth in painting.
            A card's surfaces keep the order in which they were added.
    """

    def __init__(self, solid: bool = False) -> None:
        self.solid = solid
        self.vertices: list[Point] = []
        self.vertex_counts: list[int] = []
        self.polygon_surface: list[int] = []
        self.colours: list[Colour] = []
        self.detail: list[bool] = []
        self.clip: list[int] = []
        self.surface_part: list[int] = []
        self.surface_first_vertex: list[int] = []
        self.surface_inside: list[Point | None] = []
        self.surface_glow: list[int] = []
        self.surface_base: list[int] = []
        self._glowing: dict[tuple[int, int], int] = {}
        self._current = -1
        self.num_parts = 1

    def surface(self, part: int = 0, inside: Point | None = None) -> None:
        """Starts a plane; its first polygon must not be degenerate.

        Args:
            part: Index of the part that carries it.
            inside: A point behind the plane; the plane is then seen only from its
                other side. None shows it from both sides.
        """
        self._current = self._add_surface(
            part, len(self.vertices), inside, 0, len(self.surface_part)
        )
        self.num_parts = max(self.num_parts, part + 1)

    def _add_surface(
        self, part: int, vertex: int, inside: Point | None, glow: int, base: int
    ) -> int:
        self.surface_part.append(part)
        self.surface_first_vertex.append(vertex)
        self.surface_inside.append(inside)
        self.surface_glow.append(glow)
        self.surface_base.append(base)
        return len(self.surface_part) - 1

    def _surface_for(self, glow: int) -> int:
        """The current surface, or its twin on the same plane that glows."""
        base = self._current
        if not glow:
            return base
        if (base, glow) not in self._glowing:
            self._glowing[base, glow] = self._add_surface(
                self.surface_part[base],
                self.surface_first_vertex[base],
                self.surface_inside[base],
                glow,
                base,
            )
        return self._glowing[base, glow]

    def polygon(
        self,
        points: Sequence[Point],
        colour: Colour,
        glow: int = 0,
        detail: bool = False,
        clip: int = -1,
    ) -> None:
        """Adds a convex polygon to the current surface.

        Args:
            points: Vertices, in order.
            colour: BGR, 0-255.
            glow: 0-255, how far the colour ignores the light of the scene.
            detail: Whether it lies within other polygons of the surface, so that
                only its colour matters.
            clip: Index of the polygon of this shape through which it is seen (the
                rim of an opening), or -1.
        """
        self.vertices.extend(points)
        self.vertex_counts.append(len(points))
        self.polygon_surface.append(self._surface_for(glow))
        self.colours.append(colour)
        self.detail.append(detail and not glow)
        self.clip.append(clip)

    def details(
        self, quads: np.ndarray, colours: Sequence[Colour], glow: int = 0
    ) -> None:
        """Adds many quads, (n, 4, 3), as details of the current surface."""
        count = len(quads)
        self.vertices.extend(map(tuple, quads.reshape(-1, 3).tolist()))
        self.vertex_counts.extend([4] * count)
        self.polygon_surface.extend([self._surface_for(glow)] * count)
        self.colours.extend(colours)
        self.detail.extend([not glow] * count)
        self.clip.extend([-1] * count)

    def flat(
        self,
        points: Sequence[tuple[float, float]],
        colour: Colour,
        glow: int = 0,
        detail: bool = False,
        z: float = 0.0,
    ) -> None:
        """Adds a polygon given as (x, y) on the card z = ``z``."""
        self.polygon([(x, y, z) for x, y in points], colour, glow, detail)

    def side(
        self,
        x: float,
        points: Sequence[tuple[float, float]],
        colour: Colour,
        glow: int = 0,
        detail: bool = False,
    ) -> None:
        """Adds a polygon given as (z, y) on the plane x = ``x``."""
        self.polygon([(x, y, z) for z, y in points], colour, glow, detail)

    def box(
        self,
        low: Point,
        high: Point,
        colour: Colour,
        top: Colour | None = None,
    ) -> None:
        """Adds the faces of an axis-aligned box, sides darker than the front."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        inside = ((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2)
        for x in (x0, x1):
            self.surface(inside=inside)
            self.side(x, rectangle(z0, y0, z1, y1), shade(colour, 0.78))
        for z in (z0, z1):
            self.surface(inside=inside)
            self.flat(rectangle(x0, y0, x1, y1), colour, z=z)
        self.surface(inside=inside)
        self.polygon(
            [(x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)],
            top or shade(colour, 1.15),
        )
