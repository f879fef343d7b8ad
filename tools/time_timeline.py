"""How long the timeline takes to show what changed.

    QT_QPA_PLATFORM=offscreen python -m tools.time_timeline
    python -m tools.time_timeline --targets 10 --rows 20000 --width 1600

Each line is a way of use; what is timed is one snapshot (or one turn of the wheel) until it is
painted.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Annotated

import numpy as np
import typer
from PyQt6.QtWidgets import QApplication

from app.core.player.document import Document, DocumentState, TargetTrack, TrackRow, TrackRows
from app.core.player.snapshot import Playback, Snapshot, Span
from app.core.sources.base import SourceFrame, SourceInfo
from app.ui.application import application
from app.ui.timeline import Timeline

_PICTURE = np.zeros((4, 4, 3), np.uint8)
_RATE = 30.0
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class Scenes:
    """Snapshots of a long video in which many targets are followed."""

    def __init__(self, targets: int, rows: int, frames: int) -> None:
        self._info = SourceInfo("long.mp4", 4, 4, frames, _RATE, is_live=False)
        self._times = np.arange(frames) / _RATE
        self._frames, self._rows = frames, rows
        self._ids = range(1, targets + 1)
        self._scores = np.clip(
            0.7 + np.random.default_rng(0).normal(0, 0.02, (targets, frames)).cumsum(1) % 0.6 - 0.3,
            0, 1,
        )  # fmt: skip
        self.document = Document(
            DocumentState(tuple(
                TargetTrack(
                    id, f"target {id}", id - 1,
                    rows=TrackRows.of(self._row(id, k) for k in range(rows)),
                    corrections=dict.fromkeys(range(0, rows, rows // 8), (0.0, 0.0, 1.0, 1.0)),
                )
                for id in self._ids
            ))
        )  # fmt: skip

    def first(self) -> Snapshot:
        """The last frame that is tracked."""
        span = Span(0, self._frames - 1, self._times)
        return replace(
            Snapshot(Playback.PLAYING, self._info, span=span), **self._at(self._rows - 1)
        )

    def tracking(self, snapshot: Snapshot) -> Iterator[Snapshot]:
        """A row more for every target with every frame."""
        for k in range(self._rows, self._frames):
            self.document.grow({id: [self._row(id, k)] for id in self._ids})
            yield replace(snapshot, **self._at(k))

    def looking(self, snapshot: Snapshot) -> Iterator[Snapshot]:
        """Frames here and there, nothing new."""
        for k in np.random.default_rng(1).integers(0, self._rows, self._frames):
            yield replace(snapshot, **self._at(int(k)))

    def live(self, snapshot: Snapshot) -> Iterator[Snapshot]:
        """The last ten seconds of a camera, with a row more for every target with every frame."""
        info = replace(self._info, frames=None, is_live=True)
        for k in range(self._rows, self._frames):
            self.document.grow({id: [self._row(id, k)] for id in self._ids})
            span = Span(k - 299, k, self._times[k - 299 : k + 1])
            yield replace(snapshot, info=info, span=span, **self._at(k))

    def _at(self, frame: int) -> dict[str, object]:
        shown = SourceFrame(frame, float(self._times[frame]), _PICTURE)
        return {"frame": shown, "document": self.document.state}

    def _row(self, id: int, frame: int) -> TrackRow:
        score = float(self._scores[id - 1, frame])
        state = "lost" if score < 0.45 else "uncertain" if score < 0.55 else "tracking"
        return TrackRow(frame, frame / _RATE, (0.0, 0.0, 1.0, 1.0), score, state)


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds until `act` is done and everything is painted, and those the processor was at
    it, which is less where others want it too."""
    begin, begin_busy = time.perf_counter(), time.thread_time()
    act()
    QApplication.processEvents()
    return 1000 * (time.perf_counter() - begin), 1000 * (time.thread_time() - begin_busy)


@app.command()
def main(
    targets: Annotated[int, typer.Option(help="Lanes.")] = 10,
    rows: Annotated[int, typer.Option(help="Rows of each target.")] = 20_000,
    frames: Annotated[int, typer.Option(help="Frames of the video.")] = 100_000,
    width: Annotated[int, typer.Option(help="Width of the timeline, logical pixels.")] = 1600,
    rounds: Annotated[int, typer.Option(help="Snapshots per line.")] = 600,
) -> None:
    """Time the timeline."""
    gui = application()
    timeline = Timeline()
    timeline.resize(width, 520)
    timeline.show()
    scenes = Scenes(targets, rows, frames)
    first = scenes.first()
    timeline.show_snapshot(first)
    gui.processEvents()
    ways = {
        "tracking": lambda: map(_show(timeline), scenes.tracking(first)),
        "looking": lambda: map(_show(timeline), scenes.looking(first)),
        "tracking, zoomed in": lambda: map(_show(timeline), scenes.tracking(first)),
        "live": lambda: map(_show(timeline), scenes.live(first)),
        "zooming": lambda: _zooms(timeline),
    }
    typer.echo(f"{targets} targets, {rows} rows each, {width} pixels; milliseconds")
    typer.echo(f"{'':22}{'median':>8}{'p99':>8}{'CPU median':>12}{'CPU p99':>12}")
    for name, way in ways.items():
        scenes = Scenes(targets, rows, frames)
        first = scenes.first()
        timeline.show_snapshot(first)
        timeline.zoom_fit()
        if "zoomed" in name:
            timeline.zoom(40)
        gui.processEvents()
        acts = way()
        spans = np.array([timed(next(acts)) for _ in range(rounds)])
        (median, p99), (busy, busy99) = np.percentile(spans, (50, 99), axis=0).T
        typer.echo(f"{name:22}{median:8.2f}{p99:8.2f}{busy:12.2f}{busy99:12.2f}")


def _show(timeline: Timeline) -> Callable[[Snapshot], Callable[[], None]]:
    return lambda snapshot: lambda: timeline.show_snapshot(snapshot)


def _zooms(timeline: Timeline) -> Iterator[Callable[[], None]]:
    while True:
        for factor in (*[1.2] * 20, *[1 / 1.2] * 20):
            yield lambda factor=factor: timeline.zoom(factor, 400.0)


if __name__ == "__main__":
    app()
