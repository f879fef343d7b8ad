"""The installed command in a real X server: a window, a video followed in it, an orderly end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import mss
import numpy as np
import pytest

from app.core.overlay import PALETTE
from model.images import Frame
from tests.ui.xvfb import display

__all__ = ["display"]

_STARTS_S = 90.0
GREEN = (0, 192, 0)
PICKER = f"""
from PyQt6.QtWidgets import QApplication, QLabel
from PyQt6.QtTest import QTest
from app.ui.dialogs.region import RegionPicker
app = QApplication([])
desktop = QLabel()
desktop.setStyleSheet("background: rgb{GREEN}")
desktop.setGeometry(0, 0, 1440, 900)
desktop.show()
QTest.qWait(500)
picker = RegionPicker(app.primaryScreen())
picker.begin()
app.exec()
"""
"""A green screen on which a region is to be drawn."""
_ENDS_S = 60.0


@pytest.fixture
def start(display: str, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the command on that display, in a home of its own."""
    running: list[subprocess.Popen[str]] = []
    env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LANG": "C.UTF-8"}
    env.pop("WAYLAND_DISPLAY", None)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        env[name] = str(tmp_path / name)

    def act(*args: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "app", *args]
        process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
        running.append(process)
        return process

    yield act
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()


def screenshot(display: str) -> Frame:
    """What the display shows, `(900, 1440, 3)` RGB."""
    with mss.MSS(display=display) as screen:
        shot = screen.grab(screen.monitors[0])
    return np.asarray(shot, np.uint8)[..., 2::-1].copy()


def pixels_of(image: Frame, colour: tuple[int, int, int]) -> int:
    return int((image == np.array(colour, np.uint8)).all(axis=2).sum())


def colours_of(image: Frame) -> int:
    """How many colours it has, looking at one pixel in sixteen."""
    few = image[::4, ::4].astype(np.uint32)
    return len(np.unique(few[..., 0] << 16 | few[..., 1] << 8 | few[..., 2]))


def share_of_change(one: Frame, other: Frame) -> float:
    """Which part of the pixels are not as they were, 0..1."""
    return float((np.abs(one.astype(int) - other).max(axis=2) > 10).mean())


def wait_for(
    display: str, process: subprocess.Popen[str], is_right: Callable[[Frame], bool]
) -> Frame:
    """The first picture of the display that is right."""
    deadline = time.monotonic() + _STARTS_S
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr and process.stderr.read()
        image = screenshot(display)
        if is_right(image):
            return image
        time.sleep(0.2)
    raise AssertionError("the window does not show it")


def test_demo_is_followed_in_a_real_window_which_a_signal_closes(
    start: Callable[..., subprocess.Popen[str]], display: str, tmp_path: Path
) -> None:
    process = start("demo")
    # box, caption, lane and bars of the first target are in its colour
    first = wait_for(display, process, lambda image: pixels_of(image, PALETTE[0]) > 2500)
    # the clip has more colours than any window without it
    assert colours_of(first) > 5_000
    image = wait_for(display, process, lambda image: share_of_change(first, image) > 0.2)
    assert pixels_of(image, PALETTE[0]) > 2500
    kept = Path(os.environ.get("SCREENSHOT", tmp_path / "window.png"))
    assert cv2.imwrite(str(kept), image[..., ::-1])
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=_ENDS_S)
    assert process.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in told


def test_what_a_screen_shows_is_seen_while_a_region_of_it_is_drawn(display: str) -> None:
    env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    process = subprocess.Popen(
        [sys.executable, "-c", PICKER], env=env, stderr=subprocess.PIPE, text=True
    )

    def is_shaded(image: Frame) -> bool:
        red, green, blue = (image[::8, ::8, k].astype(int) for k in range(3))
        dark = (red < 8) & (blue < 8) & (green > 60) & (green < GREEN[1] - 30)
        return bool(dark.mean() > 0.9)

    try:
        wait_for(display, process, is_shaded)
    finally:
        process.kill()
        process.communicate()
