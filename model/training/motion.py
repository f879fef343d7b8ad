"""How targets, other objects and the camera move between the frames of a synthetic clip.

Motion grows with the root of the gap between two frames.
"""

import math

import numpy as np
from numpy.typing import NDArray

from model.training.cutouts import Cutout, Matrix, Pyramid, translation
from model.training.samples import ClipConfig, Rng, log_uniform


def target_path(
    rng: Rng, gaps: list[int], size: float, width: float, height: float
) -> NDArray[np.float64]:
    """Centres of the target: `(F, 2)`. It keeps clear of the frame's border in most clips, and is
    cut by it in a few."""
    frame = np.array([width, height])
    clear = float(rng.choice((2.2, 0.5, 0.05), p=(0.7, 0.22, 0.08)))
    margin = np.minimum(clear * size, 0.45 * frame)
    path = [rng.uniform(margin, frame - margin)]
    for gap in gaps:
        step = rng.normal(0, min(0.3 * math.sqrt(gap), 1.5), 2) * size
        path.append(np.clip(path[-1] + step, margin, frame - margin))
    return np.array(path)


def object_poses(
    rng: Rng, config: ClipConfig, gaps: list[int], cutouts: list[Cutout],
    path: NDArray[np.float64], size: float, flat: bool = False,
) -> list[Matrix]:  # fmt: skip
    """From cut-out to frame at each frame of the clip; `flat` without perspective."""
    angle = float(rng.normal(0, 0.12)) if rng.random() < 0.85 else float(rng.uniform(-3.15, 3.15))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    turn = 2.0 if rng.random() < config.any_angle else 0.35
    zoom, aspect, shear = 0.0, float(rng.normal(0, 0.1)), 0.0
    tilt = np.zeros(2)
    tilting = rng.random() < 0.3 and not flat
    poses = []
    for index, cutout in enumerate(cutouts):
        if index:
            step = math.sqrt(gaps[index - 1] / config.longest_gap)
            angle += float(rng.normal(0, turn)) * step
            zoom += float(rng.normal(0, 0.4)) * step
            aspect += float(rng.normal(0, 0.15)) * step
            shear += float(rng.normal(0, 0.12)) * step
            if tilting:
                tilt = tilt + rng.normal(0, 0.12, 2) * (0.3 + step)
        poses.append(
            translation(*path[index])
            @ _rotation(angle)
            @ _stretch(size / cutout.size * math.exp(np.clip(zoom, -0.9, 0.9)), aspect, shear)
            @ np.array([[mirror, 0, 0], [0, 1, 0], [0, 0, 1]])
            @ _tilt(np.clip(tilt, -0.25, 0.25) / cutout.size)
            @ translation(*(-centre_of(cutout)))
        )
    return poses


def centre_of(cutout: Cutout) -> NDArray[np.float64]:
    x, y, w, h = cutout.box
    return np.array([x + w / 2, y + h / 2])


def _rotation(angle: float) -> Matrix:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


def _stretch(scale: float, aspect: float, shear: float) -> Matrix:
    a = math.exp(aspect / 2)
    return np.array([[scale * a, scale * shear, 0], [0, scale / a, 0], [0, 0, 1.0]])


def _tilt(tilt: NDArray[np.float64]) -> Matrix:
    matrix = np.eye(3)
    matrix[2, :2] = tilt
    return matrix


def camera_poses(
    rng: Rng, picture: Pyramid, gaps: list[int], path: NDArray[np.float64], size: float
) -> list[Matrix]:
    """From picture to frame at each frame: a camera that pans, zooms and rolls."""
    # picture pixels under the search crop: enough of them to be sharp, no more than there are
    under = np.clip(4 * size * log_uniform(rng, 0.6, 2.0), 90, 0.9 * picture.width)
    scale = 4 * size / float(under)
    look = rng.uniform(0.2, 0.8, 2) * (picture.width, picture.height)
    angle = float(rng.normal(0, 0.05))
    # the camera partly follows the target
    follow = float(rng.uniform(0, 1))
    zoom = 0.0
    poses = []
    for frame, place in enumerate(path):
        if frame:
            gap = gaps[frame - 1]
            angle += float(rng.normal(0, 0.02)) * math.sqrt(gap)
            zoom += float(rng.normal(0, 0.03)) * math.sqrt(gap)
            look = look + rng.normal(0, 0.15 * math.sqrt(gap), 2) * size / scale
        centre = follow * place + (1 - follow) * path[0]
        poses.append(
            translation(*centre)
            @ _rotation(angle)
            @ _stretch(scale * math.exp(np.clip(zoom, -0.5, 0.5)), 0, 0)
            @ translation(*(-look))
        )
    return poses
