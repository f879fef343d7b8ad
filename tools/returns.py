"""Is a target found again that left the picture? Measured with windows that pan away and back.

    python -m tools.returns DATA/dev small nano

Targets of the public sequences seldom leave and come back. So each is seen through a window of its
frames that follows the target, pans away until nothing of it is to be seen, stays there, and pans
back. What else is in the frames comes into view meanwhile, and may be taken for the target.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from model.evaluation.metrics import Boxes, present
from model.evaluation.peers import Contender, open_trackers
from model.evaluation.runner import Run, run_sequence
from model.evaluation.sequences import Sequence, read_sequences
from model.images import Frame

GOES, GONE, COMES, BACK, END = 20, 40, 65, 85, 130
"""Frames at which the window begins to pan, has panned away, begins to pan back, and is back."""
_SEEN = 0.15
"""Share of a target's box in the window under which it counts as absent."""
_SOON, _IN_TIME = 10, 30

app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class Window:
    """Where to begin, and how much of the frame to see."""

    first: int
    """Frame of the sequence."""
    part: float
    """Width and height of the window over those of the frame."""


WINDOWS = (Window(0, 0.45), Window(0, 0.6), Window(30, 0.45), Window(60, 0.5))


@dataclass(frozen=True)
class Panned(Sequence):
    """A sequence seen through a window that moves."""

    corners: NDArray[np.int64]
    """`(N, 2)`: the window's upper left corner in each frame."""
    size: tuple[int, int]
    """Width and height of the window."""

    def read(self, index: int) -> Frame:
        """As of a sequence: what the window shows."""
        x, y = self.corners[index]
        width, height = self.size
        return np.ascontiguousarray(super().read(index)[y : y + height, x : x + width])


def pan(sequence: Sequence, window: Window) -> Panned | None:
    """The sequence through a window; None where the target cannot leave it, or is absent itself."""
    images = sequence.images[window.first :][:END]
    truth = sequence.truth[window.first :][:END]
    if len(images) < BACK + 10 or not present(truth).all():
        return None
    height, width = sequence.read(window.first).shape[:2]
    frame = np.array([width, height])
    size = (frame * window.part).astype(int)
    with_target = np.clip(truth[:, :2] + truth[:, 2:] / 2 - size / 2, 0, frame - size)
    away = _away(truth[GONE:COMES], frame, size)
    if away is None:
        return None
    axis, place = away
    now = np.arange(len(images))
    gone = np.interp(now, (GOES, GONE, COMES, BACK), (0.0, 1.0, 1.0, 0.0))
    corners = with_target.copy()
    corners[:, axis] = (1 - gone) * with_target[:, axis] + gone * place
    corners = corners.round().astype(np.int64)
    seen = _cut(truth, corners, size)
    if not present(seen)[[0, -1]].all() or present(seen).all():
        return None
    return Panned(
        f"{sequence.name}@{window.first}, {window.part:g}", images, seen,
        sequence.occluded[window.first :][:END], sequence.out_of_view[window.first :][:END],
        corners, (int(size[0]), int(size[1])),
    )  # fmt: skip


def _away(
    truth: Boxes, frame: NDArray[np.int64], size: NDArray[np.int64]
) -> tuple[int, int] | None:
    """Axis and corner of a window at the frame's edge that shows nothing of any of the boxes."""
    best, most = None, 1.0
    for axis in (0, 1):
        low, high = truth[:, axis].min(), (truth[:, axis] + truth[:, axis + 2]).max()
        last = int(frame[axis] - size[axis])
        for place, room in ((0, low - size[axis]), (last, last - high)):
            if room >= most:
                best, most = (axis, place), room
    return best


def _cut(truth: Boxes, corners: NDArray[np.int64], size: NDArray[np.int64]) -> Boxes:
    """The parts of boxes in the window; nan where too little is in it."""
    low = np.clip(truth[:, :2] - corners, 0, size)
    high = np.clip(truth[:, :2] + truth[:, 2:] - corners, 0, size)
    share = np.prod(high - low, axis=1) / np.prod(truth[:, 2:], axis=1)
    seen = np.concatenate([low, high - low], axis=1)
    seen[share < _SEEN] = np.nan
    return seen


def runs(data: Path, trackers: list[Contender]) -> Iterator[Run]:
    """All trackers on all sequences of a folder through all windows that suit them."""
    for sequence in read_sequences(data):
        for window in WINDOWS:
            seen = pan(sequence, window)
            if seen is not None:
                yield from run_sequence(trackers, seen)


@app.command()
def main(
    data: Annotated[Path, typer.Argument(help="Sequences with ground truth.")],
    names: Annotated[list[str], typer.Argument(help="Trackers, as `evaluate` names them.")],
    peer_weights: Annotated[Path | None, typer.Option(help="Folder with NanoTrack's.")] = None,
) -> None:
    """Say how many returns were found in time."""
    trackers = open_trackers(names, peer_weights=peer_weights, device="cpu")
    found = list(runs(data, trackers))
    table = Table("tracker", "returns", f"within {_SOON}", f"within {_IN_TIME}", "success AUC")
    for tracker in trackers:
        own = [run for run in found if run.tracker == tracker.name]
        delays = np.array([delay for run in own for delay in run.delays])
        shares = [f"{(delays <= limit).mean():.2f}" for limit in (_SOON, _IN_TIME)]
        auc = np.mean([run.accuracy.success_auc for run in own])
        table.add_row(tracker.name, str(len(delays)), *shares, f"{auc:.3f}")
    Console().print(table)


if __name__ == "__main__":
    app()
