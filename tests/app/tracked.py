"""What the tracker found in the demo clip: 330 frames, three targets.

The table was written by `spacetime-tracker track assets/demo/clip.mp4 --preset small` with boxes on
the first frame. Target 1, the car, passes behind the tower and is lost for 21 frames.
"""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from app.core.exchange.csv_table import read_csv
from app.core.player.document import TargetTrack
from app.core.player.rows import STATES, TrackColumns, TrackRow, TrackRows

TABLE = Path(__file__).with_name("demo-track.csv")


@cache
def demo_targets() -> tuple[TargetTrack, ...]:
    """The car, its rival and a window of the tower."""
    found: dict[int, list[TrackRow]] = {}
    labels: dict[int, str] = {}
    for row in read_csv(TABLE).rows:
        labels[row.id] = row.label
        box = (row.x, row.y, row.w, row.h)
        found.setdefault(row.id, []).append(
            TrackRow(row.frame, row.time_s, box, row.score, row.state, row.reason)
        )
    return tuple(
        TargetTrack(id, labels[id], id - 1, rows=TrackRows.of(rows)) for id, rows in found.items()
    )


def columns_of(
    frames: Sequence[int],
    times_s: Sequence[float],
    centre: Callable[[float], tuple[float, float]],
    *,
    lost: Sequence[int] = (),
    size: tuple[float, float] = (40.0, 10.0),
) -> TrackColumns:
    """Columns of a target whose centre at a time is `centre(time)`, lost in the rows `lost`."""
    boxes = [(x - size[0] / 2, y - size[1] / 2, *size) for x, y in map(centre, times_s)]
    state = np.zeros(len(frames), np.int8)
    state[list(lost)] = STATES.index("lost")
    return TrackColumns(
        np.array(frames, np.int64), np.array(times_s), np.array(boxes).reshape(-1, 4),
        np.full(len(frames), 0.5, np.float32), state,
    )  # fmt: skip


def many_targets(count: int, rows: int) -> tuple[TargetTrack, ...]:
    """Targets that wander, long enough to try how quick something is."""
    rng = np.random.default_rng(3)
    targets = []
    for id in range(1, count + 1):
        walk = rng.normal(0, 1.5, (rows, 2)).cumsum(axis=0)
        boxes = [(float(x) + 900 + 10 * id, float(y) + 500, 60.0, 40.0) for x, y in walk]
        lost = rng.random(rows // 500 + 1) < 0.2
        targets.append(
            TargetTrack(
                id, colour=(id - 1) % 8,
                rows=TrackRows.of(
                    TrackRow(k, k / 30, box, 0.8, "lost" if lost[k // 500] else "tracking")
                    for k, box in enumerate(boxes)
                ),
            )
        )  # fmt: skip
    return tuple(targets)
