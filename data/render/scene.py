"""Camera and room: from solids to pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from light import SUN, linear, occlusion, region, shade, shadow_casters, smoothstep, sunlight, tone
from numpy.typing import NDArray
from shapes import Array, Part, Solid, ends

FLOOR = 4.4  # half the side of the square of floor that catches shadows, metres
TEXELS = 70  # of that floor, per metre


@dataclass(frozen=True)
class Camera:
    """A pinhole camera at `eye`, looking at `target`; `focal` is in pixels of the picture."""

    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    focal: float
    width: int = 640
    height: int = 480

    @property
    def axes(self) -> NDArray[np.float64]:
        """Rows: right, up, backwards."""
        back = np.subtract(self.eye, self.target)
        back = back / np.linalg.norm(back)
        right = np.cross([0.0, 1.0, 0.0], back)
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(back, right), back])

    def project(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """World points `(n, 3)` → pixels `(n, 2)` and distances from the eye `(n,)`."""
        offset = points - np.array(self.eye)
        x, y, z = self.axes @ offset.T
        pixels = np.stack([self.width / 2 - self.focal * x / z, self.height / 2 + self.focal * y / z], axis=1)
        return pixels, np.linalg.norm(offset, axis=1)

    def rays(self, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> Array:
        """Unit directions `(3, n)` through the pixels at these continuous coordinates."""
        x = (columns - self.width / 2) / self.focal
        y = -(rows - self.height / 2) / self.focal
        directions = self.axes.T @ np.stack([x, y, np.full_like(x, -1)])
        return (directions / np.linalg.norm(directions, axis=0)).astype(np.float32)


@dataclass
class Layer:
    """What the rays found: distance, colour and owner of each sample of a picture."""

    depth: Array
    colour: Array
    person: NDArray[np.int8]
    samples: int


class Stage:
    """A room seen by one camera: everything that stays the same from frame to frame."""

    def __init__(self, camera: Camera, wall: str = "#e0e7f1", floor: str = "#ebe6e0", accent: str = "#b9dcd6", samples: int = 2):
        """Paint the empty room; `samples` is the number of rays along each side of a pixel."""
        self.camera, self.samples = camera, samples
        rows, columns = np.mgrid[0 : camera.height, 0 : camera.width] + 0.5
        rays = camera.rays(columns.ravel(), rows.ravel()).reshape(3, camera.height, camera.width)
        self._floor_at(rays)
        # Rounding up or down by chance, the same in every frame, keeps wide soft gradients from breaking into bands.
        self.grain = np.random.default_rng(17).uniform(0, 1, (camera.height, camera.width, 1)).astype(np.float32)
        self.empty = self._paint(rays, linear(wall), linear(floor), linear(accent))

    def _floor_at(self, rays: Array) -> None:
        """Where each pixel's ray meets the floor, metres and texels."""
        eye = self.camera.eye
        reach = np.where(rays[1] < -1e-3, -eye[1] / np.minimum(rays[1], -1e-3), 1e3)
        self.floor_x, self.floor_z = eye[0] + rays[0] * reach, eye[2] + rays[2] * reach
        self.map_x = ((self.floor_x + FLOOR) * TEXELS).astype(np.float32)
        self.map_y = ((self.floor_z + FLOOR) * TEXELS).astype(np.float32)

    def _paint(self, rays: Array, wall: Array, floor: Array, accent: Array) -> Array:
        """The empty room `(h, w, 3)`, linear light: a wall that curves into the floor, a disc of colour, a pool of light."""
        back = -2.3
        reach = (back - self.camera.eye[2]) / np.minimum(rays[2], -1e-3)
        x, y = self.camera.eye[0] + rays[0] * reach, self.camera.eye[1] + rays[1] * reach
        on_floor = smoothstep(-0.75, 0.35, -y)[..., None]
        glow = np.exp(-((x / 3.4) ** 2 + ((y - 1.5) / 2.6) ** 2))[..., None]
        disc = smoothstep(0.012, -0.012, np.hypot(x, y - 1.35) - 1.28)[..., None]
        wall_light = wall * (0.76 + 0.28 * glow)
        wall_light = wall_light * (1 - disc) + accent * (0.76 + 0.26 * glow) * disc
        pool = np.exp(-((self.floor_x / 3.2) ** 2 + ((self.floor_z + 0.3) / 3.0) ** 2))[..., None]
        floor_light = floor * (0.80 + 0.26 * pool)
        return (wall_light * (1 - on_floor) + floor_light * on_floor).astype(np.float32)

    def render(self, solids: Sequence[Solid]) -> tuple[NDArray[np.uint8], Layer]:
        """One frame: RGB `(h, w, 3)` uint8, and the buffers that tell what is hidden."""
        layer = self._trace(solids)
        size = (self.camera.width, self.camera.height)
        cover = cv2.resize(np.isfinite(layer.depth).astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None]
        front = cv2.resize(layer.colour, size, interpolation=cv2.INTER_AREA)
        ground = tone(self.empty * self._shadows(solids)[..., None])
        picture = np.clip(ground * (1 - cover) + front, 0, 1) * 255
        return np.clip(picture + self.grain, 0, 255).astype(np.uint8), layer

    def _trace(self, solids: Sequence[Solid]) -> Layer:
        """Send rays to every solid, nearest surface wins, then light what is left."""
        shape = (self.camera.height * self.samples, self.camera.width * self.samples)
        depth = np.full(shape[0] * shape[1], np.inf, np.float32)
        owner = np.full(shape[0] * shape[1], -1, np.int16)
        eye = np.array(self.camera.eye, np.float32)
        for index, solid in enumerate(solids):
            where = np.flatnonzero(self._outline(solid).view(bool))
            t = solid.march(eye, self._rays(where), depth[where])
            hit = t < depth[where]
            depth[where[hit]], owner[where[hit]] = t[hit], index
        person = np.array([solid.person for solid in solids] + [-1], np.int8)[owner]
        where = np.flatnonzero(owner >= 0)
        colour = np.zeros((len(depth), 3), np.float32)
        colour[where] = self._light(solids, self._rays(where), depth[where], owner[where]).T
        return Layer(depth.reshape(shape), colour.reshape(*shape, 3), person.reshape(shape), self.samples)

    def _rays(self, where: NDArray[np.intp]) -> Array:
        """Rays through the samples with these numbers, counted along the rows."""
        rows, columns = np.divmod(where, self.camera.width * self.samples)
        return self.camera.rays((columns + 0.5) / self.samples, (rows + 0.5) / self.samples)

    def _outline(self, solid: Solid) -> NDArray[np.uint8]:
        """The samples that a solid can cover: the hulls of its projected balls, a little inflated."""
        mask = np.zeros((self.camera.height * self.samples, self.camera.width * self.samples), np.uint8)
        for part in solid.parts:
            hull = [self._circle(end, radius * part.reach + 0.3 * part.blend + 0.004) for end, radius in ends(part)]
            cv2.fillConvexPoly(mask, cv2.convexHull(np.concatenate(hull)), 1)
        return mask

    def _circle(self, centre: NDArray[np.float64], radius: float) -> NDArray[np.int32]:
        pixels, distance = self.camera.project(centre[None])
        size = self.camera.focal * radius / (distance[0] - radius) * 1.06
        turn = np.linspace(0, 2 * np.pi, 25)
        ring = pixels + size * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        return np.round(ring * self.samples).astype(np.int32)

    def _light(self, solids: Sequence[Solid], rays: Array, depth: Array, owner: NDArray[np.int16]) -> Array:
        """Colours `(3, n)`, sRGB, of samples that hit something."""
        points = np.array(self.camera.eye, np.float32)[:, None] + rays * depth
        normal, albedo = np.zeros_like(points), np.zeros_like(points)
        mine = np.zeros(len(owner), np.int16)
        for index, solid in enumerate(solids):
            here = np.flatnonzero(owner == index)
            if here.size:
                at = points[:, here]
                normal[:, here] = solid.normal(at)
                albedo[:, here], part = solid.surface(at)
                regions = [region(solid.person, piece.bone or solid.bone) for piece in solid.parts]
                mine[here] = np.array(regions, np.int16)[part]
        casters = shadow_casters(solids)
        gloss = np.array([solid.gloss for solid in solids], np.float32)[owner]
        warmth = np.array([solid.warmth for solid in solids], np.float32)[owner]
        open_sky = occlusion(points, normal, mine, casters)
        sun = sunlight(points, normal, mine, casters)
        return tone(shade(rays, normal, linear(albedo), gloss, warmth, open_sky, sun))

    def _shadows(self, solids: Sequence[Solid]) -> Array:
        """How much light is left on each pixel of the floor."""
        side = int(2 * FLOOR * TEXELS)
        softness = (0.035, 0.075, 0.14)
        masks = [np.zeros((side, side), np.float32) for _ in softness]
        touch = np.zeros((side, side), np.float32)
        for solid in solids:
            for part in solid.parts:
                height = (part.a[1] + part.b[1]) / 2
                level = 0 if height < 0.35 else 1 if height < 0.95 else 2
                drop(masks[level], part, SUN)
                if height < 0.3:
                    drop(touch, part, np.array([0, 1, 0]))
        light = np.ones((side, side), np.float32)
        for mask, soft in zip(masks, softness, strict=True):
            light = np.minimum(light, 1 - 0.42 * cv2.GaussianBlur(mask, (0, 0), soft * TEXELS))
        light *= 1 - 0.5 * cv2.GaussianBlur(touch, (0, 0), 0.022 * TEXELS)
        light *= 1 - 0.22 * cv2.GaussianBlur(np.maximum(masks[0], touch), (0, 0), 0.22 * TEXELS)
        return cv2.remap(light, self.map_x, self.map_y, cv2.INTER_LINEAR, borderValue=1.0)


def drop(mask: Array, part: Part, light: Array) -> None:
    """Draw the shadow of a part on the floor, with `light` pointing to where the light comes from."""
    rings = []
    turn = np.linspace(0, 2 * np.pi, 17)
    for end, radius in ends(part):
        foot = end - light * (end[1] / light[1])
        ring = foot[[0, 2]] + radius * part.unit**0.5 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        rings.append(np.round((ring + FLOOR) * TEXELS).astype(np.int32))
    cv2.fillConvexPoly(mask, cv2.convexHull(np.concatenate(rings)), 1.0)
