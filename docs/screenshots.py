"""Take the pictures of the window that the documentation shows.

Run from the root of the repository: `python -m docs.screenshots`, or with the names of some, as in
`python -m docs.screenshots start plots`. The real application is driven by mouse and keys on the
demo clip, without a display; the pictures go to docs/images/window-NAME.png. Nothing of the user's
settings is read or changed.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from time import monotonic

import cv2
import numpy as np
from PIL import Image

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QDialog, QLineEdit, QSplitter, QTabWidget, QWidget

from app.core.player.player import Player
from app.core.player.snapshot import Playback
from app.core.recent import remember
from app.ui.application import application
from app.ui.window import MainWindow
from assets.demo import clip_path
from model.geometry import Box

IMAGES = Path(__file__).parent / "images"
SIZE = (1280, 800)
TARGETS: tuple[tuple[int, str, Box], ...] = (
    (0, "car", (310.0, 163.0, 70.0, 37.0)),
    (0, "window", (122.0, 86.0, 27.0, 38.0)),
    (60, "rival", (505.0, 161.0, 76.0, 45.0)),
)
"""On which frame of the clip what is drawn around."""
SHOWN, HIDDEN = 196, 86
"""Frames: all are seen; the car is behind the tower."""
CORRECTED: tuple[int, Box] = (185, (406.0, 211.0, 162.0, 97.0))
"""Where the rival is drawn anew after it was half out of the picture."""
_PATIENCE_S = 180
_SHADE = 4


class Studio:
    """The window, and hands on its mouse and keys."""

    def __init__(self, clip: Path) -> None:
        self.clip = clip
        self.window = MainWindow()
        self.window.resize(*SIZE)
        self.window.preferences.change(theme="light", language="en", device="cpu")
        self.window.show()

    @property
    def shown(self) -> int:
        """Number of the frame that is shown; -1 without one."""
        frame = self.window.snapshot.frame
        return frame.index if frame is not None else -1

    def wait(self, until: Callable[[], object], what: str) -> None:
        """Let the window work until it has come so far.

        Raises:
            TimeoutError: it does not come.
        """
        end = monotonic() + _PATIENCE_S
        while not until():
            if monotonic() > end:
                raise TimeoutError(f"Waited in vain for {what}.")
            QTest.qWait(10)

    def settle(self) -> None:
        """Wait until nothing goes on, and everything is painted."""
        self.wait(lambda: not self.window.snapshot.work, "the background")
        QTest.qWait(700)

    def drag(self, box: Box, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.ShiftModifier) -> None:
        """Draw around a box of the frame."""
        canvas = self.window.canvas
        begin = canvas.to_widget(QPointF(box[0], box[1])).toPoint()
        end = canvas.to_widget(QPointF(box[0] + box[2], box[1] + box[3])).toPoint()
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, keys, begin)
        for k in range(1, 5):
            QTest.mouseMove(canvas, begin + (end - begin) * k / 4)
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, keys, end)

    def go_to(self, frame: int) -> None:
        """Show a frame."""
        self.window.commands.seek(frame)
        self.wait(lambda: self.shown == frame, f"frame {frame}")

    def play(self, until: int | None = None) -> None:
        """Play from the frame that is shown to another one, or to the end, and stay there."""
        window = self.window
        window.commands.passing(Player.play)()
        self.wait(
            lambda: (
                window.snapshot.playback is Playback.ENDED
                or (until is not None and self.shown >= until)
            ),
            "the end" if until is None else f"frame {until}",
        )
        if until is not None:
            window.commands.passing(Player.pause)()
            self.wait(lambda: window.snapshot.playback is Playback.PAUSED, "the pause")
            self.go_to(until)

    def open_clip(self) -> None:
        """Open the clip and follow its targets up to the frame that is shown most."""
        window = self.window
        window.open_text(str(self.clip))
        self.wait(lambda: self.shown >= 0, "the clip")
        window.commands.passing(Player.pause)()
        self.wait(lambda: window.snapshot.playback is not Playback.PLAYING, "the pause")
        self.wait(lambda: window.snapshot.tracker, "the model")
        self.go_to(0)
        for number, (frame, label, box) in enumerate(TARGETS, 1):
            if frame != self.shown:
                self.play(frame)
            self.drag(box)
            self.wait(lambda: len(window.snapshot.document.targets) == number, label)  # noqa: B023
            target = window.snapshot.document.targets[-1].id
            window.commands.passing(Player.rename)(target, label)
        self.play(SHOWN)

    def finish_clip(self) -> None:
        """Follow the targets to the end of the clip, where that was not done yet."""
        span, targets = self.window.snapshot.span, self.window.snapshot.document.targets
        if span is None or any(target.rows.last != span.last for target in targets):
            self.play()

    def select(self, number: int) -> None:
        """Select the target that was drawn as number 1, 2, …; none with 0."""
        targets = self.window.snapshot.document.targets
        self.window.selection.choose(targets[number - 1].id if number else -1)

    def arrange(self, *panels: str, timeline: int = 132, below: int = 0) -> None:
        """Show these panels and no others.

        Args:
            panels: names of panels.
            timeline: its height.
            below: height of the plots.
        """
        space = self.window.workspace
        space.reset()
        for name, panel in space.panels.items():
            panel.setVisible(name in panels)
        QTest.qWait(200)
        if below:
            space.resizeDocks([space.panels["plots"]], [below], Qt.Orientation.Vertical)
        splitter = self.window.findChild(QSplitter, "timeline-splitter")
        assert splitter is not None
        splitter.setSizes([SIZE[1], timeline])
        QTest.qWait(300)

    def save(self, name: str, widget: QWidget | None = None) -> None:
        """Save what a widget, or the window, looks like."""
        self.settle()
        path = IMAGES / f"window-{name}.png"
        (widget or self.window).grab().save(str(path))
        with Image.open(path) as image:
            # fewer shades than a screen shows make half the file, and nobody sees it
            pixels = np.asarray(image.convert("RGB")) // _SHADE * _SHADE + _SHADE // 2
        Image.fromarray(pixels.astype(np.uint8)).save(path, optimize=True)
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 1000:.0f} kB\n")

    def dialog(self) -> QDialog:
        """The dialog that is open."""
        found = [d for d in self.window.findChildren(QDialog) if d.isVisible()]
        self.wait(lambda: found, "a dialog")
        return found[-1]


def start(studio: Studio) -> None:
    """The start page, with what was opened lately."""
    window = studio.window
    if not window.is_showing_start:
        window.work.let_go()
    window.start.refresh()
    QTest.qWait(1500)
    studio.save("start")


def main_window(studio: Studio) -> None:
    """Targets that are followed."""
    studio.arrange("targets", "memory", timeline=190)
    studio.select(1)
    studio.save("main")


def memory(studio: Studio) -> None:
    """What the car's memory holds, and where a token of it looks."""
    studio.arrange("memory", "attention", timeline=150)
    studio.select(1)
    studio.wait(lambda: studio.window.snapshot.attention is not None, "the attention")
    studio.save("memory")
    studio.arrange("targets", "memory")


def timeline(studio: Studio) -> None:
    """A correction, and what became of the target."""
    studio.finish_clip()
    studio.arrange("targets", timeline=300)
    frame, box = CORRECTED
    studio.go_to(frame)
    studio.select(3)
    studio.drag(box, Qt.KeyboardModifier.ControlModifier)
    studio.wait(
        lambda: len(studio.window.snapshot.document.targets[2].corrections) == 2, "a correction"
    )
    studio.save("timeline")


def plots(studio: Studio) -> None:
    """Where the targets were, and how fast."""
    studio.finish_clip()
    studio.arrange("targets", "plots", below=300)
    studio.go_to(SHOWN)
    studio.select(1)
    studio.save("plots")


def export(studio: Studio) -> None:
    """The export dialog."""
    studio.window.work.export()
    dialog = studio.dialog()
    path = dialog.findChild(QLineEdit)
    assert path is not None
    path.setText("/home/ada/videos/toy cars-tracked.csv")
    studio.save("export", dialog)
    dialog.reject()


def settings(studio: Studio) -> None:
    """The settings."""
    studio.window.asking.ask_settings()
    dialog = studio.dialog()
    tabs = dialog.findChild(QTabWidget)
    assert tabs is not None
    tabs.setCurrentIndex(1)
    studio.save("settings", dialog)
    dialog.reject()


def chinese(studio: Studio) -> None:
    """All in Chinese."""
    studio.finish_clip()
    studio.arrange("targets", "memory", timeline=190)
    studio.go_to(SHOWN)
    studio.select(1)
    studio.window.preferences.change(language="zh_CN")
    studio.save("chinese")
    studio.window.preferences.change(language="en")


def dark(studio: Studio) -> None:
    """All in the dark."""
    studio.finish_clip()
    studio.arrange("targets", "memory", timeline=190)
    studio.go_to(HIDDEN)
    studio.select(1)
    studio.window.preferences.change(theme="dark")
    studio.save("dark")
    studio.window.preferences.change(theme="light")


SHOTS: dict[str, Callable[[Studio], None]] = {
    "start": start, "main": main_window, "memory": memory, "timeline": timeline, "plots": plots,
    "export": export, "settings": settings, "chinese": chinese, "dark": dark,
}  # fmt: skip
"""In the order in which they can be taken."""


@contextmanager
def home() -> Iterator[Path]:
    """Puts folders in place of the user's, with things that were opened lately; gives the clip."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for place in ("DATA", "CONFIG", "CACHE"):
            os.environ[f"XDG_{place}_HOME"] = str(folder / place.lower())
        album = folder / "holiday in the toy town, summer 2026"
        album.mkdir()
        clip = Path(copyfile(clip_path(), album / "toy cars.mp4"))
        frames = album / "roundabout"
        frames.mkdir()
        video = cv2.VideoCapture(str(clip))
        video.set(cv2.CAP_PROP_POS_FRAMES, SHOWN)
        for number in range(3):
            cv2.imwrite(str(frames / f"{number}.jpg"), video.read()[1])
        video.release()
        for text in (frames, clip):
            remember(str(text))
        yield clip


def take(names: list[str]) -> None:
    """Take these pictures."""
    with home() as clip:
        app = application()
        studio = Studio(clip)
        try:
            if "start" in names:
                start(studio)
            others = [name for name in names if name != "start"]
            if others:
                studio.open_clip()
            for name in (name for name in SHOTS if name in others):
                SHOTS[name](studio)
        finally:
            studio.window.close_now()
            app.processEvents()


if __name__ == "__main__":
    asked = sys.argv[1:] or list(SHOTS)
    unknown = set(asked) - set(SHOTS)
    if unknown:
        sys.exit(f"There is no picture {', '.join(sorted(unknown))}; there are {', '.join(SHOTS)}.")
    take(asked)
