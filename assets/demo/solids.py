"""The things that stand and drive in the demo clip: wind-up toy cars, trees, a tower."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from assets.demo import raycast as rc
from assets.demo.raycast import Array


def colour(*rgb: float) -> Array:
    """A linear colour from sRGB values in 0..255."""
    return ((np.array(rgb, np.float32) / 255) ** 2.2).astype(np.float32)


@dataclass
class Surface:
    """What light meets at `N` points: unit normals `(N, 3)`, colours `(N, 3)`, gloss `(N,)`."""

    normal: Array
    albedo: Array
    gloss: Array


class Solid(Protocol):
    """A thing that rays can hit, inside a bounding sphere."""

    centre: Array
    radius: float

    def hit(self, origin: Array, rays: Array) -> Array:
        """Distance along each ray, infinite where it misses."""

    def surface(self, points: Array) -> Surface:
        """The surface at points that rays have hit."""


def _box(p: Array, centre: tuple[float, float, float], half: tuple[float, float, float],
         rounding: float) -> Array:  # fmt: skip
    q = np.abs(p - np.array(centre, np.float32)) - (np.array(half, np.float32) - rounding)
    outside = np.sqrt(np.sum(np.maximum(q, 0) ** 2, axis=1))
    return outside + np.minimum(q.max(axis=1), 0) - np.float32(rounding)


def _disc(p: Array, centre: tuple[float, float, float], radius: float, half: float) -> Array:
    """A rounded disc whose axis is y."""
    q = p - np.array(centre, np.float32)
    rounding = 0.03
    a = np.hypot(q[:, 0], q[:, 2]) - (radius - rounding)
    b = np.abs(q[:, 1]) - (half - rounding)
    inside = np.minimum(np.maximum(a, b), 0)
    return inside + np.hypot(np.maximum(a, 0), np.maximum(b, 0)) - np.float32(rounding)


def _blend(a: Array, b: Array, k: float) -> Array:
    """Union of two shapes with a fillet of `k` metres."""
    h = np.maximum(k - np.abs(a - b), 0) / k
    return (np.minimum(a, b) - h * h * k / 4).astype(np.float32)


@dataclass
class Car:
    """A wind-up toy car at `(x, y)`, nose along `heading` (radians, from x towards y)."""

    x: float
    y: float
    heading: float
    travelled: float
    """Metres driven so far: turns the wheels and the key, rocks the body."""
    paint: Array
    trim: Array
    radius: float = 1.2
    centre: Array = field(init=False)

    def __post_init__(self) -> None:
        self.centre = np.array([self.x, self.y, 0.45], np.float32)
        c, s = np.cos(self.heading), np.sin(self.heading)
        self._axes = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]], np.float32)
        self._bob = 0.012 * np.sin(self.travelled * 9)

    def local(self, points: Array) -> Array:
        """World to car: x forward, y left, z up, origin on the ground."""
        p = (points - np.array([self.x, self.y, 0], np.float32)) @ self._axes.T
        return p.astype(np.float32)

    def _parts(self, p: Array) -> tuple[Array, Array, Array, Array]:
        """Distances to body, wheels, lamps and key, in local coordinates."""
        body_p = p - np.array([0, 0, self._bob], np.float32)
        body = _box(body_p, (0, 0, 0.37), (0.85, 0.4, 0.19), 0.15)
        body = _blend(body, _box(body_p, (-0.12, 0, 0.63), (0.46, 0.34, 0.24), 0.15), 0.12)
        mirrored = np.abs(p)
        mirrored[:, 2] = p[:, 2]
        body = np.maximum(body, 0.02 - _disc(mirrored, (0.5, 0.42, 0.21), 0.24, 0.18))
        wheels = _disc(mirrored, (0.5, 0.38, 0.21), 0.21, 0.09)
        lamp = body_p - np.array([0.8, 0, 0.42], np.float32)
        lamp[:, 1] = np.abs(lamp[:, 1]) - 0.24
        lamps = np.linalg.norm(lamp, axis=1) - np.float32(0.085)
        return body.astype(np.float32), wheels, lamps, self._key(body_p)

    def _key(self, p: Array) -> Array:
        """The key behind: a rod and two rings that turn around it."""
        q = p - np.array([-0.98, 0, 0.45], np.float32)
        angle = self.travelled * 1.6
        c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        a, b = np.abs(c * q[:, 1] + s * q[:, 2]), -s * q[:, 1] + c * q[:, 2]
        rod = np.maximum(np.hypot(q[:, 1], q[:, 2]) - 0.03, np.abs(q[:, 0]) - 0.14)
        ring = np.hypot(np.hypot(a - 0.12, q[:, 0] + 0.1) - 0.085, b) - 0.03
        return np.minimum(rod, ring).astype(np.float32)

    def distance(self, points: Array) -> Array:
        """Signed distance to the car, world coordinates."""
        return np.minimum.reduce(self._parts(self.local(points)))

    def hit(self, origin: Array, rays: Array) -> Array:
        """Distance along each ray."""
        start = np.maximum(rays @ (self.centre - origin) - self.radius, 0)
        return rc.march(self.distance, origin, rays, start, start + 2 * self.radius)

    def surface(self, points: Array) -> Surface:
        """Glossy paint with a stripe and a roundel, dark glass, rubber, brass."""
        p = self.local(points)
        normal = rc.normals(self.distance, points)
        n = normal @ self._axes.T
        part = np.argmin(np.stack(self._parts(p)), axis=0)
        albedo = np.repeat(self.paint[None], len(p), 0)
        gloss = np.full(len(p), 0.75, np.float32)
        z = p[:, 2] - self._bob
        stripe = (np.abs(np.abs(p[:, 1]) - 0.11) < 0.055) & (n[:, 2] > 0.1)
        roundel = np.hypot(p[:, 0] + 0.02, z - 0.38) < 0.13
        bumper = (z < 0.27) & (np.abs(p[:, 0]) > 0.55)
        albedo[stripe | (roundel & (np.abs(n[:, 1]) > 0.6))] = self.trim
        albedo[bumper] = colour(205, 205, 210)
        self._windows(p, n, z, albedo)
        rim = np.hypot(np.abs(p[:, 0]) - 0.5, p[:, 2] - 0.21)
        spin = np.arctan2(p[:, 2] - 0.21, np.abs(p[:, 0]) - 0.5) - self.travelled / 0.21
        hub = (rim < 0.11) & (np.cos(5 * spin) > -0.3)
        wheel = part == 1
        albedo[wheel] = colour(38, 38, 42)
        albedo[wheel & hub] = colour(225, 222, 210)
        gloss[wheel] = 0.12
        albedo[part == 2] = colour(255, 240, 190)
        albedo[part == 3] = colour(214, 165, 60)
        return Surface(normal, albedo, gloss)

    def _windows(self, p: Array, n: Array, z: Array, albedo: Array) -> None:
        glass = (z > 0.58) & (z < 0.79) & (n[:, 2] < 0.75)
        side = glass & (np.abs(n[:, 1]) > 0.6) & (np.abs(p[:, 0] + 0.12) < 0.34)
        side &= np.abs(p[:, 0] + 0.1) > 0.035
        ends = glass & (np.abs(n[:, 0]) > 0.5) & (np.abs(p[:, 1]) < 0.25)
        albedo[side | ends] = colour(40, 62, 84)


@dataclass
class Tree:
    """A trunk with a crown of balls."""

    x: float
    y: float
    height: float
    seed: int
    leaf: Array
    bark: Array = field(default_factory=lambda: colour(112, 82, 58))
    bush: bool = False
    centre: Array = field(init=False)
    radius: float = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        h = self.height
        self._base = np.array([self.x, self.y, 0], np.float32)
        middle = 0.35 if self.bush else 0.64
        self._balls = [(self._base + np.array([0, 0, h * middle], np.float32), 0.3 * h)]
        for k in range(9):
            angle = k * 2.4 + rng.uniform(-0.3, 0.3)
            out, up = 0.24 * h, h * rng.uniform(middle - 0.14, middle + 0.17)
            offset = np.array([out * np.cos(angle), out * np.sin(angle), up], np.float32)
            self._balls.append((self._base + offset, h * rng.uniform(0.13, 0.2)))
        self.centre = self._base + np.array([0, 0, h * 0.5], np.float32)
        self.radius = 0.66 * h
        self._bumps = rc.noise_tile(128, self.seed, 8, 4)

    def _nearest(self, points: Array) -> tuple[Array, Array]:
        gaps = np.stack([np.linalg.norm(points - c, axis=1) - r for c, r in self._balls])
        return np.argmin(np.abs(gaps), axis=0), np.min(np.abs(gaps), axis=0)

    def hit(self, origin: Array, rays: Array) -> Array:
        """Distance along each ray."""
        hits = [rc.hit_sphere(origin, rays, c, r) for c, r in self._balls]
        h = self.height
        hits.append(rc.hit_cone(origin, rays, self._base, 0, 0.6 * h, 0.055 * h, 0.035 * h))
        return np.minimum.reduce(hits)

    def surface(self, points: Array) -> Surface:
        """Leaves with bumps and brighter tips; bark below."""
        which, gap = self._nearest(points)
        centres = np.stack([c for c, _ in self._balls])[which]
        normal = rc.unit(points - centres)
        u, v = points[:, 0] * 0.55 + points[:, 2] * 0.3, points[:, 2] * 0.5 + points[:, 1] * 0.45
        bump = rc.look_up(self._bumps, u, v)
        tilt = np.stack(
            [rc.look_up(self._bumps, u + 0.02, v) - bump, rc.look_up(self._bumps, u, v + 0.02)
             - bump, np.zeros_like(bump)], axis=1)  # fmt: skip
        normal = rc.unit(normal - 1.6 * tilt)
        height = np.clip(points[:, 2] / self.height, 0, 1)
        albedo = self.leaf * (0.5 + 0.55 * bump + 0.35 * height)[:, None]
        bark = gap > 0.01
        trunk = rc.unit((points - self._base) * np.array([1, 1, 0], np.float32))
        normal[bark] = trunk[bark]
        albedo[bark] = self.bark * (0.6 + 0.6 * bump[bark])[:, None]
        return Surface(normal, albedo.astype(np.float32), np.full(len(points), 0.05, np.float32))


@dataclass
class Tower:
    """A round stone tower under a pointed roof."""

    x: float
    y: float
    wide: float
    high: float

    def __post_init__(self) -> None:
        self._base = np.array([self.x, self.y, 0], np.float32)
        self.centre = self._base + np.array([0, 0, 0.75 * self.high], np.float32)
        self.radius = 1.0 * self.high
        self._grain = rc.noise_tile(256, 77, 16, 4)

    def hit(self, origin: Array, rays: Array) -> Array:
        """Distance along each ray."""
        r, h = self.wide, self.high
        wall = rc.hit_cone(origin, rays, self._base, 0, h, r * 1.06, r)
        plinth = rc.hit_cone(origin, rays, self._base, 0, 0.28, r * 1.15, r * 1.12)
        roof = rc.hit_cone(origin, rays, self._base, h, h * 1.6, r * 1.28, 0.01)
        return np.minimum(np.minimum(wall, plinth), roof)

    def surface(self, points: Array) -> Surface:
        """Courses of stone with a window, tiles above."""
        p = points - self._base
        around = np.arctan2(p[:, 1], p[:, 0])
        out = rc.unit(np.stack([p[:, 0], p[:, 1], np.zeros_like(p[:, 0])], axis=1))
        roof = p[:, 2] > self.high - 0.005
        lift = np.where(roof, 1.28 * self.wide / (0.6 * self.high), 0.06)
        normal = rc.unit(out + np.array([0, 0, 1], np.float32) * lift[:, None].astype(np.float32))
        course = p[:, 2] / 0.27
        row = np.floor(course)
        stone = around * 14 / (2 * np.pi) + 0.5 * (row % 2)
        seam = np.maximum(np.abs(course % 1 - 0.5), np.abs(stone % 1 - 0.5) * 0.96 + 0.02)
        tone = np.sin(np.floor(stone) * 12.99 + row * 78.23) * 43758.5
        grain = rc.look_up(self._grain, around / 3, p[:, 2] / 3)
        wall = colour(196, 182, 158) * (0.72 + 0.25 * (tone % 1) + 0.3 * grain)[:, None]
        wall *= (0.62 + 0.38 * rc.smoothstep(0.5, 0.43, seam))[:, None]
        window = (np.abs(around + 1.35) < 0.16) & (np.abs(p[:, 2] - 0.72 * self.high) < 0.24)
        wall[window] = colour(52, 48, 56)
        tile = p[:, 2] / 0.16
        shingle = around * 26 / (2 * np.pi) + 0.5 * (np.floor(tile) % 2)
        edge = 0.7 + 0.3 * (tile % 1) + 0.1 * np.cos(2 * np.pi * shingle)
        top = colour(150, 92, 62) * (edge * (0.75 + 0.4 * grain))[:, None]
        albedo = np.where(roof[:, None], top, wall).astype(np.float32)
        return Surface(normal, albedo, np.full(len(p), 0.05, np.float32))
