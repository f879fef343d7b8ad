"""Real sources of awkward kinds on a real canvas: what is drawn around is what is in the box."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.player.snapshot import Snapshot
from app.core.sources import Source, SourceFrame, open_source
from app.ui.canvas import Canvas
from app.ui.dialogs import CameraDialog
from model.geometry import Box
from model.images import Frame
from tests.app.clips import encode, quarters
from tests.app.sources.test_camera import Driver
from tests.ui import hands
from tests.ui.test_dialogs import cameras, home, plug_in

__all__ = ["cameras", "home"]

GREEN = (0, 255, 0)


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    canvas = Canvas()
    hands.show(qtbot, canvas, (700, 500))
    return canvas


def show(canvas: Canvas, source: Source, frame: SourceFrame) -> None:
    canvas.show_snapshot(Snapshot(info=source.info, frame=frame))


def drag_around(canvas: Canvas, rgb: Frame, colour: tuple[int, int, int]) -> Box:
    """Draw a box by the mouse around what has this colour on the screen; the box that came."""
    image = canvas.grab().toImage()
    area = canvas.picture().toRect()
    step = max(1, min(area.width(), area.height()) // 40)
    hit = [
        (x, y)
        for y in range(area.top() + 1, area.bottom(), step)
        for x in range(area.left() + 1, area.right(), step)
        if is_near((image.pixelColor(x, y).red(), image.pixelColor(x, y).green(),
                    image.pixelColor(x, y).blue()), colour)
    ]  # fmt: skip
    assert hit, "the colour is nowhere on the screen"
    xs, ys = [x for x, _ in hit], [y for _, y in hit]
    boxes: list[Box] = []
    canvas.box_drawn.connect(boxes.append)
    begin = QPointF(min(xs), min(ys)).toPoint()
    end = QPointF(max(xs), max(ys)).toPoint()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=begin)
    QTest.mouseMove(canvas, (begin + end) / 2)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    (box,) = boxes
    return box


def is_near(pixel: tuple[int, int, int], colour: tuple[int, int, int]) -> bool:
    return max(abs(a - b) for a, b in zip(pixel, colour, strict=True)) < 60


def assert_holds(rgb: Frame, box: Box, colour: tuple[int, int, int]) -> None:
    """What is in the box has the colour, and is nearly all that has it."""
    x, y, w, h = box
    inside = np.ascontiguousarray(rgb[round(y) : round(y + h), round(x) : round(x + w)])
    low, high = (np.clip(np.add(colour, off), 0, 255) for off in (-60, 60))
    count = cv2.countNonZero(cv2.inRange(inside, low, high))
    assert count > 0.9 * inside.shape[0] * inside.shape[1]
    assert count > 0.7 * cv2.countNonZero(cv2.inRange(rgb, low, high))


def large(folder: Path) -> Path:
    """A folder with a picture of 8K, which is quicker to write than a video."""
    bgr = cv2.cvtColor(quarters(7680, 4320), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(folder / "0.jpg"), bgr)
    return folder


VIDEOS: dict[str, tuple[Callable[[Path], Path], tuple[int, int]]] = {
    "portrait, turned left": (
        lambda folder: encode(folder / "a.mp4", [quarters()] * 2, rotation=90), (64, 96)
    ),
    "portrait, turned right": (
        lambda folder: encode(folder / "a.mp4", [quarters()] * 2, rotation=-90), (64, 96)
    ),
    "upside down": (
        lambda folder: encode(folder / "a.mp4", [quarters()] * 2, rotation=180), (96, 64)
    ),
    "odd size": (
        lambda folder: encode(folder / "a.mkv", [quarters(95, 63)] * 2, codec="ffv1"), (95, 63)
    ),
    "uneven times": (
        lambda folder: encode(folder / "a.mp4", [quarters()] * 4, times=[0, 0.5, 0.51, 3]),
        (96, 64),
    ),
    "8K": (lambda folder: large(folder), (7680, 4320)),
    "long and thin": (
        lambda folder: encode(folder / "a.mkv", [quarters(1600, 60)] * 2, codec="ffv1"), (1600, 60)
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", VIDEOS)
def test_box_drawn_on_the_screen_is_that_part_of_the_frame(
    canvas: Canvas, tmp_path: Path, kind: str
) -> None:
    make, size = VIDEOS[kind]
    with open_source(str(make(tmp_path))) as source:
        frames = list(source)
        assert (source.info.width, source.info.height) == size
        show(canvas, source, frames[-1])
        assert_holds(frames[-1].rgb, drag_around(canvas, frames[-1].rgb, GREEN), GREEN)
        times = [frame.time_s for frame in frames]
        assert times == sorted(set(times))


def test_video_of_one_pixel_is_shown_and_can_be_drawn_on(canvas: Canvas, tmp_path: Path) -> None:
    one = np.full((1, 1, 3), GREEN, np.uint8)
    with open_source(str(encode(tmp_path / "a.mkv", [one] * 2, codec="ffv1"))) as source:
        frame = next(iter(source))
        show(canvas, source, frame)
        assert drag_around(canvas, frame.rgb, GREEN) == (0, 0, 1, 1)


def test_source_that_changes_its_size_is_shown_whole_each_time(
    canvas: Canvas, tmp_path: Path
) -> None:
    for number, (width, height) in enumerate([(96, 64), (64, 200), (300, 20)]):
        Image.fromarray(quarters(width, height)).save(tmp_path / f"{number}.png")
    with open_source(str(tmp_path)) as source:
        assert "3 sizes" in source.info.notice
        for frame in source:
            show(canvas, source, frame)
            canvas.zoom_in()
            height, width = frame.rgb.shape[:2]
            canvas.zoom_fit()
            area = canvas.picture()
            assert area.width() / area.height() == pytest.approx(width / height, rel=0.02)
            assert_holds(frame.rgb, drag_around(canvas, frame.rgb, GREEN), GREEN)


def test_size_that_changes_during_a_drag_keeps_the_box_inside(
    canvas: Canvas, tmp_path: Path
) -> None:
    for number, size in enumerate([(96, 64), (32, 32)]):
        Image.fromarray(quarters(*size)).save(tmp_path / f"{number}.png")
    boxes: list[Box] = []
    canvas.box_drawn.connect(boxes.append)
    with open_source(str(tmp_path)) as source:
        first, second = list(source)
        show(canvas, source, first)
        at = [canvas.to_widget(QPointF(*point)).toPoint() for point in ((40, 10), (80, 50))]
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at[0])
        QTest.mouseMove(canvas, at[1])
        show(canvas, source, second)
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at[1])
    for x, y, w, h in boxes:
        assert 0 <= x <= x + w <= 32
        assert 0 <= y <= y + h <= 32
    assert not canvas.is_dragging


def test_camera_is_opened_as_its_dialog_was_filled_in(
    qtbot: QtBot, canvas: Canvas, cameras: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", Driver)
    Driver.made = []
    plug_in(cameras, 0, "Integrated camera")
    plug_in(cameras, 3, "Microscope")
    dialog = CameraDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.camera.count() == 2)
    QTest.keyClick(dialog.camera, Qt.Key.Key_Down)
    QTest.keyClicks(dialog.size_, "640")
    QTest.keyClicks(dialog.rate, "50")
    QTest.keyClick(dialog.mirror, Qt.Key.Key_Space)
    choice = dialog.choice
    assert choice is not None
    with open_source(
        str(choice.index), rate=choice.rate, size=choice.size, mirror=choice.mirror
    ) as source:
        (driver,) = Driver.made
        assert driver.index == 3
        assert driver.asked[cv2.CAP_PROP_FRAME_WIDTH] == 640
        assert driver.asked[cv2.CAP_PROP_FRAME_HEIGHT] == 480
        assert driver.asked[cv2.CAP_PROP_FPS] == 50
        assert (source.info.width, source.info.height, source.info.rate) == (640, 480, 50)
        assert source.info.notice == ""
        frame = next(iter(source))
        show(canvas, source, frame)
        # the camera has red on its left, and a looking-glass on its right
        x, y, w, h = drag_around(canvas, frame.rgb, (200, 0, 0))
        assert x == pytest.approx(320, abs=12)
        assert (y, x + w, h) == (
            pytest.approx(0, abs=12), pytest.approx(640, abs=12), pytest.approx(480, abs=24),
        )  # fmt: skip
    assert all(driver.released for driver in Driver.made)
