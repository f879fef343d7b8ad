"""When a graphics card draws; and that it draws rightly, in a process of its own with a display."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.ui import graphics
from app.ui.graphics import Card
from tests.ui.conftest import Make
from tests.ui.xvfb import display

__all__ = ["display"]

REAL, EMULATED = Card("NVIDIA H100", 16384), Card("llvmpipe (LLVM 15.0.6, 256 bits)", 16384)
DIES = """
import os, signal
from app.ui import graphics
graphics.find_card = lambda: os.kill(os.getpid(), signal.SIGKILL)
graphics.card_for("auto")
"""


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch, home: Path) -> list[Card | None]:
    """What is found in this computer, which a test may change."""
    found: list[Card | None] = [None]
    monkeypatch.setattr(graphics, "find_card", lambda: found[0])
    return found


@pytest.mark.parametrize(
    ("card", "drawing", "draws"),
    [
        (REAL, "auto", True), (REAL, "card", True), (REAL, "cpu", False),
        (EMULATED, "auto", False), (EMULATED, "card", True), (EMULATED, "cpu", False),
        (None, "auto", False), (None, "card", False), (None, "cpu", False),
    ],
)  # fmt: skip
def test_who_draws(found: list[Card | None], card: Card | None, drawing: str, draws: bool) -> None:
    found[0] = card
    assert graphics.card_for(drawing) == (card if draws else None)
    assert not graphics.has_failed()


@pytest.mark.parametrize(
    ("name", "is_hardware"),
    [
        ("NVIDIA GeForce RTX 4070/PCIe/SSE2", True), ("Mesa Intel(R) UHD Graphics 620", True),
        ("AMD Radeon RX 6600 (radeonsi, navi23, LLVM 15.0.7)", True), ("Apple M2", True),
        ("llvmpipe (LLVM 15.0.6, 256 bits)", False), ("Apple Software Renderer", False),
        ("GDI Generic", False), ("Google SwiftShader", False), ("softpipe", False),
    ],
)  # fmt: skip
def test_what_computes_on_the_cpu_is_no_hardware(name: str, is_hardware: bool) -> None:
    assert Card(name, 8192).is_hardware == is_hardware


def test_card_that_ended_the_program_is_left_alone_until_the_user_chooses(
    found: list[Card | None], make_window: Make, qtbot: QtBot
) -> None:
    died = subprocess.run([sys.executable, "-c", DIES], check=False)
    assert died.returncode == -signal.SIGKILL
    found[0] = REAL
    assert graphics.card_for("auto") is None
    window = make_window()
    assert not window.canvas.is_drawn_by_card
    assert [strip.sentence for strip in window.banner.strips] == [
        "The program ended while the graphics card began to draw the picture, so the CPU draws it; "
        "another choice in the settings, under Picture, has the card tried again."
    ]
    window.close_now()
    assert graphics.has_failed(), "closing the window makes no driver better"
    # tried again, and there is none
    found[0] = None
    again = make_window()
    again.preferences.change(drawing="card")
    assert "No graphics card draws here" in again.banner.strips[-1].sentence
    assert not graphics.has_failed()


def test_where_nothing_can_be_noted_the_card_draws_all_the_same(
    found: list[Card | None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:  # fmt: skip
    found[0] = REAL
    (tmp_path / "file").touch()
    monkeypatch.setattr(graphics, "trial_path", lambda: tmp_path / "file" / "trial")
    assert graphics.card_for("auto") == REAL
    assert "cannot be noted" in caplog.text


@pytest.mark.parametrize(("scale", "cases"), [("1", ""), ("2", "card_paints or over or mouse")])
def test_pictures_on_a_display(display: str, scale: str, cases: str) -> None:
    env = {
        **os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": scale,
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }  # fmt: skip
    env.pop("WAYLAND_DISPLAY", None)
    path = str(Path(__file__).with_name("card_cases.py"))
    options = ["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-k", cases]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, path],
        env=env, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Texture" not in done.stderr, "something of the card was left behind"
