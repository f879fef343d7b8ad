"""What a real timeline looks like, and what it says."""

import math
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QLocale, QPoint, Qt
from PyQt6.QtGui import QColor, QImage, QPalette
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.overlay import PALETTE
from app.core.player.document import Document, TargetTrack, TrackRow
from app.core.player.snapshot import Playback, Work
from app.ui.theme import apply_theme, palette_of
from app.ui.timeline import Timeline
from app.ui.timeline.layout import MARGIN
from app.ui.timeline.ruler import Ruler
from app.ui.timeline.style import STATES, readable
from tests.app.square import PatchTracker, square_at
from tests.ui.hands import Heard, pixels
from tests.ui.timelines import (
    BOX,
    RATE,
    click,
    document,
    heard,
    live,
    looks_like_new,
    on_lane,
    on_strip,
    rows,
    snapshot,
    timeline,
)

__all__ = ["document", "heard", "timeline"]


class TestPainting:
    def test_ruler_fills_pixels_that_it_covers_in_part_and_is_drawn_once(
        self, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ruler, ratio = timeline.ruler, 1.5
        ruler.setFixedSize(ruler.width() | 1, ruler.height() | 1)
        monkeypatch.setattr(Ruler, "devicePixelRatioF", lambda _: ratio)
        made = []
        draw = Ruler._drawn
        monkeypatch.setattr(Ruler, "_drawn", lambda self: made.append(self) or draw(self))
        image = QImage(
            math.ceil(ruler.width() * ratio), math.ceil(ruler.height() * ratio),
            QImage.Format.Format_RGB888,
        )  # fmt: skip
        image.setDevicePixelRatio(ratio)
        for _ in range(2):
            image.fill(QColor(255, 0, 255))
            ruler.render(image, flags=QWidget.RenderFlag(0))
        assert image.pixelColor(image.width() - 1, 30) == ruler.palette().color(
            QPalette.ColorRole.Window
        )
        assert len(made) == 1

    def test_states_show_where_they_are(self, timeline: Timeline) -> None:
        image, body = pixels(timeline.body), timeline.body
        y = on_strip(timeline, 0, 0).y()
        ground = timeline.palette().color(QPalette.ColorRole.Base)
        tracking = np.array(readable(STATES[0], ground))

        def share(first: int, last: int) -> float:
            part = image[y - 2 : y + 3, round(body.edge_of(first)) : round(body.edge_of(last))]
            return float((np.abs(part - tracking).max(axis=2) < 16).mean())

        assert share(10, 50) == 1
        assert share(105, 145) == 0
        assert share(155, 190) == 1

    def test_lost_spans_are_named_where_there_is_room(
        self, timeline: Timeline, document: Document
    ) -> None:
        base = timeline.palette().color(QPalette.ColorRole.Base)
        ground = np.array([base.red(), base.green(), base.blue()])

        def words(first: int, last: int) -> int:
            """Pixels of the ground of a word; between the hatches there are none."""
            left, right = (round(timeline.body.edge_of(k)) for k in (first, last))
            top = timeline.scene.rows.top_of(0)
            part = pixels(timeline.body)[top + 4 : top + 40, left + 2 : right - 2]
            return int((part == ground).all(axis=2).sum())

        assert words(100, 150) > 100
        document.change(1, "Track", lambda t: replace(t, rows=rows(300, lost=range(100, 104))))
        timeline.show_snapshot(snapshot(document))
        assert words(100, 104) == 0

    def test_corrections_are_diamonds_of_the_colour_of_the_target(self, timeline: Timeline) -> None:
        image = pixels(timeline.body)
        for lane, frames in ((0, (60, 200)), (1, (120,)), (2, (139,))):
            for frame in frames:
                place = on_strip(timeline, lane, frame)
                assert tuple(image[place.y(), place.x()]) == PALETTE[lane]

    def test_frame_of_the_keyboard_covers_nothing_while_a_diamond_is_under_the_mouse(
        self, timeline: Timeline
    ) -> None:
        body = timeline.body
        QTest.mouseMove(body, on_strip(timeline, 0, 200))
        bare = pixels(body)
        timeline.clearFocus()
        timeline.setFocus(Qt.FocusReason.TabFocusReason)
        changed = (pixels(body) != bare).any(axis=2)
        assert changed[:, 0].all()
        assert not changed[3:-3, 3:-3].any()

    def test_what_to_do_is_said_in_full_of_a_live_source(self, timeline: Timeline) -> None:
        timeline.show_snapshot(live(Document(), 0, 9))
        image, width = pixels(timeline.body).astype(int), timeline.body.width()
        # the playhead stands at the right end
        before = image[:, : width - 40]
        columns = np.flatnonzero((np.abs(before - before[0, 0]).max(axis=2) > 60).any(axis=0))
        assert columns[0] + columns[-1] == pytest.approx(width, abs=6)

    def test_the_playhead_moves_and_leaves_nothing_behind(
        self, timeline: Timeline, document: Document, qtbot: QtBot
    ) -> None:
        link = timeline.palette().color(QPalette.ColorRole.Link)
        for frame in (30, 31, 250, 90):
            timeline.show_snapshot(snapshot(document, frame))
            QApplication.processEvents()
            x = round(timeline.body.x_of(frame))
            near = pixels(timeline.body)[:, x - 1 : x + 2]
            off = np.abs(near - [link.red(), link.green(), link.blue()]).max(axis=2).min(axis=1)
            assert (off == 0).all()
        assert looks_like_new(timeline)

    def test_rows_that_come_look_as_if_they_had_always_been_there(
        self, timeline: Timeline, qtbot: QtBot
    ) -> None:
        document = Document()
        for number in range(1, 7):
            document.add(TargetTrack(number, colour=number, rows=rows(20), corrections={0: BOX}))
        for zoom in (1.0, 12.0):
            timeline.zoom(zoom, 0.0)
            first = document.state.targets[0].rows.last or 0
            for frame in range(first + 1, first + 60):
                lost = frame % 40 > 25
                document.grow({
                    number: [TrackRow(frame, frame / RATE, BOX, (frame % 7) / 7,
                                      "lost" if lost else "recovered" if frame % 40 == 0
                                      else "uncertain" if number % 2 else "tracking")]
                    for number in range(1, 7)
                })  # fmt: skip
                timeline.show_snapshot(snapshot(document, frame, playback=Playback.PLAYING))
                if frame % 5 == 0:
                    QApplication.processEvents()
            qtbot.waitUntil(lambda: looks_like_new(timeline), timeout=5000)

    def test_tracking_anew_in_the_middle_looks_like_new(
        self, timeline: Timeline, document: Document, qtbot: QtBot
    ) -> None:
        timeline.zoom(5, 300.0)
        QApplication.processEvents()
        for frame in range(130, 90, -1):
            row = TrackRow(frame, frame / RATE, BOX, 0.95, "uncertain")
            document.grow({1: [row], 2: [replace(row, state="lost")]})
            timeline.show_snapshot(snapshot(document))
        document.change(1, "Correct", lambda t: replace(t, rows=t.rows.until(140)))
        timeline.show_snapshot(snapshot(document))
        qtbot.waitUntil(lambda: looks_like_new(timeline), timeout=5000)
        document.undo()
        timeline.show_snapshot(snapshot(document))
        qtbot.waitUntil(lambda: looks_like_new(timeline), timeout=5000)

    def test_names_colours_and_hiding_show_at_once(
        self, timeline: Timeline, document: Document, qtbot: QtBot
    ) -> None:
        for change in (
            {"label": "die"}, {"colour": 5}, {"visible": False},
            {"corrections": {0: BOX, 33: BOX}},
        ):  # fmt: skip
            document.change(1, "Edit", lambda t, change=change: replace(t, **change))
            timeline.show_snapshot(snapshot(document))
            assert looks_like_new(timeline)

    def test_light_and_dark_are_repainted(self, timeline: Timeline, qapp: QApplication) -> None:
        for dark in (True, False):
            # a style sheet of the application, where there is one, overrules palettes of widgets
            apply_theme(qapp, "dark" if dark else "light")
            ground = QColor(palette_of(dark).color(QPalette.ColorRole.Base))
            place = on_lane(timeline, 2, 250)
            assert tuple(pixels(timeline.body)[place.y(), place.x()]) == (
                ground.red(), ground.green(), ground.blue(),
            )  # fmt: skip

    def test_scores_and_states_of_the_frame_stand_beside_the_lanes(
        self, timeline: Timeline, document: Document
    ) -> None:
        lanes = timeline.scene.lanes
        assert [timeline.headers.text_of(lane) for lane in lanes] == ["tracking"] * 3
        timeline.show_snapshot(snapshot(document, 120))
        assert timeline.headers.text_of(lanes[0]) == "lost"
        timeline.show_snapshot(snapshot(document, 20))
        assert timeline.headers.text_of(lanes[2]) == "not here"

    def test_the_mouse_tells_what_is_under_it(self, timeline: Timeline) -> None:
        body, place = timeline.body, on_lane(timeline, 0, 120)
        assert body.tip_at(place.x(), place.y()) == (
            "#1 cube · frame 120 · 0:04.000\nlost (out of sight), 0.10"
        )
        place = on_strip(timeline, 0, 60)
        QTest.mouseMove(body, place)
        assert body.cursor().shape() is Qt.CursorShape.PointingHandCursor
        assert "corrected" in body.tip_at(place.x(), place.y())
        QTest.mouseMove(body, place + QPoint(40, 0))
        assert body.cursor().shape() is not Qt.CursorShape.PointingHandCursor

    def test_work_in_the_background_is_striped_and_moves(
        self, timeline: Timeline, document: Document, qtbot: QtBot
    ) -> None:
        before = pixels(timeline.body)
        work = (Work(2, "forwards", 10, 50, start=200),)
        timeline.show_snapshot(snapshot(document, work=work))
        assert timeline.headers.text_of(timeline.scene.lanes[1]) == "working, 20 %"
        during = pixels(timeline.body)
        changed = np.argwhere((before != during).any(axis=2))
        rows_ = timeline.scene.rows
        assert rows_.top_of(1) <= changed[:, 0].min()
        assert changed[:, 0].max() < rows_.top_of(2)
        assert changed[:, 1].min() == pytest.approx(timeline.body.edge_of(210), abs=4)
        assert changed[:, 1].max() == pytest.approx(timeline.body.edge_of(251), abs=4)
        qtbot.waitUntil(lambda: bool((pixels(timeline.body) != during).any()), timeout=5000)
        timeline.show_snapshot(snapshot(document))
        assert not timeline._work.isActive()
        assert looks_like_new(timeline)


class TestWithATracker:
    @pytest.fixture
    def tracked(self, video: Path) -> Document:
        """What a tracker found in a real video."""
        tracker, document = PatchTracker(), Document()
        with av.open(str(video)) as container:
            for index, frame in enumerate(container.decode(video=0)):
                rgb = frame.to_ndarray(format="rgb24")
                if index == 0:
                    id = tracker.add(rgb, square_at(0))
                    document.add(TargetTrack(id, corrections={0: square_at(0)}))
                found = tracker.update(rgb, frame.time or 0.0)
                document.grow({
                    each.id: [TrackRow(index, frame.time or 0.0, each.box, each.score, each.state)]
                    for each in found
                })  # fmt: skip
        return document

    def test_what_it_found_has_a_lane(
        self, timeline: Timeline, tracked: Document, heard: Heard
    ) -> None:
        timeline.show_snapshot(snapshot(tracked, 45, 90))
        lane = timeline.scene.lanes[0]
        assert lane.row is not None
        assert lane.row.box == square_at(45)
        assert timeline.headers.text_of(lane) == "tracking"
        image = pixels(timeline.body)
        tint = np.array(readable(PALETTE[0], timeline.palette().color(QPalette.ColorRole.Base)))
        top = timeline.scene.rows.top_of(0)
        curve = np.abs(image[top : top + 44] - tint).max(axis=2).min(axis=0) < 40
        assert curve[MARGIN + 4 : -MARGIN - 4].mean() > 0.95
        click(timeline.body, on_lane(timeline, 0, 70))
        assert heard.of("seek_wanted") == [70]


class TestLanguage:
    def test_texts_follow_the_language(self, timeline: Timeline, qapp: QApplication) -> None:
        assert timeline.accessibleName() == "Timeline"
        QApplication.sendEvent(timeline, QEvent(QEvent.Type.LanguageChange))
        assert timeline.headers.text_of(timeline.scene.lanes[0]) == "tracking"
        assert QLocale().name()

    def test_every_button_says_what_it_does(self, timeline: Timeline) -> None:
        corner = timeline.corner
        for button in (corner.zoom_in, corner.zoom_out, corner.zoom_fit):
            assert button.toolTip()
            assert button.accessibleName()
        assert not timeline.findChildren(QLabel)
