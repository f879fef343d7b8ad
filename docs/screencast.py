"""Film the window at work: `python -m docs.screencast`, from the root of the repository.

The real application is driven by mouse and keys on the demo clip, without a display, as in
docs/screenshots.py; what it shows goes to docs/images/window.webp. The film goes by the frames of
the clip, so that it plays as fast on a slow machine.
"""

import sys

from PIL import Image, ImageDraw
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtTest import QTest

from app.core.player.player import Player
from app.core.player.snapshot import Playback
from app.ui.application import application
from app.ui.canvas import Canvas
from docs.screenshots import IMAGES, SIZE, TARGETS, Studio, home
from model.geometry import Box

_EVERY = 3
"""Frames of the clip between two of the film: ten in a second."""
_MS = 100
_WIDTH = 960
_POINTER = ((0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (13, 12))
_LOST_UNTIL, _LAST = 126, 180
_CORRECTED: tuple[int, Box] = (60, (505.0, 161.0, 76.0, 45.0))


class Film:
    """What the window shows, picture after picture."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self._pictures: list[Image.Image] = []

    def shoot(self, pointer: QPoint | None = None, times: int = 1) -> None:
        """Take a picture, with a mouse pointer at a place of the canvas; it stays so long."""
        window = self.studio.window
        grabbed = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        bits = grabbed.constBits()
        assert bits is not None
        bits.setsize(grabbed.sizeInBytes())
        picture = Image.frombytes(
            "RGB", (grabbed.width(), grabbed.height()), bytes(bits), "raw", "RGB",
            grabbed.bytesPerLine(),
        )  # fmt: skip
        if pointer is not None:
            at = window.canvas.mapTo(window, pointer)
            shape = [(at.x() + x, at.y() + y) for x, y in _POINTER]
            ImageDraw.Draw(picture).polygon(shape, fill="white", outline="black")
        height = round(picture.height * _WIDTH / picture.width)
        small = picture.resize((_WIDTH, height), Image.Resampling.LANCZOS)
        self._pictures += [small] * times

    def drag(self, box: Box) -> None:
        """Draw around a box of the frame, filmed."""
        canvas: Canvas = self.studio.window.canvas
        begin = canvas.to_widget(QPointF(box[0], box[1])).toPoint()
        end = canvas.to_widget(QPointF(box[0] + box[2], box[1] + box[3])).toPoint()
        away = QPoint(canvas.width() // 2, canvas.height() - 40)
        for k in range(6):
            self.shoot(away + (begin - away) * k / 5)
        button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QTest.mousePress(canvas, button, none, begin)
        for k in range(1, 8):
            place = begin + (end - begin) * k / 7
            QTest.mouseMove(canvas, place)
            QTest.qWait(30)
            self.shoot(place)
        QTest.mouseRelease(canvas, button, none, end)

    def play(self, until: int) -> None:
        """Play up to a frame, filmed."""
        studio = self.studio
        while studio.shown < until:
            wanted = min(studio.shown + _EVERY, until)
            studio.window.commands.step(wanted - studio.shown)
            studio.wait(lambda: studio.shown == wanted, f"frame {wanted}")  # noqa: B023
            QTest.qWait(120)
            self.shoot()

    def save(self) -> None:
        """Write the film."""
        path = IMAGES / "window.webp"
        first, *others = self._pictures
        first.save(
            path, save_all=True, append_images=others, duration=_MS, loop=0, quality=50, method=4
        )
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 1000:.0f} kB\n")


def story(studio: Studio) -> None:
    """A target drawn, followed, lost and found; another one beside it; where attention looks."""
    window, film = studio.window, Film(studio)
    window.open_text(str(studio.clip))
    studio.wait(lambda: studio.shown >= 0, "the clip")
    window.commands.passing(Player.pause)()
    studio.wait(lambda: window.snapshot.playback is not Playback.PLAYING, "the pause")
    studio.wait(lambda: window.snapshot.tracker, "the model")
    studio.go_to(0)
    studio.arrange("memory", "attention", timeline=150)
    film.shoot(times=5)
    film.drag(TARGETS[0][2])
    studio.wait(lambda: window.snapshot.document.targets, "a target")
    studio.select(1)
    QTest.qWait(500)
    film.shoot(times=5)
    film.play(_CORRECTED[0])
    film.drag(_CORRECTED[1])
    studio.wait(lambda: len(window.snapshot.document.targets) == 2, "another target")
    QTest.qWait(300)
    film.play(_LOST_UNTIL)
    studio.select(1)
    film.play(_LAST)
    film.shoot(times=15)
    film.save()


def main() -> None:
    """Film it."""
    with home() as clip:
        app = application()
        studio = Studio(clip)
        studio.window.resize(*SIZE)
        try:
            story(studio)
        finally:
            studio.window.close_now()
            app.processEvents()


if __name__ == "__main__":
    main()
