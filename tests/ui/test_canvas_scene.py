"""What is painted of a snapshot: whose boxes, in which colours, with which trails."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from app.core.overlay import PALETTE, Mark
from app.core.player.document import DocumentState, TargetTrack, TrackRow, TrackRows
from app.core.player.snapshot import Snapshot
from app.core.sources.base import SourceFrame
from app.ui.canvas.heat import heat
from app.ui.canvas.options import ViewOptions
from app.ui.canvas.overlays import faded_lines
from app.ui.canvas.picture import scaled, visible
from app.ui.canvas.scene import caption_of, items_of, shown_marks, trail_of
from app.ui.canvas.view import View
from model.geometry import Box

WORDS = {"uncertain": "unsicher", "lost": "verloren"}


def mark(number: int, box: Box = (10.0, 20.0, 30.0, 40.0), state: str = "tracking") -> Mark:
    return Mark(number, box, "car", 0.876, state)


def rows(frames: Sequence[int], lost: Sequence[int] = ()) -> TrackRows:
    """A target whose centre is at (frame, 2 × frame)."""
    return TrackRows.of(
        TrackRow(f, f / 30, (f - 5.0, 2 * f - 10.0, 10.0, 20.0), 0.9,
                 "lost" if f in lost else "tracking", "")
        for f in frames
    )  # fmt: skip


def track(number: int, rows: TrackRows, *, visible: bool = True) -> TargetTrack:
    return TargetTrack(
        id=number, label="car", colour=number - 1, visible=visible, begun=0, rows=rows,
        corrections={},
    )  # fmt: skip


def shot(*marks: Mark, targets: Sequence[TargetTrack] = (), index: int = 0) -> Snapshot:
    return Snapshot(
        frame=SourceFrame(index, index / 30, np.zeros((100, 200, 3), np.uint8)),
        marks=marks, document=DocumentState(targets=tuple(targets)),
    )  # fmt: skip


class TestItems:
    def items(self, snapshot: Snapshot, **choices: object) -> list[int]:
        options = replace(ViewOptions(), **choices)  # type: ignore[arg-type]
        found = items_of(snapshot, options, selection=2, edited={}, words=WORDS)
        return [item.id for item in found]

    def test_selected_target_lies_on_top(self) -> None:
        assert self.items(shot(mark(1), mark(2), mark(3))) == [1, 3, 2]

    def test_hidden_target_does_not_show(self) -> None:
        hidden = track(3, rows([0]), visible=False)
        assert self.items(shot(mark(1), mark(3), targets=[hidden])) == [1]

    def test_box_that_is_not_finite_does_not_show(self) -> None:
        bad = mark(2, (0.0, float("inf"), 1.0, 1.0))
        assert [m.id for m in shown_marks(shot(mark(1), bad))] == [1]

    def test_edited_box_is_shown_in_place_of_the_old(self) -> None:
        box = (1.0, 2.0, 3.0, 4.0)
        found = items_of(shot(mark(1)), ViewOptions(), selection=None, edited={1: box}, words=WORDS)
        assert found[0].box == box

    def test_colour_is_the_chosen_one_or_that_of_the_id(self) -> None:
        marks = (mark(10), replace(mark(1), colour=4))
        found = items_of(shot(*marks), ViewOptions(), selection=None, edited={}, words=WORDS)
        assert [item.tint for item in found] == [PALETTE[1], PALETTE[4]]

    def test_caption_says_state_in_the_users_words(self) -> None:
        assert caption_of(mark(1), WORDS, show_score=True) == "#1 car 0.88"
        assert caption_of(mark(1, state="lost"), WORDS, show_score=True) == "#1 car 0.88 verloren"
        assert caption_of(mark(1, state="lost"), WORDS, show_score=False) == "#1 car verloren"
        assert caption_of(replace(mark(7), label=""), WORDS, show_score=False) == "#7"


class TestTrail:
    def test_reaches_back_the_frames_asked_for_and_no_further_than_now(self) -> None:
        trail = trail_of(rows(range(100)).columns(), 50, 20)
        assert trail is not None
        np.testing.assert_allclose(trail.points[:, 0], np.arange(31, 51))
        np.testing.assert_allclose(trail.points[:, 1], 2 * np.arange(31, 51))
        assert (np.diff(trail.strength) > 0).all()
        assert trail.strength[-1] == 1
        assert trail.strength[0] > 0

    def test_is_interrupted_where_the_target_was_lost(self) -> None:
        trail = trail_of(rows(range(10), lost=[4, 5]).columns(), 9, 20)
        assert trail is not None
        lines = [line for part in faded_lines(4 * trail.points, trail.strength) for line in part]
        assert sorted(line.x2() - line.x1() for line in lines) == [4.0] * 6
        assert sorted(line.x2() for line in lines) == [4, 8, 12, 28, 32, 36]

    def test_shows_more_strongly_towards_now(self) -> None:
        trail = trail_of(rows(range(60)).columns(), 59, 60)
        assert trail is not None
        parts = faded_lines(4 * trail.points, trail.strength)
        assert sum(map(len, parts)) == 59
        ends = [line.x2() for part in parts for line in part]
        assert ends == sorted(ends)
        assert all(parts)

    def test_of_a_slow_target_is_few_lines_that_hang_together(self) -> None:
        trail = trail_of(rows(range(60)).columns(), 59, 60)
        assert trail is not None
        parts = faded_lines(0.1 * trail.points, trail.strength)
        lines = [line for part in parts for line in part]
        assert len(lines) < 10
        assert all(a.p2() == b.p1() for a, b in pairwise(lines))
        assert lines[0].x1() == pytest.approx(0)
        assert lines[-1].x2() == pytest.approx(5.9)

    @pytest.mark.parametrize(("frames", "now"), [([], 5), ([5], 5), ([50, 51], 5), ([1, 2], 90)])
    def test_needs_two_places(self, frames: list[int], now: int) -> None:
        assert trail_of(rows(frames).columns(), now, 20) is None

    @pytest.mark.parametrize(
        "options", [ViewOptions(show_trail=False), ViewOptions(trail_length=0)]
    )
    def test_is_left_out_on_demand(self, options: ViewOptions) -> None:
        snapshot = shot(mark(1), targets=[track(1, rows(range(9)))], index=8)

        def trail(options: ViewOptions) -> object:
            return items_of(snapshot, options, selection=None, edited={}, words=WORDS)[0].trail

        assert trail(ViewOptions()) is not None
        assert trail(options) is None


class TestPixels:
    def test_heat_grows_in_brightness_and_opacity(self) -> None:
        colours = heat(np.linspace(0, 1, 50)[None]).astype(float)[0]
        brightness = colours[:, :3] @ (0.2126, 0.7152, 0.0722)
        assert (np.diff(brightness) > 0).all()
        assert (np.diff(colours[:, 3]) >= 0).all()
        assert colours[-1, 3] < 255, "the picture shows through"

    def test_heat_of_what_is_no_number_is_the_lowest(self) -> None:
        values = np.array([[np.nan, -3.0, 0.0, 9.0]])
        colours = heat(values)[0]
        np.testing.assert_array_equal(colours[:2], colours[[2, 2]])
        np.testing.assert_array_equal(colours[3], heat(np.array([[1.0]]))[0, 0])

    @pytest.mark.parametrize("size", [(7, 5), (64, 48), (200, 100), (901, 700), (1, 1)])
    def test_scaled_picture_keeps_its_colours_and_their_places(self, size: tuple[int, int]) -> None:
        rgb = np.zeros((100, 200, 3), np.uint8)
        rgb[:50], rgb[50:] = (250, 30, 60), (10, 200, 90)
        bgra = scaled(rgb, *size)
        assert bgra.shape == (size[1], size[0], 4)
        if size[1] > 1:
            np.testing.assert_array_equal(bgra[0, 0, :3], (60, 30, 250))
            np.testing.assert_array_equal(bgra[-1, -1, :3], (90, 200, 10))

    def test_fine_stripes_shrink_to_grey(self) -> None:
        stripes = np.zeros((64, 512, 3), np.uint8)
        stripes[:, ::2] = 255
        small = scaled(stripes, 64, 8)
        np.testing.assert_allclose(small[..., :3], 128, atol=2)

    def test_only_what_the_widget_shows_is_scaled(self) -> None:
        view = View((1000.0, 500.0)).resized((100.0, 50.0), 1.0).zoomed_to(10.0, (50.0, 25.0))
        x0, y0, x1, y1 = visible(view)
        assert (x1 - x0) <= 12
        assert (y1 - y0) <= 7
        left, top = view.to_frame((0, 0))
        right, bottom = view.to_frame((100, 50))
        assert x0 <= left
        assert y0 <= top
        assert x1 >= right
        assert y1 >= bottom
