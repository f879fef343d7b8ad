"""Exported videos are read back: boxes and trails drawn, targets or surroundings hidden."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.overlay import Mark, draw
from app.core.player.document import TargetTrack
from app.core.studio.exporting import ExportRequest, Manner
from app.core.studio.exporting.hiding import hide_boxes, hide_surroundings, region_of
from app.core.studio.exporting.trails import draw_trails
from model.geometry import Box
from model.images import Frame
from tests.app.clips import container_times, encode, noise
from tests.app.exports import (
    COUNT,
    HEIGHT,
    WIDTH,
    box_at,
    clip,
    difference,
    document,
    export,
    frames,
    grain,
    of,
    run,
    track,
)

__all__ = ["clip"]


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
