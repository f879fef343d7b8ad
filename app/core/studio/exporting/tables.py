"""Tables of boxes from what was tracked."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from app.core.exchange import BoxRow, TableInfo, open_table
from app.core.player.document import DocumentState, TargetTrack
from app.core.studio.exporting.request import EXPORTS, ExportRequest, ExportSource, planned_paths
from model.errors import InputError

Step = Callable[[int, int], None]
"""Takes how many frames are done, of how many; raises to end the export."""


def export_tables(
    request: ExportRequest, document: DocumentState, source: ExportSource, step: Step
) -> list[Path]:
    """Write the tables of a request, each in one step.

    Returns:
        The files.

    Raises:
        InputError: nothing was tracked in the range, or a file cannot be written. Former files
            are untouched.
        Exception: what `step` raised; nothing is left behind of the table at hand.
    """
    targets = request.chosen(document)
    times = _times(request, document)
    if not any(request.covers(int(n)) for t in targets for n in t.rows.columns().frame):
        raise InputError(
            "The chosen targets have no box in this range of frames; choose another range."
        )
    paths = planned_paths(request, targets)
    single = EXPORTS[request.format].is_single
    parts = [[target] for target in targets] if single else [targets]
    for number, (path, part) in enumerate(zip(paths, parts, strict=True)):

        def told(done: int, total: int, number: int = number) -> None:
            step(number * total + done, len(paths) * total)

        _write(path, request, part, times, source, told)
    return paths


def _times(request: ExportRequest, document: DocumentState) -> dict[int, float]:
    """Time of every frame that was tracked, whichever target it was for."""
    found: dict[int, float] = {}
    for target in document.targets:
        columns = target.rows.columns()
        found.update(zip(columns.frame.tolist(), columns.time_s.tolist(), strict=True))
    return {frame: found[frame] for frame in sorted(found) if request.covers(frame)}


def _write(
    path: Path, request: ExportRequest, targets: Sequence[TargetTrack], times: dict[int, float],
    source: ExportSource, step: Step,
) -> None:  # fmt: skip
    info = TableInfo(source.name, source.width, source.height)
    table = open_table(path, info, chosen=request.format)
    try:
        for done, (frame, time_s) in enumerate(times.items(), 1):
            rows = list(_rows(frame, targets))
            for row in rows:
                table.write(row)
            if not rows:
                table.empty(frame, time_s)
            step(done, len(times))
        table.close()
    except BaseException:
        with contextlib.suppress(InputError):  # the first error says it
            table.discard()
        raise


def _rows(frame: int, targets: Sequence[TargetTrack]) -> Iterator[BoxRow]:
    for target in targets:
        row = target.rows.at(frame)
        if row is not None:
            yield BoxRow(
                frame, row.time_s, target.id, target.label, *row.box, row.score, row.state,
                row.reason,
            )  # fmt: skip
