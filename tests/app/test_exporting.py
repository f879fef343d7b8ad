"""Exports: what comes out is read back, and what fails leaves nothing behind."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.core.exchange import read_boxes
from app.core.overlay import Mark, draw
from app.core.player.document import DocumentState, TargetTrack, TrackRow, TrackRows
from app.core.sources import VideoFile
from app.core.studio.exporting import (
    EXPORTS,
    ExportJob,
    ExportRequest,
    ExportResult,
    ExportSource,
    Kind,
    Manner,
    planned_paths,
    with_ending,
)
from app.core.studio.exporting.hiding import hide_boxes, hide_surroundings, region_of
from app.core.studio.exporting.trails import draw_trails
from model.errors import InputError
from model.geometry import Box
from model.images import Frame
from tests.app.clips import container_times, cut_off, encode, noise, quarters
from tests.faults.conftest import small_disk

__all__ = ["small_disk"]

WIDTH, HEIGHT, COUNT = 192, 128, 12
VIDEOS = [name for name, kind in EXPORTS.items() if kind.kind is Kind.VIDEO]
TABLES = [name for name, kind in EXPORTS.items() if kind.kind is Kind.TABLE]
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


def marked(rgb: Frame, target: TargetTrack, frame: int) -> Frame:
    """`rgb` with the box that the target has in a frame."""
    row = target.rows.at(frame)
    assert row is not None
    mark = Mark(target.id, row.box, target.label, row.score, row.state, target.colour)
    return draw(rgb, [mark])


class TestAnnotated:
    def test_every_frame_carries_its_own_box(self, tmp_path: Path, clip: Path) -> None:
        target = track()
        request = ExportRequest("annotated", tmp_path / "out.mp4")
        (path,) = export(request, document(target), of(clip))
        shown = frames(path)
        assert len(shown) == COUNT
        for k, (rgb, source) in enumerate(zip(shown, frames(clip), strict=True)):
            own = difference(rgb, marked(source, target, k))
            assert own < 6
            assert difference(rgb, source) > own + 2
            for other in {max(k - 1, 0), min(k + 1, COUNT - 1)} - {k}:
                assert difference(rgb, marked(source, target, other)) > own + 2

    def test_only_the_chosen_targets_are_drawn(self, tmp_path: Path, clip: Path) -> None:
        request = ExportRequest("annotated", tmp_path / "out.mp4", targets=())
        (path,) = export(request, document(), of(clip))
        for rgb, source in zip(frames(path), frames(clip), strict=True):
            assert difference(rgb, source) < 6

    def test_trail_runs_through_the_centres_behind(self, tmp_path: Path, clip: Path) -> None:
        request = ExportRequest("annotated", tmp_path / "out.mp4", trail=4)
        (path,) = export(request, document(), of(clip))
        target, source = track(), frames(clip)[8]
        wanted = marked(draw_trails(source, [target], 8, 4), target, 8)
        without = marked(source, target, 8)
        shown = frames(path)[8]
        assert difference(shown, wanted) < difference(shown, without) - 0.2

    def test_trail_reaches_back_as_far_as_asked(self) -> None:
        rgb = draw_trails(np.zeros((HEIGHT, WIDTH, 3), np.uint8), [track()], 8, 4)
        places = np.flatnonzero(rgb[72].max(1))
        assert box_at(3)[0] + 20 < places.min() <= box_at(5)[0] + 20
        assert places.max() == pytest.approx(box_at(8)[0] + 20, abs=2)

    def test_trail_has_a_gap_where_the_target_was_lost(self) -> None:
        target = track(1, lost=[4, 5, 6])
        before = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        rgb = draw_trails(before, [target], 11, 60)
        centre = [round(box_at(k)[0] + 20) for k in range(COUNT)]
        assert rgb[72, centre[5]].max() == 0
        assert rgb[72, centre[2]].max() > 100
        assert rgb[72, centre[9]].max() > 100
        assert before.max() == 0

    def test_range_is_that_asked_for(self, tmp_path: Path, clip: Path) -> None:
        request = ExportRequest("annotated", tmp_path / "out.mp4", targets=(), first=3, last=7)
        (path,) = export(request, document(), of(clip))
        shown = frames(path)
        assert len(shown) == 5
        for k, rgb in enumerate(shown, 3):
            assert difference(rgb, frames(clip)[k]) < 6

    def test_end_beyond_the_last_frame_is_the_last_frame(self, tmp_path: Path, clip: Path) -> None:
        request = ExportRequest("annotated", tmp_path / "out.mkv", first=9, last=900)
        (path,) = export(request, document(), of(clip))
        assert len(frames(path)) == COUNT - 9

    def test_range_beyond_the_end_is_one_sentence(self, tmp_path: Path, clip: Path) -> None:
        request = ExportRequest("annotated", tmp_path / "out.mp4", first=900)
        assert "no frame 900" in run(request, document(), of(clip)).problem
        assert not list(tmp_path.iterdir())

    def test_uneven_times_stay_as_they_are(self, tmp_path: Path) -> None:
        times = [0.0, 0.04, 0.05, 0.3, 0.31, 1.0, 1.5, 1.51, 1.9, 2.0, 2.2, 2.3]
        source = encode(tmp_path / "vfr.mp4", grain(), times=times)
        request = ExportRequest("annotated", tmp_path / "out.mp4", first=2)
        (path,) = export(request, document(), of(source))
        wanted = [t - times[2] for t in times[2:]]
        np.testing.assert_allclose(container_times(path), wanted, atol=0.002)


class TestHiding:
    @pytest.mark.parametrize("manner", list(Manner))
    def test_targets_cannot_be_recognised_and_nothing_else_changes(
        self, tmp_path: Path, clip: Path, manner: Manner
    ) -> None:
        request = ExportRequest("hide-targets", tmp_path / "out.mp4", manner=manner)
        (path,) = export(request, document(), of(clip))
        for k, (rgb, source) in enumerate(zip(frames(path), frames(clip), strict=True)):
            x0, y0, x1, y1 = hidden(box_at(k), source)
            inside, before = rgb[y0:y1, x0:x1], source[y0:y1, x0:x1]
            assert likeness(inside, before) < 0.75
            rest = np.ones(rgb.shape[:2], bool)
            rest[y0 - 2 : y1 + 2, max(x0 - 2, 0) : x1 + 2] = False
            assert np.abs(rgb[rest].astype(float) - source[rest]).mean() < 4

    @pytest.mark.parametrize("manner", list(Manner))
    def test_surroundings_cannot_be_recognised_and_targets_stay(
        self, tmp_path: Path, clip: Path, manner: Manner
    ) -> None:
        request = ExportRequest("hide-surroundings", tmp_path / "out.mp4", manner=manner)
        state = document(track(1, range(6), lost=[5]))
        (path,) = export(request, state, of(clip))
        for k, (rgb, source) in enumerate(zip(frames(path), frames(clip), strict=True)):
            x, y, w, h = (round(v) for v in box_at(k))
            place = np.s_[y + 2 : y + h - 2, x + 2 : x + w - 2]
            if k < 5:
                assert difference(rgb[place], source[place]) < 6
            else:
                # where it is lost nobody knows what is in the box
                assert likeness(rgb[place], source[place]) < 0.95
            assert likeness(rgb[100:], source[100:]) < 0.95

    def test_lost_and_untracked_frames_between_stay_hidden(
        self, tmp_path: Path, clip: Path
    ) -> None:
        state = document(track(1, [0, 1, 2, 6, 7], lost=[1]))
        request = ExportRequest("hide-targets", tmp_path / "out.mp4")
        result = run(request, state, of(clip))
        assert result.problem == ""
        assert "cat 1 after frame 7" in result.notice
        shown, source = frames(result.paths[0]), frames(clip)
        # frame 4 has no box: all from that of frame 2 to that of frame 6 is hidden
        place = np.s_[58:86, round(box_at(2)[0]) : round(box_at(6)[0] + 40)]
        assert likeness(shown[4][place], source[4][place]) < 0.75
        place = np.s_[58:86, round(box_at(1)[0]) : round(box_at(1)[0] + 40)]
        assert likeness(shown[1][place], source[1][place]) < 0.75

    @given(
        box=st.tuples(*[st.floats(-300, 300)] * 2, *[st.floats(0, 400)] * 2),
        manner=st.sampled_from(list(Manner)),
    )
    @settings(max_examples=80, deadline=None)
    def test_any_box_changes_its_own_pixels_alone(self, box: Box, manner: Manner) -> None:
        rgb = noise(1, 97, 65)[0]
        image = hide_boxes(rgb, [box], manner)
        region = region_of(box, rgb, 0.1)
        rest = np.ones(rgb.shape[:2], bool)
        if region is not None:
            x0, y0, x1, y1 = region
            rest[y0:y1, x0:x1] = False
        np.testing.assert_array_equal(image[rest], rgb[rest])
        if region is not None and min(box[2:]) > 60:
            assert not (image[~rest] == rgb[~rest]).all(1).mean() > 0.2

        kept = hide_surroundings(rgb, [box], manner)
        region = region_of(box, rgb, 0.0)
        inside = np.zeros(rgb.shape[:2], bool)
        if region is not None:
            x0, y0, x1, y1 = region
            inside[y0:y1, x0:x1] = True
        np.testing.assert_array_equal(kept[inside], rgb[inside])

    def test_squares_hold_few_colours_whatever_was_there(self) -> None:
        rgb = noise(1, 200, 200)[0]
        image = hide_boxes(rgb, [(50.0, 50.0, 80.0, 80.0)], Manner.PIXELATE)
        colours = np.unique(image[50:130, 50:130].reshape(-1, 3), axis=0)
        assert len(colours) <= 100

    def test_box_that_is_no_number_hides_nothing(self) -> None:
        rgb = noise(1)[0]
        box = (float("nan"), 0.0, 10.0, 10.0)
        np.testing.assert_array_equal(hide_boxes(rgb, [box], Manner.BLUR), rgb)


def hidden(box: Box, rgb: Frame) -> tuple[int, int, int, int]:
    region = region_of(box, rgb, 0.1)
    assert region is not None
    return region


def likeness(one: Frame, other: Frame) -> float:
    """Correlation of the fine structure of two pictures."""
    a, b = (image.astype(np.float32).mean(2) for image in (one, other))
    a, b = a - cv2.blur(a, (33, 33)), b - cv2.blur(b, (33, 33))
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


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
