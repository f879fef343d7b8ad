"""The project's own layout; any part may be missing, not all of them.

    train/NAME/img/*.jpg  groundtruth.txt  [mask/*.png]   a track, `x,y,w,h` per frame, nan = absent
    images/bsds500/*.jpg  *.png                           a photograph and its region labels
    images/coco128/*.jpg  *.png                           a photograph and its instances, 0 = none
    videos/*  [index.json]                                plain videos
    unlabelled/NAME/img/*.jpg  groundtruth.N.txt          targets found in plain videos

Several targets of one sequence have `groundtruth.1.txt`, `groundtruth.2.txt` and so on.
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.images import Frame
from model.training.cutouts import Cutout, make_cutout
from model.training.library import Library
from model.training.readers.frames import at_most_wide, decode, pictures_in, read_picture
from model.training.readers.photographs import add_photograph, instances, labelled, segments
from model.training.readers.truth import read_boxes
from model.training.track import Track

_FRAMES_PER_VIDEO = 8
_BACKGROUND_EVERY = 12
_VIDEOS = {".mp4", ".mkv", ".avi", ".mov", ".webm"}


def is_there(root: Path) -> bool:
    """Whether any part of the layout is in `root`."""
    parts = ("images/bsds500", "images/coco128", "videos", "unlabelled")
    return any((root / part).is_dir() for part in parts) or bool(sequences_in(root / "train"))


def read(root: Path, library: Library, rng: np.random.Generator) -> None:
    """Add all of `root` but the tracks in its plain videos.

    Raises:
        InputError: a track, picture or video that cannot be read.
    """
    for folder in sequences_in(root / "train"):
        tracks = read_tracks(folder)
        library.tracks.extend(tracks)
        for image in tracks[0].frames[::_BACKGROUND_EVERY]:
            library.add_background(image)
    for path, labels in labelled(root / "images" / "coco128"):
        add_photograph(library, rng, path, labels, instances)
    for path, labels in labelled(root / "images" / "bsds500"):
        add_photograph(library, rng, path, labels, segments)
    for path in sorted((root / "videos").glob("*")):
        for image in _key_frames(path):
            library.add_background(image)
    for folder in sequences_in(root / "unlabelled"):
        tracks = read_tracks(folder)
        library.unlabelled.extend(_where_known(track) for track in tracks)
        for image in tracks[0].frames[:: 4 * _BACKGROUND_EVERY]:
            library.add_background(image)


def read_tracks(folder: Path) -> list[Track]:
    """Read one sequence: a track for each of its targets, which share the decoded frames.

    Raises:
        InputError: no ground truth, no pictures, fewer boxes than pictures, or a damaged picture.
    """
    paths, boxes = pictures_and_boxes(folder)
    frames = [read_picture(path) for path in paths]
    if len(boxes) == 1:
        cutouts = _cutouts(folder / "mask", paths, frames)
        return [Track(folder.name, frames, each, cutouts) for each in boxes.values()]
    names = [f"{folder.name}#{Path(truth).stem.rpartition('.')[2]}" for truth in boxes]
    return [Track(name, frames, each, []) for name, each in zip(names, boxes.values(), strict=True)]


def pictures_and_boxes(folder: Path) -> tuple[list[Path], dict[str, NDArray[np.float64]]]:
    """Pictures of a sequence, and boxes `(N, 4)` by the name of their file.

    Raises:
        InputError: no ground truth, no pictures, or fewer boxes than pictures.
    """
    truths = sorted(folder.glob("groundtruth*.txt"), key=lambda p: (len(p.name), p.name))
    paths = pictures_in(folder / "img")
    if not truths or not paths:
        raise InputError(f"The track {folder} needs img/ with pictures and a groundtruth.txt.")
    return paths, {truth.name: read_boxes(truth, len(paths)) for truth in truths}


def sequences_in(folder: Path) -> list[Path]:
    """Sequences of this layout: GOT-10k's lack `img`, LaSOT's lie one folder deeper."""
    return sorted(p.parent for p in folder.glob("*/img") if p.is_dir())


def _where_known(track: Track) -> Track:
    """The part of a track between the first and the last box: what lies beyond is not known."""
    if not len(track.seen):
        return track
    part = slice(int(track.seen[0]), int(track.seen[-1]) + 1)
    return Track(track.name, track.frames[part], track.boxes[part], [])


def _cutouts(folder: Path, paths: list[Path], frames: list[Frame]) -> list[Cutout]:
    cutouts: list[Cutout] = []
    if not folder.is_dir():
        return cutouts
    for path, image in zip(paths, frames, strict=True):
        mask = decode(folder / f"{path.stem}.png", cv2.IMREAD_GRAYSCALE)
        if mask is not None and mask.shape == image.shape[:2]:
            cutout = cut_target(image, mask > 127)
            if cutout is not None:
                cutouts.append(cutout)
    return cutouts


def cut_target(image: Frame, mask: NDArray[np.bool_]) -> Cutout | None:
    """The target of a sequence; None where little of its box is mask."""
    cutout = make_cutout(image, mask)
    if cutout is None or cutout.area <= 0.15 * cutout.box[2] * cutout.box[3]:
        return None
    return cutout


def _key_frames(path: Path) -> Iterator[Frame]:
    """A few key frames of a video, spread over it; none where it is not a video."""
    if not path.is_file() or path.suffix.lower() not in _VIDEOS:
        return
    # machines that train on pictures alone may lack it
    import av

    try:
        with av.open(str(path)) as container:
            packets = container.demux(container.streams.video[0])
            count = sum(1 for packet in packets if packet.size and packet.is_keyframe)
        wanted = set(np.linspace(0, max(0, count - 1), _FRAMES_PER_VIDEO).astype(int).tolist())
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.codec_context.skip_frame = "NONKEY"
            # one at a time: there are codecs whose every frame is a key frame
            for index, frame in enumerate(container.decode(stream)):
                if index in wanted:
                    yield at_most_wide(
                        frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
                    )
    except (av.error.FFmpegError, IndexError) as error:
        raise InputError(f"The video {path} cannot be read ({error}); remove it.") from error
