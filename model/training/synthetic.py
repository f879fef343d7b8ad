"""Synthetic clips: objects with known masks moving over moving pictures.

Scenes live in a virtual frame, in its pixels; every map is composed down to the crops, so that only
crops are ever drawn, at the resolution the virtual frame would give them.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.geometry import Box, Crop, inside_tokens
from model.images import Frame
from model.training.augment import Light, degrade, enlarge, paint_padding
from model.training.cutouts import Cutout, Matrix, bounds, draw, transform, translation
from model.training.datasets import Library
from model.training.motion import camera_poses, centre_of, object_poses, target_path
from model.training.samples import (
    Clip,
    ClipConfig,
    Convention,
    Rng,
    ages_of,
    log_uniform,
    sample_gaps,
    search_crop,
    template_box,
)  # fmt: skip

_SEEN = 0.25
_ASPECTS = (16 / 9, 4 / 3, 1.0, 3 / 4)


@dataclass
class _Actor:
    """An object of a scene: what it looks like and where it is in each frame of the clip."""

    cutouts: list[Cutout]
    poses: list[Matrix]
    shown: list[bool]
    gain: tuple[float, float, float] | None
    front: bool


@dataclass
class _Scene:
    width: float
    height: float
    backgrounds: list[int]
    background_poses: list[Matrix]
    target: _Actor
    in_place: bool
    others: list[_Actor]

    def truth(self, index: int) -> Box:
        """Box of the target in a frame of the clip, cut at the frame's border."""
        target = self.target
        points = transform(target.poses[index], target.cutouts[index].hull)
        low, high = (0.0, 0.0), (self.width, self.height)
        return bounds(np.clip(points, low, high))


def synthetic_clip(rng: Rng, library: Library, config: ClipConfig) -> Clip:
    """Make one clip from the pictures and cut-outs of `library`."""
    gaps = sample_gaps(rng, config)
    count = config.templates + 1
    absent = rng.random() < config.absent
    scene = _make_scene(rng, library, config, gaps, absent)
    light, grey = Light.sample(rng, 1.0, config.grey), 0.0
    lights = [light.then(Light.sample(rng, 0.35, grey)) for _ in range(count)]
    convention = Convention.sample(rng, config)

    templates, boxes, insides = [], [], []
    shape = config.template_shape
    for index in range(config.templates):
        box = template_box(rng, convention.draw(scene.truth(index)), index, config)
        crop = Crop.around(box, shape)
        image, _ = _render(rng, library, scene, index, crop, lights[index], config)
        templates.append(image)
        boxes.append(crop.box_to_crop(box))
        insides.append(inside_tokens(crop, shape.grid, scene.width, scene.height))  # type: ignore[arg-type]
    truth = convention.draw(scene.truth(count - 1))
    crop = search_crop(rng, truth, config)
    search, seen = _render(rng, library, scene, count - 1, crop, lights[-1], config)
    present = not absent and seen >= _SEEN
    return Clip(
        np.stack(templates),
        np.array(boxes, np.float32),
        np.stack(insides),
        ages_of(gaps),
        search,
        np.array(crop.box_to_crop(truth) if present else (0, 0, 0, 0), np.float32),
        inside_tokens(crop, config.search_shape.grid, scene.width, scene.height),  # type: ignore[arg-type]
        present,
    )


def _make_scene(
    rng: Rng, library: Library, config: ClipConfig, gaps: list[int], absent: bool
) -> _Scene:
    count = len(gaps) + 1
    cutouts, in_place = _choose_target(rng, library, config, gaps)
    size = log_uniform(rng, config.smallest_target, config.largest_target)
    size = min(size, 1.6 * cutouts[0].size)
    width = size * log_uniform(rng, 4, 30)
    height = max(3.0 * size, width / float(rng.choice(_ASPECTS)))
    path = target_path(rng, gaps, size, width, height)
    poses = object_poses(rng, config, gaps, cutouts, path, size, flat=in_place)
    hidden = absent and rng.random() < 0.4
    shown = [True] * (count - 1) + [not absent or hidden]
    target = _Actor(cutouts, poses, shown, None if in_place else _gain(rng, 0.06), False)

    if in_place:
        backgrounds = [cutouts[0].source] * count
        maps = [p @ np.linalg.inv(c.place) for p, c in zip(poses, cutouts, strict=True)]
    else:
        backgrounds = [int(rng.integers(len(library.backgrounds)))] * count
        maps = camera_poses(rng, library.backgrounds[backgrounds[0]], gaps, path, size)
    if absent and not hidden and (in_place or rng.random() < 0.3):
        backgrounds[-1] = other = int(rng.integers(len(library.backgrounds)))
        maps[-1] = camera_poses(rng, library.backgrounds[other], gaps, path, size)[-1]
    others = _others(rng, library, config, gaps, cutouts, path, size, absent)
    if hidden:
        others.append(_cover(rng, library, count, path[-1], size))
    elif rng.random() < config.occluder and (passer := _any_cutout(rng, library, cutouts)):
        others.append(_occluder(rng, config, gaps, passer, path, size))
    return _Scene(width, height, backgrounds, maps, target, in_place, others)


def _choose_target(
    rng: Rng, library: Library, config: ClipConfig, gaps: list[int]
) -> tuple[list[Cutout], bool]:
    """The target's cut-out in each frame, and whether it stays in its own picture."""
    tracks = library.deforming
    if tracks and (rng.random() < config.deforming or not (library.objects or library.patches)):
        track = tracks[rng.integers(len(tracks))]
        steps = np.cumsum([0, *gaps])
        last = len(track.cutouts) - 1
        start = int(rng.integers(0, max(1, last + 1 - min(last, int(steps[-1])))))
        indices = np.clip(start + steps, 0, last)
        if rng.random() < 0.5:
            indices = last - indices
        return [track.cutouts[i] for i in indices], False
    pool = library.objects
    if library.patches and (not pool or rng.random() < config.patch):
        pool = library.patches
        in_place = rng.random() < 0.7
    else:
        in_place = rng.random() < config.in_place
    cutout = pool[rng.integers(len(pool))]
    return [cutout] * (len(gaps) + 1), in_place and _fits_in_place(library, cutout)


def _fits_in_place(library: Library, cutout: Cutout) -> bool:
    """Whether its own picture reaches far enough around it to fill a search crop, nearly."""
    if cutout.source < 0:
        return False
    picture = library.backgrounds[cutout.source]
    size = cutout.size * math.sqrt(cutout.place[0, 0] * cutout.place[1, 1])
    return 3 * size < min(picture.width, picture.height)


def _gain(rng: Rng, sigma: float) -> tuple[float, float, float]:
    r, g, b = np.exp(rng.normal(0, 2 * sigma) + rng.normal(0, sigma, 3))
    return (float(r), float(g), float(b))


def _any_cutout(rng: Rng, library: Library, target: list[Cutout]) -> list[Cutout] | None:
    """An object other than the target, in each frame; None where the draw fell on the target."""
    frames = len(target)
    tracks = library.deforming
    if tracks and (rng.random() < 0.35 or not (library.objects or library.patches)):
        cutouts = tracks[rng.integers(len(tracks))].cutouts
        if any(cutout is target[0] for cutout in cutouts):
            return None
        start = int(rng.integers(len(cutouts)))
        return [cutouts[min(start + 3 * i, len(cutouts) - 1)] for i in range(frames)]
    pool = library.objects or library.patches
    cutout = pool[rng.integers(len(pool))]
    return None if cutout is target[0] else [cutout] * frames


def _others(
    rng: Rng, library: Library, config: ClipConfig, gaps: list[int], target: list[Cutout],
    path: NDArray[np.float64], size: float, absent: bool,
) -> list[_Actor]:  # fmt: skip
    """Distractors around the target, another copy of it sometimes among them."""
    actors = []
    shares = np.array([0.4] + [0.6 / max(1, config.distractors)] * config.distractors)
    for _ in range(int(rng.choice(config.distractors + 1, p=shares / shares.sum()))):
        cutouts = _any_cutout(rng, library, target)
        if cutouts is not None:
            scale = math.exp(rng.normal(0, 0.35))
            actors.append(_companion(rng, config, gaps, cutouts, path, size, scale))
    if not absent and rng.random() < config.lookalike:
        actors.append(
            _companion(rng, config, gaps, target, path, size, math.exp(rng.normal(0, 0.12)), 0.9)
        )
    return actors


def _companion(
    rng: Rng, config: ClipConfig, gaps: list[int], cutouts: list[Cutout],
    path: NDArray[np.float64], size: float, scale: float, nearest: float = 0.6,
) -> _Actor:  # fmt: skip
    """An object near the target in the search frame that keeps company, more or less, before."""
    bearing, distance = rng.uniform(0, 2 * math.pi), rng.uniform(nearest, 2.4) * size
    away = np.array([math.cos(bearing), math.sin(bearing)]) * distance
    offsets = [away]
    for gap in reversed(gaps):
        offsets.append(offsets[-1] + rng.normal(0, 0.25 * math.sqrt(gap), 2) * size)
    places = path + np.array(offsets[::-1])
    poses = object_poses(rng, config, gaps, cutouts, places, size * scale)
    front = rng.random() < 0.15 and nearest < 0.9
    return _Actor(cutouts, poses, [True] * len(cutouts), _gain(rng, 0.08), front)


def _occluder(
    rng: Rng, config: ClipConfig, gaps: list[int], cutouts: list[Cutout],
    path: NDArray[np.float64], size: float,
) -> _Actor:  # fmt: skip
    """Something that passes before the target, in the search frame most of the time."""
    frames = len(gaps) + 1
    places = path + rng.laplace(0, 0.35, (frames, 2)) * size
    scale = math.exp(rng.normal(-0.2, 0.35))
    poses = object_poses(rng, config, gaps, cutouts, places, size * scale)
    shown = [False] + [bool(rng.random() < 0.15) for _ in range(frames - 2)] + [True]
    return _Actor(cutouts, poses, shown, _gain(rng, 0.06), True)


def _cover(
    rng: Rng, library: Library, frames: int, place: NDArray[np.float64], size: float
) -> _Actor:
    """A thing large enough to hide the target in the search frame."""
    pool = library.patches or library.objects
    if not pool:
        tracks = library.deforming
        pool = tracks[rng.integers(len(tracks))].cutouts
    cutout = pool[rng.integers(len(pool))]
    _, _, w, h = cutout.box
    reach = 2.6 * size * math.exp(rng.uniform(0, 0.4))
    pose = (
        translation(*(place + rng.normal(0, 0.05, 2) * size))
        @ np.diag([reach / w, reach / h, 1.0])
        @ translation(*(-centre_of(cutout)))
    )
    return _Actor([cutout] * frames, [pose] * frames, [False] * (frames - 1) + [True], None, True)


def _render(
    rng: Rng, library: Library, scene: _Scene, index: int, crop: Crop, light: Light,
    config: ClipConfig,
) -> tuple[Frame, float]:  # fmt: skip
    """A crop of a frame of the scene, and how much of the target is to be seen in it, 0..1."""
    side = int(np.clip(round(crop.side), 16, crop.size))
    small = Crop(crop.cx, crop.cy, crop.side, side)
    to_crop = np.diag([small.scale, small.scale, 1.0]) @ translation(
        crop.side / 2 - crop.cx, crop.side / 2 - crop.cy
    )
    picture = library.backgrounds[scene.backgrounds[index]]
    pose = to_crop @ scene.background_poses[index]
    colour = library.mean_colours[scene.backgrounds[index]]
    # a mirrored picture would hold a second target where the target is part of the picture
    border = cv2.BORDER_CONSTANT if scene.in_place else cv2.BORDER_REFLECT
    image: Frame = picture.warp(pose, side, side, border, colour)
    visible = np.zeros((side, side), np.uint8)
    for actor in scene.others:
        if actor.shown[index] and not actor.front:
            draw(image, actor.cutouts[index], to_crop @ actor.poses[index], actor.gain)
    target = scene.target
    if target.shown[index]:
        draw(
            image, target.cutouts[index], to_crop @ target.poses[index], target.gain, visible, True
        )
    for actor in scene.others:
        if actor.shown[index] and actor.front:
            draw(image, actor.cutouts[index], to_crop @ actor.poses[index], actor.gain, visible)
    paint_padding(image, small, scene.width, scene.height, colour)  # type: ignore[arg-type]
    seen = _seen_share(scene, index, small, to_crop, visible)
    image = enlarge(light.apply(degrade(rng, image, config)), crop.size)
    paint_padding(image, crop, scene.width, scene.height)  # type: ignore[arg-type]
    return image, seen


def _seen_share(
    scene: _Scene, index: int, crop: Crop, to_crop: Matrix, visible: NDArray[np.uint8]
) -> float:
    """Share of the target's pixels inside the crop and the frame with nothing before them."""
    x0, y0 = np.clip(crop.to_crop(np.zeros(2)), 0, crop.size).round().astype(int)
    end = crop.to_crop(np.array([scene.width, scene.height]))
    x1, y1 = np.clip(end, 0, crop.size).round().astype(int)
    cutout = scene.target.cutouts[index]
    pose = to_crop @ scene.target.poses[index]
    area = cutout.area * abs(float(np.linalg.det(pose[:2, :2])))
    return float(visible[y0:y1, x0:x1].sum()) / 255 / max(area, 1.0)
