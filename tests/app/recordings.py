"""Pictures that tell which they are, also after they were recorded."""

from pathlib import Path

import numpy as np

from app.core.sources import VideoFile
from model.images import Frame
from tests.app.clips import noise

RATE = 25


def shade(index: int) -> Frame:
    """A picture that tells its index, up to 60."""
    return np.full((64, 96, 3), 20 + index % 60 * 3.5, np.uint8)


def grain(count: int) -> list[Frame]:
    """Grey noise of 192 × 128, some 10 kB a frame."""
    return [rgb[:, :, :1].repeat(3, 2) for rgb in noise(count, 192, 128)]


def told(rgb: Frame) -> int:
    return round((float(rgb[:20].mean()) - 20) / 3.5)


def read(path: Path) -> tuple[list[float], list[int]]:
    """Times of a video's frames, and the index that each picture tells."""
    with VideoFile(path) as source:
        frames = list(source)
    return [frame.time_s for frame in frames], [told(frame.rgb) for frame in frames]
