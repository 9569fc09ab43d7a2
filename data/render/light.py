"""Sun, sky and shadows: how bright a point of a solid is, and colours in light that can be added."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from shapes import Array, Part, Solid

SUN = np.array([-0.52, 0.95, 0.62], np.float32)
SUN /= np.linalg.norm(SUN)
KEY = np.array([1.0, 0.955, 0.88], np.float32) * 2.05
SKY = np.array([0.66, 0.70, 0.78], np.float32)
GROUND = np.array([0.66, 0.57, 0.50], np.float32)
FILL = np.array([0.20, 0.22, 0.27], np.float32)

LIMBS = ("upper", "fore", "hand", "thigh", "shin", "foot")
REGIONS = ("trunk", "neck", "head", *(f"{side}_{limb}" for side in ("left", "right") for limb in LIMBS))


def shadow_casters(solids: Sequence[Solid]) -> list[tuple[int, Part]]:
    """One part for each bone, the fattest, with its region. A person is dark enough with these."""
    best: dict[tuple[int, str], Part] = {}
    for solid in solids:
        for part in solid.parts:
            key = (solid.person, part.bone)
            if part.bone and (key not in best or part.r0 + part.height > best[key].r0 + best[key].height):
                best[key] = part
    return [(region(*key), part) for key, part in best.items()]


def region(person: int, bone: str) -> int:
    """A number for the stiff piece of a person that a bone belongs to: it casts no shadow on itself."""
    return 1 + 100 * person + REGIONS.index(bone.split(".")[0]) if bone else 0


def occlusion(points: Array, normal: Array, mine: NDArray[np.int16], casters: Sequence[tuple[int, Part]]) -> Array:
    """How open the sky is above each point, 0…1: each limb hides the solid angle of the ball nearest to the point."""
    open_sky = np.ones(points.shape[1], np.float32)
    for theirs, part in casters:
        to, radius = nearest_ball(points, part)
        square = (to * to).sum(0)
        facing = np.maximum((normal * to).sum(0), 0) / np.sqrt(square)
        hidden = np.minimum(0.85 * facing * radius * radius / square, 0.85)
        open_sky *= np.where(mine == theirs, 1, 1 - hidden)
    height = np.maximum(points[1], 0)
    return open_sky * (1 - 0.45 * np.maximum(0.4 - normal[1], 0) * np.exp(-height * 5))


def nearest_ball(points: Array, part: Part) -> tuple[Array, Array]:
    """Vector to, and radius of, the ball along a part's axis that is nearest to each point."""
    axis = (part.b - part.a).astype(np.float32)
    offset = points - part.a.astype(np.float32)[:, None]
    along = np.clip(axis @ offset / np.float32(max(float(axis @ axis), 1e-9)), 0, 1)
    radius = (part.r0 + (part.r1 - part.r0) * along) * np.float32(part.unit**0.5)
    return axis[:, None] * along - offset, radius


def sunlight(points: Array, normal: Array, mine: NDArray[np.int16], casters: Sequence[tuple[int, Part]]) -> Array:
    """How much of the sun reaches each point, 0…1, past every limb but its own."""
    light = np.ones(points.shape[1], np.float32)
    facing = normal.T @ SUN > 0
    for theirs, part in casters:
        who = np.nonzero(facing & (mine != theirs))[0]
        gap, run = gap_to_axis(points[:, who], part)
        radius = np.float32(0.5 * (part.r0 + part.r1) * part.unit**0.5)
        soft = np.float32(0.012) + 0.16 * np.maximum(run, 0)
        lit = smoothstep(-1, 1, (gap - radius * 0.92) / soft)
        light[who] *= np.where(run > 0.5 * radius, lit, 1)
    return light


def gap_to_axis(points: Array, part: Part) -> tuple[Array, Array]:
    """Least distance between the ray to the sun and a part's axis, and how far along the ray that is."""
    axis = (part.b - part.a).astype(np.float32)
    offset = points - part.a.astype(np.float32)[:, None]
    length, lean = np.float32(axis @ axis), np.float32(axis @ SUN)
    up, along = SUN @ offset, axis @ offset
    below = max(float(length - lean * lean), 1e-6)
    at = np.clip((along - lean * up) / below, 0, 1)
    run = np.maximum(lean * at - up, 0)
    gap = offset + SUN[:, None] * run - axis[:, None] * at
    return np.sqrt((gap * gap).sum(0)), run


def shade(rays: Array, normal: Array, albedo: Array, gloss: Array, warmth: Array, open_sky: Array, sun: Array) -> Array:
    """Light each sample: sun (softened on skin), sky and floor from above and below, a rim and a soft gloss."""
    facing = SUN @ normal
    wrap = 0.06 + 0.22 * warmth
    direct = np.maximum(facing + wrap, 0) / (1 + wrap) * sun
    up = 0.5 + 0.5 * normal[1]
    ambient = (GROUND[:, None] * (1 - up) + SKY[:, None] * up) * open_sky * 0.78
    ambient = ambient * (1 + np.array([0.26, 0.02, -0.10], np.float32)[:, None] * warmth)
    side = np.maximum(np.array([0.8, 0.15, 0.5], np.float32) @ normal, 0) * open_sky
    light = KEY[:, None] * direct + ambient + FILL[:, None] * side
    # Light that wanders under the skin comes out redder at the edge of the shadow.
    edge = np.exp(-((facing / 0.28) ** 2)) * warmth * sun
    light = light + np.array([0.16, 0.045, 0.02], np.float32)[:, None] * edge
    view = -(rays * normal).sum(0)
    rim = np.clip(1 - view, 0, 1) ** 3 * (0.3 + 0.7 * up) * open_sky * 0.24
    half = SUN[:, None] - rays
    half = half / np.sqrt((half * half).sum(0))
    shine = np.maximum((half * normal).sum(0), 0) ** 28 * gloss * sun
    return albedo * light * 0.62 + rim * (0.12 + 0.88 * albedo) + shine


def smoothstep(low: float, high: float, x: NDArray[np.floating]) -> NDArray[np.floating]:
    """0 below `low`, 1 above `high`, smooth between; the other way round if `low > high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def linear(colour: str | Array) -> Array:
    """SRGB ("#rrggbb" or 0…1) → linear light."""
    if isinstance(colour, str):
        colour = rgb(colour)
    return np.power(np.asarray(colour, np.float32), np.float32(2.2))


def rgb(code: str) -> Array:
    """Read a colour such as "#ef6a4e" as numbers from 0 to 1."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)


def tone(light: Array) -> Array:
    """Linear light → sRGB 0…1, with a soft shoulder so that nothing burns out."""
    return np.power(np.where(light > 0.7, 0.7 + 0.3 * np.tanh((light - 0.7) / 0.3), np.maximum(light, 0)), 1 / 2.2)
