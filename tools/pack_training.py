"""Pack what training needs into one small folder, for a machine that has little but a GPU.

    python -m tools.pack_training DATA [DATA ...] --into pack --mib 50 --init imagenet

DATA lie in the project's own layout (`model.training.readers.own`). So does what
`tools.unpack_training` makes of the pack: the pictures of each sequence travel as a video, at the
best width and quality that fit, or as JPEG where their size changes; photographs as JPEG, masks and
labels as they were, and the targets found in plain videos in place of the videos.
`pack/init.safetensors` holds the weights to start from: `train pack --init pack/init.safetensors`.
"""

import logging
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import av
import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from model import weights
from model.errors import InputError, TrackerError
from model.images import Frame
from model.training.loop import initial_network
from model.training.readers import own
from model.training.readers.frames import at_most_wide, read_picture
from model.training.readers.photographs import labelled
from model.training.track import Track
from model.training.unlabelled import unlabelled_tracks
from tools.unpack_training import VIDEO

_SAMPLES = 150
"""Photographs that are tried for an estimate."""
_LEAST_QUALITY = 70
"""Of the pictures of sequences that are no videos: they are small and few."""
_TRIED = 5
"""Of how many sequences one is tried for an estimate."""


@dataclass(frozen=True)
class Fit:
    """How pictures are made smaller."""

    width: int
    """Longest side, pixels."""
    crf: int
    """Constant rate factor of H.264: higher is smaller and worse."""
    quality: int
    """Of JPEG, 0..100."""


FITS = (
    Fit(640, 17, 92), Fit(640, 19, 88), Fit(640, 20, 80), Fit(640, 21, 75), Fit(640, 22, 70),
    Fit(640, 23, 65), Fit(640, 24, 60), Fit(560, 25, 60), Fit(480, 26, 60), Fit(400, 28, 60),
    Fit(320, 30, 55),
)  # fmt: skip
"""What is tried, in this order."""


@dataclass(frozen=True)
class Footage:
    """Pictures of one sequence and its targets, still on disk or in memory."""

    part: str
    """`train` or `unlabelled`."""
    name: str
    frames: Sequence[Path] | Sequence[Frame]
    truths: dict[str, NDArray[np.float64]]
    """Boxes `(N, 4)` by the name of their file."""
    masks: Path | None

    def frame(self, index: int) -> Frame:
        """A picture, RGB."""
        held = self.frames[index]
        return read_picture(held) if isinstance(held, Path) else held

    @cached_property
    def is_steady(self) -> bool:
        """Whether all frames have one size, as those of a video: windows cut around a target do
        not."""
        return len({self.frame(i).shape for i in range(len(self.frames))}) == 1


def labelled_sequences(root: Path) -> Iterator[Footage]:
    """The sequences of `train/` and `unlabelled/`, not decoded."""
    for part in ("train", "unlabelled"):
        for folder in own.sequences_in(root / part):
            paths, boxes = own.pictures_and_boxes(folder)
            masks = folder / "mask"
            yield Footage(part, folder.name, paths, boxes, masks if masks.is_dir() else None)


def found_sequences(tracks: list[Track]) -> Iterator[Footage]:
    """Tracks found in videos, those of one video together: they share their frames."""
    by_video: dict[str, list[Track]] = defaultdict(list)
    for track in tracks:
        by_video[track.name.rpartition("#")[0]].append(track)
    for name, held in by_video.items():
        frames = in_order([track.frames for track in held])
        places = {id(frame): i for i, frame in enumerate(frames)}
        truths = {}
        for number, track in enumerate(held, 1):
            boxes = np.full((len(frames), 4), np.nan)
            boxes[[places[id(frame)] for frame in track.frames]] = track.boxes
            truths[f"groundtruth.{number}.txt"] = boxes
        yield Footage("unlabelled", name, frames, truths, None)


def in_order(runs: Sequence[Sequence[Frame]]) -> list[Frame]:
    """All frames of runs that share some, each once: neighbours of a run stay neighbours."""
    frames = {id(frame): frame for run in runs for frame in run}
    after = {id(a): id(b) for run in runs for a, b in pairwise(run)}
    later = set(after.values())
    heads = [key for key in frames if key not in later]
    ordered = []
    for head in heads:
        at: int | None = head
        while at is not None:
            ordered.append(frames[at])
            at = after.get(at)
    return ordered


def encode(image: Frame, quality: int) -> bytes:
    """A picture as JPEG."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    ok, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), settings)
    assert ok
    return data.tobytes()


class Packer:
    """Writes a pack.

    Args:
        roots: folders in the project's own layout.
        into: the folder to make.
        found: JSON file of the boxes found in videos.
    """

    def __init__(self, roots: Sequence[Path], into: Path, found: Path | None) -> None:
        for root in roots:
            if not own.is_there(root):
                raise InputError(f"{root} is not in the project's own layout; pack one that is.")
        self.into = into
        self.sequences = [s for root in roots for s in labelled_sequences(root)]
        for root in roots:
            self.sequences += found_sequences(unlabelled_tracks(root / "videos", cache=found))
        self.photographs = [
            (part, path, labels)
            for root in roots
            for part in ("bsds500", "coco128")
            for path, labels in labelled(root / "images" / part)
        ]

    def fill(self, room: int) -> Fit:
        """Write all by the first of `FITS` by which it takes at most `room` bytes.

        Raises:
            InputError: none.
        """
        held = size_of(self.into)
        for fit in FITS:
            if self.estimate(fit) > room:
                continue
            self.write(fit)
            if size_of(self.into) - held <= room:
                return fit
            # the pictures that were tried were smaller than the others
            for part in ("train", "unlabelled", "images"):
                shutil.rmtree(self.into / part, ignore_errors=True)
        raise InputError(
            f"The data do not fit into {room / 2**20:.1f} MiB even at their smallest; "
            "pack fewer, or allow more with --mib."
        )

    def estimate(self, fit: Fit) -> float:
        """Bytes that everything will take, from some pictures spread over all of them."""
        total = float(sum(labels.stat().st_size for _, _, labels in self.photographs))
        videos = [s for s in self.sequences if s.is_steady]
        pictures = [s for s in self.sequences if not s.is_steady]
        for kind in (videos, pictures):
            tried = kind[::_TRIED]
            if not tried:
                continue
            with tempfile.TemporaryDirectory() as folder:
                for sequence in tried:
                    self._write_sequence(sequence, fit, Path(folder))
                frames = sum(len(s.frames) for s in kind)
                part = sum(len(s.frames) for s in tried)
                total += size_of(Path(folder)) * frames / part
        if self.photographs:
            few = self.photographs[:: max(1, len(self.photographs) // _SAMPLES)]
            sizes = [len(encode(read_picture(path), fit.quality)) for _, path, _ in few]
            total += len(self.photographs) * float(np.mean(sizes))
        return total

    def write(self, fit: Fit) -> None:
        """Write every sequence and photograph."""
        for sequence in self.sequences:
            self._write_sequence(sequence, fit, self.into)
        for part, path, labels in self.photographs:
            folder = self.into / "images" / part
            folder.mkdir(parents=True, exist_ok=True)
            # labels are of the same size as their picture
            picture = encode(read_picture(path), fit.quality)
            (folder / f"{path.stem}.jpg").write_bytes(picture)
            shutil.copyfile(labels, folder / f"{path.stem}.png")

    def _write_sequence(self, sequence: Footage, fit: Fit, into: Path) -> None:
        truths = {n: b for n, b in sequence.truths.items() if np.isfinite(b).all(1).sum() >= 2}
        if not truths:
            return
        folder = into / sequence.part / sequence.name
        if folder.exists():
            raise InputError(f"There are two sequences named {sequence.name}; rename one.")
        folder.mkdir(parents=True)
        first = sequence.frame(0)
        frames = range(len(sequence.frames))
        if sequence.is_steady:
            size = even_size(first, fit.width)
            write_video(folder / VIDEO, map(sequence.frame, frames), size, fit.crf)
            for number in frames:
                mask = folder / "mask" / f"{number + 1:05d}.png"
                self._write_mask(sequence, number, mask, size)
            scales = np.tile(np.array(size) / first.shape[1::-1], (len(frames), 2))
        else:
            scales = self._write_pictures(sequence, fit, folder / "img")
        for name, boxes in truths.items():
            np.savetxt(folder / name, boxes * scales, delimiter=",", fmt="%.2f")

    @staticmethod
    def _write_pictures(sequence: Footage, fit: Fit, folder: Path) -> NDArray[np.float64]:
        """Write each frame as JPEG of its own size; returns the factors of boxes, `(N, 4)`."""
        folder.mkdir()
        scales = []
        for number in range(len(sequence.frames)):
            image = sequence.frame(number)
            small = at_most_wide(image, fit.width)
            (folder / f"{number + 1:05d}.jpg").write_bytes(
                encode(small, max(fit.quality, _LEAST_QUALITY))
            )
            scales.append(np.tile(np.array(small.shape[1::-1]) / image.shape[1::-1], 2))
        return np.array(scales)

    @staticmethod
    def _write_mask(sequence: Footage, index: int, path: Path, size: tuple[int, int]) -> None:
        held = sequence.frames[index]
        if sequence.masks is None or not isinstance(held, Path):
            return
        mask = cv2.imread(str(sequence.masks / f"{held.stem}.png"), cv2.IMREAD_GRAYSCALE)
        if mask is None:
            return
        path.parent.mkdir(exist_ok=True)
        small = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)
        cv2.imwrite(str(path), small, [cv2.IMWRITE_PNG_BILEVEL, 1])


def even_size(image: Frame, width: int) -> tuple[int, int]:
    """Width and height of a picture whose longer side is at most `width`, as H.264 takes them."""
    h, w = at_most_wide(image, width).shape[:2]
    return (max(2, w // 2 * 2), max(2, h // 2 * 2))


def write_video(path: Path, frames: Iterable[Frame], size: tuple[int, int], crf: int) -> None:
    """Write pictures as H.264, each scaled to `size`."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": str(crf)})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for image in frames:
            small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(small, format="rgb24")))
        container.mux(stream.encode())


def size_of(folder: Path) -> int:
    """Bytes of the files under a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def pack(
    roots: Sequence[Path], into: Path, *, mib: float, preset: str = "small",
    init: str | None = None, found: Path | None = None,
) -> Fit:  # fmt: skip
    """Make the folder `into`, of at most `mib` MiB; returns how pictures were made smaller.

    Args:
        init: `imagenet` or the path of weights for `preset`; none to leave them out.

    Raises:
        InputError: the folder is there already, the data cannot be read, or they do not fit.
        WeightsError: the weights cannot be had.
    """
    if into.exists():
        raise InputError(f"{into} is there already; remove it, or pack into another folder.")
    packer = Packer(roots, into, found)
    into.mkdir(parents=True)
    if init is not None:
        weights.save(initial_network(preset, init), into / "init.safetensors", preset=preset)
    room = int(mib * 2**20) - size_of(into)
    return packer.fill(room)


def main(
    data: Annotated[list[Path], typer.Argument(help="Folders in the project's own layout.")],
    into: Annotated[Path, typer.Option(help="Folder to make.")] = Path("pack"),
    mib: Annotated[float, typer.Option(min=1, help="Most it may take, MiB.")] = 50,
    preset: Annotated[str, typer.Option(help="Network that --init is for.")] = "small",
    init: Annotated[
        str | None, typer.Option(help="Weights to pack: imagenet, timm or a file.")
    ] = None,
    found: Annotated[
        Path | None, typer.Option(help="JSON file of boxes found in videos, as a run keeps.")
    ] = None,
) -> None:
    """Pack what training needs into one small folder."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        fit = pack(data, into, mib=mib, preset=preset, init=init, found=found)
    except TrackerError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(
        f"{into}: {size_of(into) / 2**20:.1f} MiB; {fit.width} pixels, "
        f"rate factor {fit.crf}, quality {fit.quality}"
    )


if __name__ == "__main__":
    typer.run(main)
