"""Small videos and images of every awkward kind."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.video.stream import VideoStream

from model.images import Frame

TIME_BASE = Fraction(1, 1000)


def quarters(width: int = 96, height: int = 64) -> Frame:
    """Red, green, blue and white quarters: shows which way up a picture is."""
    image = np.zeros((height, width, 3), np.uint8)
    h, w = height // 2, width // 2
    image[:h, :w], image[:h, w:] = (255, 0, 0), (0, 255, 0)
    image[h:, :w], image[h:, w:] = (0, 0, 255), (255, 255, 255)
    return image


def noise(count: int, width: int = 96, height: int = 64) -> list[Frame]:
    """Frames that compress badly, so that a file cut at half its length is cut in its frames."""
    rng = np.random.default_rng(7)
    return [rng.integers(0, 255, (height, width, 3), np.uint8) for _ in range(count)]


def encode(
    path: Path,
    images: Sequence[Frame],
    *,
    times: Sequence[float] | None = None,
    rotation: int = 0,
    codec: str = "libx264",
    **options: str,
) -> Path:
    """Write `images` as a video, at 25 frames per second or at `times`, seconds."""
    settings: dict[str, Any] = {"options": options}
    with av.open(str(path), "w", **settings) as container:
        stream = cast(VideoStream, container.add_stream(codec, rate=25))
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = TIME_BASE
        if rotation:
            stream.set_display_rotation(rotation)
        for index, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            time_s = times[index] if times is not None else index / 25
            frame.pts, frame.time_base = round(time_s / TIME_BASE), TIME_BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def sound_only(path: Path) -> Path:
    """A file with a second of silence and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        for _ in range(40):
            frame = av.AudioFrame.from_ndarray(
                np.zeros((2, 1024), np.float32), format="fltp", layout="stereo"
            )
            frame.sample_rate = 44100
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def cut_off(path: Path, share: float) -> Path:
    """Shorten a file to a share of its length."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def bad_file(folder: Path, kind: str) -> Path:
    """A file that cannot be opened: `text`, `empty`, `sound`, `cut`, `folder`, or one not there."""
    path = folder / f"{kind}.mp4"
    if kind == "text":
        path.write_text("no video")
    elif kind == "empty":
        path.touch()
    elif kind == "sound":
        sound_only(path)
    elif kind == "cut":
        # its index is at the end, which is gone
        cut_off(encode(path, noise(5)), 0.5)
    elif kind == "folder":
        path.mkdir()
    return path


def container_times(path: Path) -> list[float]:
    """Presentation times by the packets of the container, seconds, in order of presentation."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stamps = [packet.pts for packet in container.demux(stream) if packet.size]
        return sorted(float(pts * stream.time_base) for pts in stamps)
