"""The embedded demo clip: a toy car on a winding road, with the box of the car in every frame."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_FOLDER = Path(__file__).parent


def clip_path() -> Path:
    """The clip: H.264 in MP4, 640×360, 30 frames per second."""
    return _FOLDER / "clip.mp4"


def truth_path() -> Path:
    """The boxes: one line `x,y,w,h` per frame, pixels; nan while the car is wholly hidden."""
    return _FOLDER / "truth.txt"


def truth() -> NDArray[np.float64]:
    """The car's box in every frame: `(frames, 4)`, x, y, w, h in pixels; nan where hidden."""
    return np.loadtxt(truth_path(), delimiter=",", ndmin=2)
