"""The world of the demo clip at a moment: road, meadow, sky, what stands there, who drives where.

Metres, x right, y away from the first camera, z up.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from assets.demo import raycast as rc
from assets.demo.raycast import Array
from assets.demo.solids import Car, Solid, Tower, Tree, colour

FRAMES = 330
RATE = 30
"""Frames per second."""

SUN = rc.unit(np.array([-0.78, 0.02, 0.62], np.float32))
SUN_COLOUR = np.array([2.1, 1.78, 1.32], np.float32)
HAZE = colour(222, 234, 244)
ZENITH = colour(54, 124, 214)

_WAY = [(9.5, 14.2), (4.6, 14.2), (1.2, 12.6), (-2.4, 12.4), (-5.2, 11.6), (-6.0, 9.0), (-4.2, 6.9),
        (-1.2, 6.5), (1.6, 7.3), (3.6, 8.9), (4.4, 11.0), (7.5, 12.4), (12, 12.5)]  # fmt: skip
_SPEED = 2.3
_LANE = 0.62


@dataclass(frozen=True)
class Road:
    """The middle of the road, sampled densely: `(N, 2)`, with the way along it `(N,)`."""

    points: NDArray[np.float64]
    along: NDArray[np.float64]

    def at(self, s: float, side: float) -> tuple[float, float, float]:
        """Place `side` metres right of the middle, and heading, at `s` metres along."""
        x, y = (float(np.interp(s, self.along, self.points[:, k])) for k in (0, 1))
        dx, dy = (
            float(np.interp(s + 0.35, self.along, self.points[:, k])
                  - np.interp(s - 0.35, self.along, self.points[:, k])) for k in (0, 1)
        )  # fmt: skip
        heading = float(np.arctan2(dy, dx))
        return x + side * np.sin(heading), y - side * np.cos(heading), heading


def road() -> Road:
    """A Catmull-Rom curve through the way points."""
    way = np.array([_WAY[0], *_WAY, _WAY[-1]], np.float64)
    pieces = []
    t = np.linspace(0, 1, 80, endpoint=False)[:, None]
    for a, b, c, d in zip(way, way[1:], way[2:], way[3:], strict=False):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2
                             + (3 * b - a - 3 * c + d) * t**3))  # fmt: skip
    points = np.concatenate([*pieces, way[-1:]])
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return Road(points, np.concatenate([[0], np.cumsum(steps)]))


@dataclass(frozen=True)
class Camera:
    """A pinhole camera: place, rows right, down and forward, focal length in widths."""

    place: Array
    axes: Array
    focal: float

    def rays(self, width: int, height: int, jitter: tuple[float, float]) -> Array:
        """Directions through every pixel, `(height * width, 3)`; jitter is 0..1 in the pixel."""
        xs, ys = np.meshgrid(np.arange(width) + jitter[0], np.arange(height) + jitter[1])
        f = self.focal * width
        image = np.stack([(xs - width / 2) / f, (ys - height / 2) / f, np.ones_like(xs)], axis=-1)
        return rc.unit(image.reshape(-1, 3).astype(np.float32) @ self.axes)


class Scene:
    """Everything that does not depend on time is prepared once."""

    def __init__(self) -> None:
        self.road = road()
        self.still: list[Solid] = [Tower(-0.3, 9.15, 1.05, 3.4), *_trees()]
        self._meadow = rc.noise_tile(1024, 5, 6, 7)
        self._fine = rc.noise_tile(512, 6, 32, 4)
        self._clouds = rc.noise_tile(1024, 9, 3, 7)
        self._hills = rc.noise_tile(1024, 11, 5, 6)
        self._ground: list[Array] = [self._paint_ground()]
        for blur in (2.5, 8.0, 24.0):
            self._ground.append(np.asarray(cv2.GaussianBlur(self._ground[0], (0, 0), blur)))
        self._shade = self._bake_shade()

    def target(self, time: float) -> Car:
        """The car to be followed, at `time` seconds."""
        return self._car(3.2 + _SPEED * time, 1, colour(214, 44, 38), colour(250, 246, 235))

    def rival(self, time: float) -> Car:
        """The look-alike that comes the other way."""
        return self._car(39.5 - 2.5 * time, -1, colour(38, 104, 206), colour(250, 214, 70))

    def _car(self, s: float, way: int, paint: Array, trim: Array) -> Car:
        x, y, heading = self.road.at(s, _LANE * way)
        return Car(x, y, heading if way > 0 else heading + np.pi, s * way, paint, trim)

    def camera(self, time: float) -> Camera:
        """A slow dolly that turns towards the target and breathes a little."""
        s = time / (FRAMES / RATE)
        sway = np.array([0.05 * np.sin(1.7 * time), 0, 0.03 * np.sin(2.3 * time + 1)])
        place = np.array([-1.1 + 1.9 * s, 0.35 * np.sin(3 * s), 2.35 - 0.25 * np.sin(np.pi * s)])
        aims = [self.target(time + k) for k in np.linspace(-1.2, 1.2, 9)]
        aim = np.mean([[c.x, c.y] for c in aims], axis=0)
        look = np.array([0.72 * aim[0] + 0.02, 0.55 * aim[1] + 4.4, 0.75]) + sway
        forward = rc.unit((look - place).astype(np.float32))
        right = rc.unit(np.cross(forward, [0, 0, 1]).astype(np.float32))
        axes = np.stack([right, np.cross(forward, right), forward]).astype(np.float32)
        return Camera((place + sway).astype(np.float32), axes, 0.94)

    def sky(self, rays: Array) -> Array:
        """Sky, drifting clouds and three ranges of hills."""
        up = rays[:, 2]
        tint = rc.mix(HAZE, ZENITH, np.clip(up * 3.4, 0, 1) ** 0.8)
        flat = np.maximum(up, 0.03)
        u, v = rays[:, 0] / flat * 0.06 + 0.1, rays[:, 1] / flat * 0.06
        cloud = rc.smoothstep(0.42, 0.72, rc.look_up(self._clouds, u, v))
        tint = rc.mix(tint, np.array([1.25, 1.22, 1.18], np.float32), 0.9 * cloud * (up > 0))
        bearing = np.arctan2(rays[:, 0], rays[:, 1]) / (2 * np.pi)
        for k, (high, shade) in enumerate([(0.13, (166, 194, 214)), (0.085, (134, 172, 166)),
                                           (0.05, (112, 156, 104))]):  # fmt: skip
            ridge = rc.look_up(self._hills, bearing * (1.6 + k), np.full_like(up, 0.3 * k + 0.1))
            top = high * (0.35 + 0.75 * ridge)
            woods = rc.look_up(self._fine, bearing * 7 * (k + 1), up * 5)
            tone = colour(*shade) * (0.86 + 0.2 * woods)[:, None]
            tint = rc.mix(tint, tone, rc.smoothstep(0.003, -0.003, up - top))
        return tint

    def ground(self, points: Array, distance: Array) -> Array:
        """Colour of the ground at points, filtered for their distance from the camera."""
        level = np.clip(np.log2(np.maximum(distance, 1) / 7) * 1.5, 0, 2.999)
        result = np.zeros_like(points)
        xs, ys = _map_place(points)
        for k, painted in enumerate(self._ground):
            share = np.clip(1 - np.abs(level - k), 0, 1)
            some = np.flatnonzero(share > 0)
            if len(some):
                found = _remap(painted, xs[some], ys[some])
                result[some] += found * share[some, None]
        fine = rc.look_up(self._fine, points[:, 0] * 0.42, points[:, 1] * 0.42)
        strength = 0.5 * np.clip(1.3 - distance / 14, 0, 1)
        return result * (1 + strength * (fine - 0.5))[:, None]

    def shade(self, points: Array) -> Array:
        """Share of sunlight that what stands still lets through to points near the ground."""
        foot = points - SUN * (points[:, 2:3] / SUN[2])
        return _remap(self._shade, *_map_place(foot))

    def _paint_ground(self) -> Array:
        xs, ys = _map_grid()
        u, v = xs.ravel() / 20, ys.ravel() / 20
        meadow, fine = rc.look_up(self._meadow, u, v), rc.look_up(self._fine, u * 5, v * 5)
        grass = rc.mix(colour(96, 142, 52), colour(158, 182, 84), meadow)
        grass *= (0.74 + 0.5 * fine)[:, None]
        self._sow(grass, xs, ys)
        gap = self._to_road(xs, ys).ravel() + 0.16 * (meadow - 0.5)
        sand = colour(222, 202, 164) * (0.82 + 0.3 * fine)[:, None]
        for lane in (-_LANE, _LANE):
            for wheel in (-0.38, 0.38):
                track = np.exp(-(((gap - abs(lane + wheel)) / 0.07) ** 2))
                sand *= (1 - 0.16 * track)[:, None]
        edge = rc.mix(grass, colour(150, 132, 92), rc.smoothstep(1.62, 1.42, gap))
        painted = rc.mix(edge, sand, rc.smoothstep(1.45, 1.3, gap))
        return painted.reshape(*xs.shape, 3)

    def _sow(self, grass: Array, xs: Array, ys: Array) -> None:
        """Strew flowers over the meadow."""
        rng = np.random.default_rng(21)
        field = grass.reshape(*xs.shape, 3)
        petals = [colour(250, 246, 240), colour(246, 214, 70), colour(226, 120, 150)]
        for _ in range(2600):
            x, y = rng.integers(4, field.shape[1] - 4), rng.integers(4, field.shape[0] - 4)
            tint = petals[rng.choice(3, p=[0.5, 0.3, 0.2])]
            cv2.circle(field, (int(x), int(y)), int(rng.integers(1, 3)), tint.tolist(), -1,
                       cv2.LINE_AA)  # fmt: skip

    def _to_road(self, xs: Array, ys: Array) -> Array:
        """Distance of map places from the middle of the road, metres."""
        blank = np.full(xs.shape, 255, np.uint8)
        line = [_map_place(np.array([[x, y, 0]], np.float32)) for x, y in self.road.points[::4]]
        pixels = np.array([(a[0], b[0]) for a, b in line]).round().astype(np.int32)
        cv2.polylines(blank, [pixels], False, 0, 1)
        far = cv2.distanceTransform(blank, cv2.DIST_L2, 5)
        return cv2.GaussianBlur(far, (0, 0), 2).astype(np.float32) / _DENSITY

    def _bake_shade(self) -> Array:
        """Shadows of what stands still on the ground, softer the longer they are."""
        xs, ys = (a[::4, ::4] for a in _map_grid())
        points = np.stack([xs, ys, np.zeros_like(xs)], axis=-1).reshape(-1, 3)
        light = np.ones(len(points), np.float32)
        rng = np.random.default_rng(3)
        samples = 12
        # the sun's jitter moves a shadow by less than a metre at these heights
        under = [
            np.flatnonzero(np.linalg.norm(np.cross(points - s.centre, SUN), axis=1) < s.radius + 1)
            for s in self.still
        ]
        for _ in range(samples):
            sun = rc.unit(SUN + 0.035 * rng.standard_normal(3).astype(np.float32))
            blocked = np.zeros(len(points), bool)
            for solid, near in zip(self.still, under, strict=True):
                # parallel light: seen from far up the sun's way, the rays leave one place
                eye = (solid.centre + sun * 400).astype(np.float32)
                away = points[near] - eye
                t = solid.hit(eye, rc.unit(away))
                blocked[near] |= t < np.linalg.norm(away, axis=1)
            light -= blocked / np.float32(samples)
        soft = cv2.GaussianBlur(light.reshape(xs.shape), (0, 0), 1.2)
        return np.asarray(cv2.resize(soft, None, fx=4, fy=4, interpolation=cv2.INTER_LINEAR))


_DENSITY = 40
"""Pixels of the ground's map per metre."""
_LEFT, _NEAR, _WIDE, _DEEP = -24, -4, 48, 48


def _map_grid() -> tuple[Array, Array]:
    x = _LEFT + (np.arange(_WIDE * _DENSITY, dtype=np.float32) + 0.5) / _DENSITY
    y = _NEAR + (np.arange(_DEEP * _DENSITY, dtype=np.float32) + 0.5) / _DENSITY
    xs, ys = np.meshgrid(x, y)
    return xs, ys


def _map_place(points: Array) -> tuple[Array, Array]:
    return (
        (points[:, 0] - _LEFT) * np.float32(_DENSITY) - np.float32(0.5),
        (points[:, 1] - _NEAR) * np.float32(_DENSITY) - np.float32(0.5),
    )


def _remap(image: Array, xs: Array, ys: Array) -> Array:
    """The map at pixels, mirrored beyond its edges."""
    n, wide = len(xs), 4096
    rows = max(1, -(-n // wide))
    block = np.zeros((2, rows * wide), np.float32)
    block[0, :n], block[1, :n] = xs, ys
    found = cv2.remap(image, block[0].reshape(rows, wide), block[1].reshape(rows, wide),
                      cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)  # fmt: skip
    return found.reshape(rows * wide, *image.shape[2:])[:n].astype(np.float32)


def _trees() -> list[Solid]:
    greens = [colour(74, 128, 58), colour(98, 146, 52), colour(58, 112, 66), colour(132, 156, 54)]
    autumn = colour(206, 142, 52)
    places = [(-9.5, 15.5, 4.4), (-7.2, 19, 5.2), (-3.2, 17.5, 3.9), (0.6, 20.5, 5.0),
              (4.4, 18.2, 4.2), (8.0, 17.6, 4.8), (12.5, 19.5, 5.6), (-13, 18.5, 5.4),
              (7.0, 8.2, 3.4), (-10.2, 9.6, 3.8), (11.5, 10.2, 4.0)]  # fmt: skip
    trees: list[Solid] = [
        Tree(x, y, h, 30 + k, autumn if k in (2, 5) else greens[k % 4])
        for k, (x, y, h) in enumerate(places)
    ]
    bushes = [(1.5, 9.6, 0.9), (-1.9, 9.6, 0.7), (-3.4, 9.4, 0.8), (6.0, 15.9, 1.1),
              (-4.6, 14.6, 1.0), (1.6, 15.6, 0.9), (2.4, 4.9, 0.5), (-4.7, 4.9, 0.6)]  # fmt: skip
    trees += [Tree(x, y, h, 60 + k, greens[k % 4], bush=True) for k, (x, y, h) in enumerate(bushes)]
    return trees
