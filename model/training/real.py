"""Clips from real tracks, with objects pasted beside the target or over it."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from model.geometry import Box, Crop, cut, inside_tokens, iou
from model.images import Frame
from model.training.augment import Light, degrade, enlarge, paint_padding, shrink
from model.training.cutouts import Cutout, bounds, draw, make_cutout, transform, translation
from model.training.library import Library
from model.training.samples import (
    Border,
    Clip,
    ClipConfig,
    Convention,
    Rng,
    log_uniform,
    sample_gaps,
    search_crop,
    template_box,
)  # fmt: skip
from model.training.track import Track


def real_clip(rng: Rng, library: Library, config: ClipConfig) -> Clip:
    """Make one clip from a track of `library`, each track as often as any other."""
    unlabelled = library.unlabelled and rng.random() < config.unlabelled
    tracks = library.unlabelled if unlabelled else library.tracks
    track = tracks[rng.integers(len(tracks))]
    moments = pick_moments(rng, track, config)
    absent = rng.random() < config.absent
    light = Light.sample(rng, 1.0, config.grey)
    convention = Convention.sample(rng, config)
    border = Border.sample(rng, len(moments), config)

    templates, boxes, insides = [], [], []
    for index, moment in enumerate(moments[:-1]):
        frame, truth = track.frames[moment], box_of(track, moment)
        drawn = convention.draw(truth)
        if border is not None:
            frame, (truth, drawn) = border.cut(frame, index, truth, drawn)
        box = template_box(rng, drawn, index, config)
        crop = Crop.around(box, config.template_shape)
        templates.append(finish(rng, cut(frame, crop), frame, crop, light, config))
        boxes.append(crop.box_to_crop(box))
        insides.append(inside(frame, crop, config.template_shape.grid))

    frame, truth = track.frames[moments[-1]], box_of(track, moments[-1])
    drawn = convention.draw(truth)
    if border is not None:
        frame, (truth, drawn) = border.cut(frame, len(moments) - 1, truth, drawn)
    crop = search_crop(rng, drawn, config)
    if absent:
        frame, crop, hide = _elsewhere(rng, library, track, frame, truth, crop, config)
    image = np.ascontiguousarray(cut(frame, crop))
    box = crop.box_to_crop(truth)
    present = not absent
    if absent and hide:
        _cover(rng, library, image, box)
    elif not absent:
        present = _paste(rng, library, track, image, frame, crop, box, config)
    ages = np.abs(np.array(moments[:-1]) - moments[-1]).astype(np.float32)
    return Clip(
        np.stack(templates),
        np.array(boxes, np.float32),
        np.stack(insides),
        np.maximum(ages, 1),
        finish(rng, image, frame, crop, light, config),
        np.array(crop.box_to_crop(drawn) if present else (0, 0, 0, 0), np.float32),
        inside(frame, crop, config.search_shape.grid),
        present,
    )


def pick_moments(rng: Rng, track: Track, config: ClipConfig) -> list[int]:
    """Frames of the templates, the oldest first, and of the search: indices into the track.

    Time runs backwards half the time; a track shorter than the gaps is used from end to end.
    """
    seen = track.seen
    count = config.templates + 1
    if rng.random() < config.whole_sequence:
        picks = np.sort(rng.choice(len(seen), count, replace=len(seen) < count))
    else:
        steps = np.cumsum([0, *sample_gaps(rng, config)]).astype(float)
        steps *= min(1.0, (len(seen) - 1) / steps[-1])
        start = rng.uniform(0, len(seen) - steps[-1])
        picks = np.clip(np.floor(start + steps), 0, len(seen) - 1).astype(int)
    if rng.random() < 0.5:
        picks = picks[::-1]
    return [int(i) for i in seen[picks]]


def box_of(track: Track, moment: int) -> Box:
    """The truth of a frame: x, y, w, h."""
    x, y, w, h = (float(v) for v in track.boxes[moment])
    return (x, y, w, h)


def inside(frame: Frame, crop: Crop, grid: int) -> NDArray[np.bool_]:
    """Which tokens of a crop lie in its frame: `(grid, grid)`."""
    return inside_tokens(crop, grid, frame.shape[1], frame.shape[0])


def finish(
    rng: Rng, image: Frame, frame: Frame, crop: Crop, light: Light, config: ClipConfig
) -> Frame:
    """A crop as a camera and a codec would give it, in the light of its clip, padding painted."""
    # not where the frame itself has too few pixels
    if rng.random() < config.low_resolution and crop.side > 0.6 * crop.size:
        image = shrink(rng, image)
    light = light.then(Light.sample(rng, 0.35, 0))
    image = enlarge(light.apply(degrade(rng, image, config)), crop.size)
    paint_padding(image, crop, frame.shape[1], frame.shape[0])
    return image


def _elsewhere(
    rng: Rng, library: Library, track: Track, frame: Frame, truth: Box, crop: Crop,
    config: ClipConfig,
) -> tuple[Frame, Crop, bool]:  # fmt: skip
    """A crop without the target: of the same frame, of another track, or one to hide it in."""
    way = rng.random()
    if way < 0.4:
        for _ in range(8):
            cx, cy = rng.uniform(0, 1, 2) * (frame.shape[1], frame.shape[0])
            away = Crop(float(cx), float(cy), crop.side, crop.size)
            seen = np.array([cx - crop.side / 2, cy - crop.side / 2, crop.side, crop.side])
            if iou(seen, np.array(truth)) == 0:
                return frame, away, False
    if way < 0.75 and len(library.tracks) > 1:
        other = library.tracks[rng.integers(len(library.tracks))]
        if other is not track:
            moment = int(rng.choice(other.seen))
            return other.frames[moment], search_crop(rng, box_of(other, moment), config), False
    return frame, crop, True


def _cover(rng: Rng, library: Library, image: Frame, box: Box) -> None:
    """Hide the box under a piece of some picture."""
    # a thing in the target's place is told from it harder than a mere piece of a picture
    first, second = library.objects, library.patches
    pool = (first or second) if rng.random() < 0.5 else (second or first)
    if not pool:
        picture = library.backgrounds[rng.integers(len(library.backgrounds))]
        image[:] = picture.warp(np.eye(3), image.shape[1], image.shape[0], cv2.BORDER_REFLECT)
        return
    cutout = pool[rng.integers(len(pool))]
    x, y, w, h = cutout.box
    grow = rng.uniform(1.5, 2.2)
    draw(
        image,
        cutout,
        translation(box[0] + box[2] / 2, box[1] + box[3] / 2)
        @ np.diag([grow * box[2] / w, grow * box[3] / h, 1.0])
        @ translation(-x - w / 2, -y - h / 2),
    )


def _paste(
    rng: Rng, library: Library, track: Track, image: Frame, frame: Frame, crop: Crop, box: Box,
    config: ClipConfig,
) -> bool:  # fmt: skip
    """Paste distractors and occluders; returns whether the target is still to be seen."""
    pool = library.objects or library.patches
    if rng.random() < config.lookalike * 0.6:
        copy = _copy_of_target(rng, track, image, box)
        if copy is not None:
            _beside(rng, image, copy, box, 1.0)
    if pool and rng.random() < config.real_distractor:
        _beside(rng, image, pool[rng.integers(len(pool))], box, math.exp(rng.normal(0, 0.3)))
    if pool and rng.random() < config.real_occluder:
        return _occlude(rng, image, pool[rng.integers(len(pool))], box)
    return True


def _copy_of_target(rng: Rng, track: Track, image: Frame, box: Box) -> Cutout | None:
    """The target as an object of its own: by its mask, or else as an ellipse in its box."""
    if track.cutouts:
        return track.cutouts[rng.integers(len(track.cutouts))]
    x, y, w, h = (round(v) for v in box)
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.ellipse(
        mask, (x + w // 2, y + h // 2), (round(w * 0.55), round(h * 0.55)), 0, 0, 360, 1, -1
    )
    return make_cutout(image, mask > 0)


def _placed(
    rng: Rng, cutout: Cutout, cx: float, cy: float, size: float, turn: float
) -> NDArray[np.float64]:
    x, y, w, h = cutout.box
    angle, k = float(rng.normal(0, turn)), size / cutout.size
    c, s = k * math.cos(angle), k * math.sin(angle)
    mirror = np.diag([rng.choice([-1.0, 1.0]), 1.0, 1.0])
    rotate = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return translation(cx, cy) @ rotate @ mirror @ translation(-x - w / 2, -y - h / 2)


def _beside(rng: Rng, image: Frame, cutout: Cutout, box: Box, scale: float) -> None:
    """Draw an object where it leaves the target almost free; not at all where none is found."""
    size = math.sqrt(box[2] * box[3]) * scale * math.exp(rng.normal(0, 0.12))
    for _ in range(6):
        cx, cy = rng.uniform(0, image.shape[0], 2)
        pose = _placed(rng, cutout, float(cx), float(cy), size, 0.25)
        place = bounds(transform(pose, cutout.hull))
        if iou(np.array(place), np.array(box)) < 0.04:
            gain = np.exp(rng.normal(0, 0.08, 3))
            draw(image, cutout, pose, (float(gain[0]), float(gain[1]), float(gain[2])))
            return


def _occlude(rng: Rng, image: Frame, cutout: Cutout, box: Box) -> bool:
    """Draw an object over part of the target; returns whether a quarter of its box stays free."""
    size = math.sqrt(box[2] * box[3]) * log_uniform(rng, 0.5, 1.1)
    shift = rng.laplace(0, 0.4, 2) * (box[2], box[3])
    cx, cy = box[0] + box[2] / 2 + shift[0], box[1] + box[3] / 2 + shift[1]
    side = image.shape[0]
    free = np.full((side, side), 255, np.uint8)
    draw(image, cutout, _placed(rng, cutout, float(cx), float(cy), size, 0.3), None, free)
    x0, y0, x1, y1 = (
        int(np.clip(round(v), 0, side)) for v in (box[0], box[1], box[0] + box[2], box[1] + box[3])
    )
    part = free[y0:y1, x0:x1]
    return bool(part.size and part.mean() / 255 >= 0.3)
