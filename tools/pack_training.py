"""Pack what training needs into one small folder, for a machine that has little but a GPU.

    python -m tools.pack_training DATA [DATA ...] --into pack --mib 50 --init imagenet

DATA lie in the project's own layout (`model.training.readers.own`), and so does the pack: pictures
again as JPEG at the best quality, width and frame rate that fit, masks and labels as they were, and
the targets found in plain videos in place of the videos. `pack/init.safetensors` holds the weights
to start from: `train pack --init pack/init.safetensors`.
"""

import logging
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated

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

_SAMPLES = 150


@dataclass(frozen=True)
class Fit:
    """How pictures are made smaller."""

    every: int
    """Of how many frames of a sequence one is kept."""
    width: int
    """Longest side, pixels."""
    quality: int
    """Of JPEG, 0..100."""


FITS = (
    Fit(1, 640, 88), Fit(1, 640, 80), Fit(1, 640, 72), Fit(1, 640, 62), Fit(1, 560, 62),
    Fit(2, 640, 72), Fit(2, 640, 62), Fit(2, 560, 62), Fit(2, 480, 60), Fit(3, 560, 60),
    Fit(3, 480, 60), Fit(4, 480, 60), Fit(6, 400, 60), Fit(8, 320, 55),
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


def encode(image: Frame, fit: Fit) -> bytes:
    """A picture as JPEG."""
    small = cv2.cvtColor(at_most_wide(image, fit.width), cv2.COLOR_RGB2BGR)
    settings = [cv2.IMWRITE_JPEG_QUALITY, fit.quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    ok, data = cv2.imencode(".jpg", small, settings)
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
        masks = sum(f.stat().st_size for s in self.sequences if s.masks for f in s.masks.iterdir())
        plain = sum(labels.stat().st_size for _, _, labels in self.photographs)
        places = [(s, i) for s in self.sequences for i in range(0, len(s.frames), fit.every)]
        total = plain + masks / fit.every
        if places:
            some = places[:: max(1, len(places) // _SAMPLES)]
            total += len(places) * float(np.mean([len(encode(s.frame(i), fit)) for s, i in some]))
        if self.photographs:
            few = self.photographs[:: max(1, len(self.photographs) // _SAMPLES)]
            sizes = [len(encode(read_picture(path), fit)) for _, path, _ in few]
            total += len(self.photographs) * float(np.mean(sizes))
        return total

    def write(self, fit: Fit) -> None:
        """Write every sequence and photograph."""
        for sequence in self.sequences:
            self._write_sequence(sequence, fit)
        for part, path, labels in self.photographs:
            folder = self.into / "images" / part
            folder.mkdir(parents=True, exist_ok=True)
            # labels are of the same size as their picture
            image = read_picture(path)
            (folder / f"{path.stem}.jpg").write_bytes(
                encode(image, Fit(1, max(image.shape), fit.quality))
            )
            shutil.copyfile(labels, folder / f"{path.stem}.png")

    def _write_sequence(self, sequence: Footage, fit: Fit) -> None:
        kept = range(0, len(sequence.frames), fit.every)
        truths = {name: boxes[kept.start :: fit.every] for name, boxes in sequence.truths.items()}
        truths = {name: b for name, b in truths.items() if np.isfinite(b).all(1).sum() >= 2}
        if not truths:
            return
        folder = self.into / sequence.part / sequence.name
        if folder.exists():
            raise InputError(f"There are two sequences named {sequence.name}; rename one.")
        (folder / "img").mkdir(parents=True)
        scale = np.ones(2)
        for number, index in enumerate(kept, 1):
            image = sequence.frame(index)
            small = at_most_wide(image, fit.width)
            scale = np.array(small.shape[1::-1]) / image.shape[1::-1]
            (folder / "img" / f"{number:05d}.jpg").write_bytes(encode(small, fit))
            self._write_mask(sequence, index, folder / "mask" / f"{number:05d}.png", small)
        for name, boxes in truths.items():
            np.savetxt(folder / name, boxes * np.tile(scale, 2), delimiter=",", fmt="%.2f")

    @staticmethod
    def _write_mask(sequence: Footage, index: int, path: Path, like: Frame) -> None:
        held = sequence.frames[index]
        if sequence.masks is None or not isinstance(held, Path):
            return
        mask = cv2.imread(str(sequence.masks / f"{held.stem}.png"), cv2.IMREAD_GRAYSCALE)
        if mask is None:
            return
        path.parent.mkdir(exist_ok=True)
        small = cv2.resize(mask, like.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        cv2.imwrite(str(path), small, [cv2.IMWRITE_PNG_BILEVEL, 1])


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
        f"{into}: {size_of(into) / 2**20:.1f} MiB; every {fit.every}. frame, "
        f"{fit.width} pixels, quality {fit.quality}"
    )


if __name__ == "__main__":
    typer.run(main)
