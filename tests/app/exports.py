"""A clip with a target that is exported, and what came out read back."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from app.core.player.document import DocumentState, TargetTrack, TrackRow, TrackRows
from app.core.sources import VideoFile
from app.core.studio.exporting import ExportJob, ExportRequest, ExportResult, ExportSource
from model.geometry import Box
from model.images import Frame
from tests.app.clips import encode

WIDTH, HEIGHT, COUNT = 192, 128, 12
SHARP = {"crf": "5", "preset": "ultrafast"}


def grain() -> list[Frame]:
    """Grey cells of four pixels, another pattern in each frame: encoders keep them well."""
    rng = np.random.default_rng(5)
    cells = rng.integers(60, 190, (COUNT, HEIGHT // 4, WIDTH // 4, 1), np.uint8)
    return [np.ascontiguousarray(c.repeat(4, 0).repeat(4, 1).repeat(3, 2)) for c in cells]


def box_at(frame: int) -> Box:
    return (8.0 + 8 * frame, 56.0, 40.0, 32.0)


def track(
    id: int = 1, frames: Sequence[int] = range(COUNT), *, lost: Sequence[int] = (),
    shift: float = 0.0,
) -> TargetTrack:  # fmt: skip
    rows = [
        TrackRow(
            k, k / 25, (box_at(k)[0] + shift, *box_at(k)[1:]), 0.5 + k / 100,
            "lost" if k in lost else "tracking", "gone" if k in lost else "",
        )
        for k in frames
    ]  # fmt: skip
    return TargetTrack(id, f"cat {id}", id, rows=TrackRows.of(rows))


def document(*targets: TargetTrack) -> DocumentState:
    return DocumentState(targets or (track(),))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(tmp_path_factory.mktemp("clip") / "clip.mp4", grain(), **SHARP)


def of(path: Path, width: int = WIDTH, height: int = HEIGHT) -> ExportSource:
    return ExportSource(str(path), path.stem, width, height)


def run(request: ExportRequest, state: DocumentState, source: ExportSource) -> ExportResult:
    job = ExportJob(request, state, source)
    job.start()
    job.join()
    assert job.result is not None
    assert "\n" not in job.result.problem + job.result.notice
    return job.result


def export(request: ExportRequest, state: DocumentState, source: ExportSource) -> tuple[Path, ...]:
    """The files of an export that goes well."""
    result = run(request, state, source)
    assert (result.problem, result.cancelled) == ("", False)
    assert all(path.is_file() for path in result.paths)
    assert not list(request.path.parent.glob("*.part*"))
    return result.paths


def frames(path: Path) -> list[Frame]:
    with VideoFile(path) as source:
        return [frame.rgb for frame in source]


def difference(one: Frame, other: Frame) -> float:
    """Mean difference of two pictures, 0..255."""
    return float(np.abs(one.astype(float) - other).mean())
