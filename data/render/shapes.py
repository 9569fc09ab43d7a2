"""Solid shapes: round cones, flattened and cut, melted into each other, and the rays that find them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Paint = Callable[[Array, Array], Array]

UP = np.array([0.0, 1.0, 0.0])
SIDE = np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True)
class Part:
    """A round cone (two balls and the hull around them) in the coordinates of its own axis.

    Distances are measured after `matrix` turned, moved and stretched the world so that the axis is y, the first ball lies
    at the origin and cross-sections are circles. Stretching makes them too short, never too long: safe to march by.
    """

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    r0: float
    r1: float
    matrix: Array
    offset: Array
    height: float
    unit: float
    colour: tuple[float, float, float]
    blend: float = 0.02
    cut: tuple[float, float] | None = None
    trim: tuple[float, tuple[float, float, float]] | None = None
    bone: str = ""
    reach: float = 1.0

    def local(self, points: Array) -> Array:
        """World points `(3, n)` in the coordinates of the part."""
        return self.matrix @ points + self.offset

    def scaled(self, size: float) -> Part:
        """The same part, larger or smaller about the origin of the world."""
        larger = {name: getattr(self, name) * size for name in ("a", "b", "unit", "blend", "reach")}
        return replace(self, **larger, matrix=self.matrix / np.float32(size))

    def distance(self, points: Array) -> Array:
        """Signed distance `(n,)`, at most the true one."""
        x, y, z = self.local(points)
        across = np.sqrt(x * x + z * z)
        taper = np.float32((self.r0 - self.r1) / self.height) if self.height else np.float32(0)
        slope = np.float32(taper / np.sqrt(1 - min(float(taper * taper), 0.99)))
        along = np.clip(y - across * slope, 0, np.float32(self.height))
        rest = y - along
        d = np.sqrt(across * across + rest * rest) - (np.float32(self.r0) - taper * along)
        if self.cut:
            d = np.maximum(d, np.maximum(np.float32(self.cut[0]) - y, y - np.float32(self.cut[1])))
        return d * np.float32(self.unit)


def cone(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    r0: float,
    r1: float,
    colour: tuple[float, float, float],
    *,
    side: NDArray[np.float64] = SIDE,
    scale: tuple[float, float, float] = (1, 1, 1),
    blend: float = 0.02,
    cut: tuple[float, float] | None = None,
    trim: tuple[float, tuple[float, float, float]] | None = None,
    bone: str = "",
) -> Part:
    """A limb from `a` to `b`.

    Args:
        a: centre of the first ball, metres.
        b: centre of the second ball.
        r0: radius at `a`, metres.
        r1: radius at `b`.
        colour: sRGB, 0…1.
        side: roughly the direction of the cross-section's x axis.
        scale: how much the shape is stretched across (x), along (y) and in depth (z).
        blend: over how many metres it melts into its neighbours.
        cut: where the axis enters and leaves, as fractions of its length; outside there is nothing (a hem).
        trim: a band of this width at the far cut, in another colour.
        bone: the bone it sits on.
    """
    axis = b - a
    length = float(np.linalg.norm(axis))
    y = axis / length if length > 1e-9 else UP
    x = side - y * (side @ y)
    x = x / np.linalg.norm(x)
    frame = np.stack([x, y, np.cross(x, y)])
    matrix = frame / np.array(scale)[:, None]
    height = length / scale[1]
    if cut:
        cut = (cut[0] * height, cut[1] * height)
    return Part(
        a, b, r0, r1, matrix.astype(np.float32), (-matrix @ a).astype(np.float32)[:, None], height,
        min(scale), colour, blend, cut, trim, bone, max(scale),
    )  # fmt: skip


def ball(
    centre: NDArray[np.float64],
    radii: tuple[float, float, float],
    frame: NDArray[np.float64],
    colour: tuple[float, float, float],
    *,
    blend: float = 0.02,
    bone: str = "",
) -> Part:
    """An ellipsoid whose axes are the columns of `frame`."""
    largest = max(radii)
    scale = np.array(radii) / largest
    matrix = frame.T / scale[:, None]
    return Part(
        centre, centre, largest, largest, matrix.astype(np.float32), (-matrix @ centre).astype(np.float32)[:, None],
        0.0, float(scale.min()), colour, blend, bone=bone,
    )  # fmt: skip


@dataclass
class Solid:
    """Parts that melt into one skin: a shirt, a leg, a head.

    `bone` names the bone of the parts that name none.
    `paint(points, colours)` may redraw the colours `(3, n)` of the surface, as the face does.
    """

    parts: Sequence[Part]
    paint: Paint | None = None
    gloss: float = 0.0
    warmth: float = 0.0
    person: int = 0
    bone: str = ""

    def distance(self, points: Array) -> Array:
        """Distance to the union, smooth where parts meet."""
        d = self.parts[0].distance(points)
        for part in self.parts[1:]:
            d = smooth_minimum(d, part.distance(points), part.blend)
        return d

    def normal(self, points: Array) -> Array:
        """Unit normals `(3, n)`, from four samples at the corners of a tetrahedron."""
        corners = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], np.float32)
        normal = np.zeros_like(points)
        for corner in corners:
            normal += corner[:, None] * self.distance(points + np.float32(0.0012) * corner[:, None])
        return normal / np.maximum(np.sqrt((normal * normal).sum(0)), np.float32(1e-9))

    def surface(self, points: Array) -> tuple[Array, NDArray[np.intp]]:
        """Colours `(3, n)` and the index of the nearest part."""
        nearest = np.argmin([part.distance(points) for part in self.parts], axis=0)
        colours = np.array([part.colour for part in self.parts], np.float32).T[:, nearest]
        for index, part in enumerate(self.parts):
            if part.trim and part.cut:
                width, colour = part.trim
                band = (nearest == index) & (part.local(points)[1] > part.cut[1] - width)
                colours[:, band] = np.array(colour, np.float32)[:, None]
        return (self.paint(points, colours) if self.paint else colours), nearest

    def march(self, eye: Array, rays: Array, far: Array) -> Array:
        """How far each ray `(3, n)` from `eye` runs before it meets the solid; infinite where it never does."""
        found = np.full(rays.shape[1], np.inf, np.float32)
        near, end = self._span(eye)
        t, far = np.full(rays.shape[1], near, np.float32), np.minimum(far, np.float32(end))
        alive = np.arange(rays.shape[1])
        for _ in range(60):
            d = self.distance(eye[:, None] + rays * t)
            hit = d < 0.001
            found[alive[hit]] = t[hit]
            t = t + d
            going = ~hit & (t < far)
            alive, t, rays, far = alive[going], t[going], rays[:, going], far[going]
            if not alive.size:
                return found
        # What still creeps along after so many steps grazes the surface: call it met.
        close = self.distance(eye[:, None] + rays * t) < 0.004
        found[alive[close]] = t[close]
        return found

    def scaled(self, size: float) -> Solid:
        """The same solid, larger or smaller about the origin of the world."""
        if size == 1:
            return self
        paint = self.paint
        return replace(
            self,
            parts=[part.scaled(size) for part in self.parts],
            paint=paint and (lambda points, colours: paint(points / np.float32(size), colours)),
        )

    def _span(self, eye: Array) -> tuple[float, float]:
        """Between which distances from the eye the solid lies."""
        spheres = [(float(np.linalg.norm(end - eye)), radius * part.reach) for part in self.parts for end, radius in ends(part)]
        return min(far - radius for far, radius in spheres) - 0.05, max(far + radius for far, radius in spheres) + 0.05


def ends(part: Part) -> tuple[tuple[NDArray[np.float64], float], tuple[NDArray[np.float64], float]]:
    """The two balls of a part as (centre, radius)."""
    return (part.a, part.r0), (part.b, part.r1)


def smooth_minimum(a: Array, b: Array, k: float) -> Array:
    """The smaller of two distances, rounded where they differ by less than `k` (polynomial blend)."""
    near = np.maximum(np.float32(k) - np.abs(a - b), 0)
    return np.minimum(a, b) - near * near * np.float32(0.25 / k)
