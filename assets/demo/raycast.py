"""Rays against shapes, in numpy: what the demo clip is rendered with.

Points and directions are `(N, 3)` float32 in metres, x right, y away, z up; distances along a ray
are `(N,)`, infinite where it misses.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Distance = Callable[[Array], Array]
"""Signed distance to a shape: `(N, 3)` -> `(N,)`, metres, negative inside."""

FAR = np.float32(np.inf)


def unit(v: Array) -> Array:
    """Vectors scaled to length one, along the last axis."""
    return (v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)).astype(np.float32)


def smoothstep(low: float, high: float, x: Array) -> Array:
    """0 below `low`, 1 above `high`, a smooth ramp between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def mix(a: Array, b: Array, share: Array) -> Array:
    """`a` where share is 0, `b` where it is 1; share is `(N,)`, colours `(N, 3)` or `(3,)`."""
    s = np.asarray(share, np.float32)[..., None]
    return (a * (1 - s) + b * s).astype(np.float32)


def noise_tile(size: int, seed: int, coarsest: int, octaves: int) -> Array:
    """A tile of smooth noise in 0..1 that repeats without a seam: `(size, size)`."""
    rng = np.random.default_rng(seed)
    total = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        cells = coarsest * 2**octave
        grid = np.pad(rng.random((cells, cells), np.float32), 2, mode="wrap")
        scale = size / cells
        at = (np.arange(size, dtype=np.float32) + 0.5) / scale + 1.5
        xs, ys = np.meshgrid(at, at)
        total += cv2.remap(grid, xs, ys, cv2.INTER_CUBIC) * 0.5**octave
    low, high = np.quantile(total, [0.005, 0.995])
    return np.clip((total - low) / (high - low), 0, 1).astype(np.float32)


def look_up(tile: Array, u: Array, v: Array) -> Array:
    """A repeating tile at `(u, v)`, both in tiles: `(N,)` or `(N, channels)`."""
    size = tile.shape[0]
    # remap takes at most 2**15 rows, so the points are folded into a block
    n, wide = len(u), 4096
    rows = -(-n // wide)
    xs = np.zeros(rows * wide, np.float32)
    ys = np.zeros(rows * wide, np.float32)
    xs[:n], ys[:n] = (u % 1) * size, (v % 1) * size
    found = cv2.remap(
        tile, xs.reshape(rows, wide), ys.reshape(rows, wide), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )  # fmt: skip
    return found.reshape(rows * wide, *tile.shape[2:])[:n].astype(np.float32)


def hit_sphere(origin: Array, rays: Array, centre: Array, radius: float) -> Array:
    """Distance along rays from one origin to a sphere."""
    to = centre - origin
    along = rays @ to
    square = along * along - (to @ to - radius * radius)
    t = along - np.sqrt(np.maximum(square, 0))
    return np.where((square > 0) & (t > 0), t, FAR).astype(np.float32)


def hit_cone(
    origin: Array, rays: Array, base: Array, low: float, high: float, r_low: float, r_high: float
) -> Array:
    """Distance to an upright cone or cylinder over `base`, between two heights and their radii."""
    slope = (r_high - r_low) / (high - low)
    o = origin - base
    radius = r_low + slope * (o[2] - low)
    dx, dy, dz = rays.T
    a = dx * dx + dy * dy - (slope * dz) ** 2
    b = o[0] * dx + o[1] * dy - slope * dz * radius
    c = o[0] ** 2 + o[1] ** 2 - radius**2
    square = b * b - a * c
    t = (-b - np.sqrt(np.maximum(square, 0))) / np.where(np.abs(a) < 1e-9, 1e-9, a)
    z = o[2] + t * dz
    return np.where((square > 0) & (t > 0) & (z > low) & (z < high), t, FAR).astype(np.float32)


def march(distance: Distance, origin: Array, rays: Array, start: Array, end: Array) -> Array:
    """Sphere tracing: walk each ray from `start` by the distance that is surely free."""
    t = start.astype(np.float32).copy()
    found = np.full(len(rays), FAR, np.float32)
    active = np.arange(len(rays))
    for _ in range(60):
        d = distance(origin + rays[active] * t[active, None])
        t[active] += d * 0.95
        near = d < 0.002
        found[active[near]] = t[active[near]]
        active = active[~near & (t[active] < end[active])]
        if not len(active):
            break
    return found


def normals(distance: Distance, points: Array) -> Array:
    """Outward normals from the gradient of a distance."""
    step = 0.004
    corners = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], np.float32)
    total = np.zeros_like(points)
    for corner in corners:
        total += corner * distance(points + corner * np.float32(step))[:, None]
    return unit(total)


def sunlight(distance: Distance, points: Array, sun: Array, reach: float) -> Array:
    """Share of the sun's disc that a shape leaves free, 0..1, over `reach` metres."""
    free = np.ones(len(points), np.float32)
    t = np.full(len(points), 0.03, np.float32)
    active = np.arange(len(points))
    for _ in range(28):
        d = distance(points[active] + sun * t[active, None])
        free[active] = np.minimum(free[active], np.clip(0.5 + 4.5 * d / t[active], 0, 1))
        t[active] += np.clip(np.abs(d), 0.03, 0.3)
        active = active[(t[active] < reach) & (free[active] > 0.01)]
        if not len(active):
            break
    return (free * free * (3 - 2 * free)).astype(np.float32)
