"""Renders the embedded demo clip and its ground truth: `python -m assets.demo.render`.

A wind-up car drives a winding road: it turns, comes closer, passes behind a tower, and meets a
look-alike of another colour. Everything is computed here from a few shapes; the same script gives
the same frames on every machine, up to rounding.
"""

import logging
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from assets.demo import clip_path, truth_path
from assets.demo import raycast as rc
from assets.demo.raycast import Array
from assets.demo.scene import FRAMES, HAZE, RATE, SUN, SUN_COLOUR, Camera, Scene
from assets.demo.solids import Car, Solid

WIDTH, HEIGHT = 640, 360
_SHUTTER = 0.35 / RATE
_JITTER = [(0.375, 0.125), (0.875, 0.375), (0.125, 0.625), (0.625, 0.875)]
"""Places within a pixel and, in this order, moments within the shutter's opening."""

_log = logging.getLogger(__name__)


def render(scene: Scene, index: int) -> NDArray[np.uint8]:
    """Frame `index`: `(HEIGHT, WIDTH, 3)` uint8 RGB."""
    time = index / RATE
    shadow = _car_shadow(scene, scene.camera(time), [scene.target(time), scene.rival(time)])
    light = np.zeros((WIDTH * HEIGHT, 3), np.float32)
    for k, jitter in enumerate(_JITTER):
        moment = time + (k / 3 - 0.5) * _SHUTTER
        light += _look(scene, moment, jitter, shadow) / np.float32(len(_JITTER))
    return _develop(light.reshape(HEIGHT, WIDTH, 3), index)


def truth_box(scene: Scene, index: int) -> tuple[float, float, float, float]:
    """The target's whole extent in frame `index`, `(x, y, w, h)`; nan while nothing of it shows.

    The extent takes in what is hidden behind other things, but not what lies outside the frame.
    """
    time = index / RATE
    camera, car = scene.camera(time), scene.target(time)
    fine = 2
    rays = camera.rays(WIDTH * fine, HEIGHT * fine, (0.5, 0.5))
    near = _in_reach(camera.place, rays, car.centre, car.radius)
    depth = car.hit(camera.place, rays[near])
    whole = near[np.isfinite(depth)]
    depth = depth[np.isfinite(depth)]
    nearest = np.full(len(whole), np.inf, np.float32)
    for other in [*scene.still, scene.rival(time)]:
        nearest = np.minimum(nearest, other.hit(camera.place, rays[whole]))
    if not np.any(depth < nearest):
        return (np.nan, np.nan, np.nan, np.nan)
    ys, xs = np.divmod(whole, WIDTH * fine)
    x0, y0, x1, y1 = (v / fine for v in (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
    return (float(x0), float(y0), float(x1 - x0), float(y1 - y0))


def _in_reach(origin: Array, rays: Array, centre: Array, radius: float) -> NDArray[np.intp]:
    """Which rays from one origin pass through a bounding sphere in front of it."""
    to = centre - origin
    along = rays @ to
    return np.flatnonzero((along > 0) & (to @ to - along * along < radius * radius))


def _look(scene: Scene, time: float, jitter: tuple[float, float], shadow: Array) -> Array:
    """Light that reaches every pixel at one moment: `(pixels, 3)`, linear."""
    camera = scene.camera(time)
    rays = camera.rays(WIDTH, HEIGHT, jitter)
    solids = [scene.target(time), scene.rival(time), *scene.still]
    depth = np.where(rays[:, 2] < -1e-4, -camera.place[2] / np.minimum(rays[:, 2], -1e-4), rc.FAR)
    depth = depth.astype(np.float32)
    owner = np.where(np.isfinite(depth) & (depth < 90), -1, -2)
    for k, solid in enumerate(solids):
        near = _in_reach(camera.place, rays, solid.centre, solid.radius)
        t = solid.hit(camera.place, rays[near])
        closer = t < depth[near]
        depth[near[closer]] = t[closer]
        owner[near[closer]] = k
    light = scene.sky(rays)
    ground = np.flatnonzero(owner == -1)
    points = camera.place + rays[ground] * depth[ground, None]
    sun = np.minimum(scene.shade(points), shadow[ground])
    facing = SUN_COLOUR * SUN[2]
    ambient = np.array([0.26, 0.33, 0.46], np.float32)
    colour = scene.ground(points, depth[ground])
    light[ground] = _haze(colour * (ambient + facing * sun[:, None]), depth[ground])
    for k, solid in enumerate(solids):
        mine = np.flatnonzero(owner == k)
        if len(mine):
            points = camera.place + rays[mine] * depth[mine, None]
            lit = _lit(scene, solid, points, rays[mine])
            light[mine] = _haze(lit, depth[mine])
    return light


def _lit(scene: Scene, solid: Solid, points: Array, rays: Array) -> Array:
    """Light from a solid's surface towards the camera: sun, sky, ground's bounce, reflections."""
    surface = solid.surface(points)
    n = surface.normal
    facing = np.clip(n @ SUN, 0, 1)
    free = np.ones(len(points), np.float32)
    if isinstance(solid, Car):
        free = scene.shade(points)
        lit = np.flatnonzero(facing > 0)
        free[lit] *= rc.sunlight(solid.distance, points[lit] + n[lit] * 0.02, SUN, 1.2)
    up = 0.5 + 0.5 * n[:, 2]
    sky = np.array([0.34, 0.43, 0.6], np.float32)
    bounce = np.array([0.2, 0.19, 0.11], np.float32)
    ambient = rc.mix(bounce, sky, up) * np.clip(0.45 + points[:, 2] * 1.1, 0, 1)[:, None]
    light = surface.albedo * (ambient + SUN_COLOUR * (facing * free)[:, None])
    mirror = rays - 2 * np.sum(rays * n, axis=1, keepdims=True) * n
    fresnel = 0.04 + 0.5 * (1 - np.clip(-np.sum(rays * n, axis=1), 0, 1)) ** 4
    seen = rc.mix(bounce, rc.mix(HAZE, sky * 1.2, np.clip(mirror[:, 2], 0, 1)),
                  rc.smoothstep(-0.15, 0.15, mirror[:, 2]))  # fmt: skip
    spark = np.clip(mirror @ SUN, 0, 1) ** 60 * free * 2.5
    return light + surface.gloss[:, None] * (fresnel[:, None] * seen + 0.35 * spark[:, None])


def _haze(light: Array, distance: Array) -> Array:
    return rc.mix(light, HAZE * 0.92, 1 - np.exp(-((distance / 95) ** 1.4)))


def _car_shadow(scene: Scene, camera: Camera, cars: list[Car]) -> Array:
    """Share of sunlight and sky that the cars leave to the ground under every pixel."""
    rays = camera.rays(WIDTH, HEIGHT, (0.5, 0.5))
    down = np.flatnonzero(rays[:, 2] < -0.02)
    points = camera.place + rays[down] * (-camera.place[2] / rays[down, 2])[:, None]
    shadow = np.ones(len(rays), np.float32)
    for car in cars:
        off = points - car.centre
        reach = np.linalg.norm(np.cross(off, SUN), axis=1) < 1.35
        near = np.flatnonzero(reach & (np.linalg.norm(off, axis=1) < 3.2))
        free = rc.sunlight(car.distance, points[near], SUN, 2.6)
        under = np.clip(0.25 + 1.6 * car.distance(points[near]), 0, 1)
        shadow[down[near]] = np.minimum(shadow[down[near]], np.minimum(free, under))
    return shadow


def _develop(light: Array, index: int) -> NDArray[np.uint8]:
    """Film: bloom, tone curve, vignette, fine grain."""
    bright = cv2.GaussianBlur(np.maximum(light - 0.9, 0), (0, 0), 6)
    light = 0.72 * (light + 0.35 * bright)
    toned = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    toned = np.clip(toned, 0, 1) ** (1 / 2.2)
    ys, xs = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    toned *= (1 - 0.11 * np.clip(xs**2 + 0.6 * ys**2, 0, 1.4) ** 1.5)[:, :, None]
    grain = np.random.default_rng(index).standard_normal((HEIGHT, WIDTH, 1), np.float32)
    return (np.clip(toned + 0.005 * grain, 0, 1) * 255 + 0.5).astype(np.uint8)


def main() -> None:
    """Render every frame, then write clip and truth to their places beside this script."""
    scene = Scene()
    boxes = []
    with av.open(str(clip_path()), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.gop_size = RATE
        stream.options = {"crf": "20", "preset": "veryslow"}
        for index in range(FRAMES):
            picture = av.VideoFrame.from_ndarray(render(scene, index), format="rgb24")
            picture.pts, picture.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(picture))
            boxes.append(truth_box(scene, index))
            if index % RATE == 0:
                _log.info("frame %d of %d", index, FRAMES)
        container.mux(stream.encode())
    text = "\n".join(",".join(f"{v:.1f}" for v in box) for box in boxes)
    Path(truth_path()).write_text(text + "\n", encoding="ascii")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main()
