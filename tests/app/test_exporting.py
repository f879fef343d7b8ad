"""Exports: what is refused or fails leaves nothing behind, and odd sources are taken."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.core.exchange import read_boxes
from app.core.player.document import TargetTrack, TrackRow, TrackRows
from app.core.studio.exporting import (
    EXPORTS,
    ExportJob,
    ExportRequest,
    ExportResult,
    ExportSource,
    Kind,
    planned_paths,
    with_ending,
)
from model.errors import InputError
from tests.app.clips import cut_off, encode, noise, quarters
from tests.app.exports import COUNT, clip, difference, document, export, frames, of, run
from tests.faults.conftest import small_disk

__all__ = ["clip", "small_disk"]

VIDEOS = [name for name, kind in EXPORTS.items() if kind.kind is Kind.VIDEO]


class TestRefusals:
    @pytest.mark.parametrize("name", VIDEOS)
    def test_live_source_has_no_pictures_any_more(self, tmp_path: Path, name: str) -> None:
        source = ExportSource("0", "camera-0", 96, 64, is_live=True)
        with pytest.raises(InputError, match="was live"):
            ExportJob(ExportRequest(name, tmp_path / "a.mp4"), document(), source)
        (path,) = export(ExportRequest("csv", tmp_path / "a.csv"), document(), source)
        assert len(read_boxes(path).rows) == COUNT

    @pytest.mark.parametrize(
        ("request_", "why"),
        [
            (ExportRequest("svg", Path("a.svg")), "no format 'svg'"),
            (ExportRequest("csv", Path("a.csv"), targets=(9,)), "No target is chosen"),
            (ExportRequest("csv", Path("a.csv"), first=5, last=4), "is empty"),
            (ExportRequest("csv", Path("a.mp4")), "end it in .csv"),
            (ExportRequest("annotated", Path("a.csv")), "end it in .mp4"),
            (ExportRequest("hide-targets", Path("a.mp4"), targets=()), "No target is chosen"),
        ],
    )
    def test_what_cannot_be_done_is_one_sentence(self, request_: ExportRequest, why: str) -> None:
        with pytest.raises(InputError, match=why) as error:
            request_.check(document(), of(Path("clip.mp4")))
        assert str(error.value).endswith(".")

    def test_source_itself_is_not_replaced(self, tmp_path: Path) -> None:
        source = encode(tmp_path / "clip.mp4", [quarters()] * 2)
        (tmp_path / "x").mkdir()
        other = tmp_path / "other name.mp4"
        other.hardlink_to(source)
        for path in (source, tmp_path / "x" / ".." / "clip.mp4", other):
            with pytest.raises(InputError, match="is the source itself"):
                ExportRequest("annotated", path).check(document(), of(source))

    def test_folder_of_that_name_is_not_replaced(self, tmp_path: Path, clip: Path) -> None:
        (tmp_path / "a.mp4").mkdir()
        with pytest.raises(InputError, match="is a folder"):
            ExportRequest("annotated", tmp_path / "a.mp4").check(document(), of(clip))

    @pytest.mark.parametrize("name", ["csv", "annotated"])
    def test_folder_that_is_not_there(self, tmp_path: Path, clip: Path, name: str) -> None:
        path = with_ending(tmp_path / "none" / "a", name)
        problem = run(ExportRequest(name, path), document(), of(clip)).problem
        assert "cannot be written" in problem
        assert problem.endswith(".")

    def test_source_that_is_gone(self, tmp_path: Path) -> None:
        request = ExportRequest("annotated", tmp_path / "a.mp4")
        problem = run(request, document(), of(tmp_path / "gone.mp4")).problem
        assert "gone.mp4" in problem
        assert not list(tmp_path.iterdir())


class TestEndings:
    @pytest.mark.parametrize("name", list(EXPORTS))
    def test_every_format_gets_its_ending(self, name: str) -> None:
        for start in ("a", "a.csv", "a.mp4", "a.json"):
            path = with_ending(Path(start), name)
            assert path.suffix in EXPORTS[name].endings
            assert path.stem == "a"
        assert with_ending(Path("take 1.5"), name).stem == "take 1.5"

    def test_files_of_targets_have_names_of_their_own(self) -> None:
        targets = [TargetTrack(1, "a/b"), TargetTrack(2, "a/b"), TargetTrack(3)]
        paths = planned_paths(ExportRequest("otb", Path("x/t.txt")), targets)
        assert len({path.name for path in paths}) == 3
        assert {path.parent for path in paths} == {Path("x")}
        assert planned_paths(ExportRequest("otb", Path("t.txt")), targets[:1]) == [Path("t.txt")]


class TestOneStep:
    @pytest.mark.parametrize("name", ["csv", "annotated", "hide-targets"])
    def test_cancel_leaves_the_former_file_and_nothing_else(
        self, tmp_path: Path, name: str
    ) -> None:
        source = encode(tmp_path / "long.mp4", [quarters(320, 240)] * 200)
        out = tmp_path / "out"
        out.mkdir()
        path = with_ending(out / "a", name)
        path.write_bytes(b"former")
        rows = TrackRows.of(
            TrackRow(k, k / 25, (9.0, 9.0, 30.0, 40.0), 0.5, "tracking") for k in range(50_000)
        )
        job = ExportJob(
            ExportRequest(name, path), document(TargetTrack(1, rows=rows)), of(source, 320, 240)
        )
        job.start()
        while job.progress.done < 3 and job.is_alive:
            time.sleep(0.001)
        job.cancel()
        job.join()
        assert job.result is not None
        assert job.result.cancelled
        assert job.result.paths == ()
        assert path.read_bytes() == b"former"
        assert list(out.iterdir()) == [path]
        assert not [t for t in threading.enumerate() if t.name in ("export", "recorder")]

    def test_cancel_while_the_file_is_completed_leaves_nothing(
        self, tmp_path: Path, clip: Path
    ) -> None:
        job = ExportJob(ExportRequest("annotated", tmp_path / "a.mp4"), document(), of(clip))
        step = job._step

        def then_cancel(done: int, total: int) -> None:
            step(done, total)
            if done == total - 1:
                job.cancel()

        job._step = then_cancel  # type: ignore[method-assign]
        job.start()
        job.join()
        assert job.result == ExportResult(cancelled=True)
        assert list(tmp_path.iterdir()) == []

    def test_former_video_is_replaced_at_the_end_alone(self, tmp_path: Path, clip: Path) -> None:
        path = tmp_path / "a.mp4"
        path.write_bytes(b"former")
        seen: list[bytes] = []
        job = ExportJob(ExportRequest("annotated", path), document(), of(clip))
        step = job._step

        def watched(done: int, total: int) -> None:
            seen.append(path.read_bytes())
            step(done, total)

        job._step = watched  # type: ignore[method-assign]
        job.start()
        job.join()
        assert len(seen) > COUNT
        assert set(seen) == {b"former"}
        assert len(frames(path)) == COUNT
        assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]

    def test_progress_comes_to_its_end(self, tmp_path: Path, clip: Path) -> None:
        job = ExportJob(ExportRequest("annotated", tmp_path / "a.mp4"), document(), of(clip))
        assert job.progress.total == 0
        job.start()
        job.join()
        assert job.progress.done == job.progress.total > 0

    def test_full_disk_is_one_sentence_and_leaves_nothing(
        self, small_disk: Path, tmp_path: Path
    ) -> None:
        source = encode(tmp_path / "noise.mp4", noise(24, 320, 240), preset="ultrafast")
        path = small_disk / "a.mp4"
        path.write_bytes(b"former")
        request = ExportRequest("annotated", path)
        result = run(request, document(), of(source, 320, 240))
        assert "cannot be written" in result.problem
        assert result.problem.endswith(".")
        assert path.read_bytes() == b"former"
        assert [p.name for p in small_disk.iterdir()] == ["a.mp4"]


class TestOddSources:
    def test_damaged_video_is_exported_as_far_as_it_goes(self, tmp_path: Path) -> None:
        source = cut_off(encode(tmp_path / "cut.mkv", noise(40)), 0.5)
        result = run(ExportRequest("annotated", tmp_path / "a.mp4"), document(), of(source, 96, 64))
        assert result.problem == ""
        assert "damaged or cut off" in result.notice
        assert 5 < len(frames(result.paths[0])) < 40

    def test_portrait_video_is_upright_with_its_boxes(self, tmp_path: Path) -> None:
        source = encode(tmp_path / "portrait.mp4", [quarters()] * 3, rotation=90)
        rows = TrackRows.of(
            TrackRow(k, k / 25, (4.0, 60.0, 30.0, 30.0), 1.0, "tracking") for k in range(3)
        )
        request = ExportRequest("hide-surroundings", tmp_path / "a.mp4")
        target = TargetTrack(1, rows=rows)
        (path,) = export(request, document(target), of(source, 64, 96))
        upright = frames(source)
        for rgb, before in zip(frames(path), upright, strict=True):
            assert rgb.shape == (96, 64, 3)
            assert difference(rgb[64:88, 8:30], before[64:88, 8:30]) < 6

    @pytest.mark.parametrize(("width", "height"), [(1, 1), (95, 63), (2, 300)])
    def test_sizes_that_no_encoder_likes(self, tmp_path: Path, width: int, height: int) -> None:
        folder = tmp_path / "images"
        folder.mkdir()
        for k in range(3):
            rgb = np.full((height, width, 3), 60 * k + 40, np.uint8)
            Image.fromarray(rgb).save(folder / f"{k}.png")
        request = ExportRequest("annotated", tmp_path / "a.mp4", targets=())
        (path,) = export(request, document(), of(folder, width, height))
        shown = frames(path)
        assert len(shown) == 3
        for k, rgb in enumerate(shown):
            assert abs(float(rgb[0, 0].mean()) - (60 * k + 40)) < 8
            assert 0 <= rgb.shape[0] - height <= 1
            assert 0 <= rgb.shape[1] - width <= 1

    def test_source_that_changes_its_size_gives_a_file_for_each(self, tmp_path: Path) -> None:
        folder = tmp_path / "images"
        folder.mkdir()
        for k in range(6):
            side = 64 if k < 4 else 96
            Image.fromarray(np.full((side, side, 3), 90, np.uint8)).save(folder / f"{k}.png")
        out = tmp_path / "out"
        out.mkdir()
        request = ExportRequest("annotated", out / "a.mp4")
        paths = export(request, document(), of(folder, 64, 64))
        assert [(path.name, len(frames(path))) for path in paths] == [("a.mp4", 4), ("a-2.mp4", 2)]
        assert sorted(out.iterdir()) == sorted(paths)
