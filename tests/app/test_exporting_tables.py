"""Exported tables of boxes are read back."""

from pathlib import Path

import numpy as np
import pytest

from app.core.exchange import read_boxes
from app.core.player.document import TargetTrack, TrackRow, TrackRows
from app.core.studio.exporting import EXPORTS, ExportRequest, Kind, with_ending
from tests.app.exports import clip, document, export, of, run, track
from tests.faults.conftest import small_disk

__all__ = ["clip", "small_disk"]

TABLES = [name for name, kind in EXPORTS.items() if kind.kind is Kind.TABLE]


class TestTables:
    @pytest.mark.parametrize("name", TABLES)
    def test_every_format_is_read_back(self, tmp_path: Path, clip: Path, name: str) -> None:
        state = document(track(1, lost=[5]), track(2, range(3, 9), shift=60))
        path = with_ending(tmp_path / "boxes", name)
        paths = export(ExportRequest(name, path), state, of(clip))
        single = EXPORTS[name].is_single
        assert [p.name for p in paths] == (
            [f"boxes-1-cat 1{path.suffix}", f"boxes-2-cat 2{path.suffix}"]
            if single else [path.name]
        )  # fmt: skip
        for number, target in enumerate(state.targets):
            found = read_boxes(paths[number if single else 0], chosen=name)
            wanted = 1 if single else target.id
            boxes = {r.frame: (r.x, r.y, r.w, r.h) for r in found.rows if r.id == wanted}
            # where a target is lost some formats have no box; its last place is no loss
            boxes.pop(5, None)
            rows = [row for row in target.rows if row.frame != 5]
            assert list(boxes) == [row.frame for row in rows]
            np.testing.assert_allclose(list(boxes.values()), [r.box for r in rows], atol=0.01)

    def test_csv_keeps_every_value(self, tmp_path: Path, clip: Path) -> None:
        state = document(track(1, lost=[5]))
        (path,) = export(ExportRequest("csv", tmp_path / "a.csv"), state, of(clip))
        for row, found in zip(state.targets[0].rows, read_boxes(path).rows, strict=True):
            assert (found.state, found.reason, found.label) == (row.state, row.reason, "cat 1")
            assert found.score == pytest.approx(row.score, abs=1e-3)
            assert found.time_s == pytest.approx(row.time_s, abs=1e-6)

    def test_range_and_targets_are_those_chosen(self, tmp_path: Path, clip: Path) -> None:
        state = document(track(1), track(2), track(3))
        request = ExportRequest("csv", tmp_path / "a.csv", targets=(2, 3), first=4, last=6)
        (path,) = export(request, state, of(clip))
        found = read_boxes(path)
        assert found.ids == [2, 3]
        assert sorted(found.times) == [4, 5, 6]

    def test_nothing_in_the_range_is_said_and_nothing_written(
        self, tmp_path: Path, clip: Path
    ) -> None:
        request = ExportRequest("csv", tmp_path / "a.csv", first=500)
        result = run(request, document(), of(clip))
        assert "no box in this range" in result.problem
        assert not list(tmp_path.iterdir())

    def test_former_file_stays_where_the_disk_is_full(self, small_disk: Path, clip: Path) -> None:
        path = small_disk / "a.csv"
        path.write_text("former")
        rows = TrackRows.of(
            TrackRow(k, k / 25, (k / 7, k / 3, 30.0, 40.0), 0.5, "tracking") for k in range(20_000)
        )
        result = run(ExportRequest("csv", path), document(TargetTrack(1, rows=rows)), of(clip))
        assert "cannot be written" in result.problem
        assert path.read_text() == "former"
        assert [p.name for p in small_disk.iterdir()] == ["a.csv"]
