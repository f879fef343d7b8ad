"""When the window looks at what the player left; intervals are so long that no timer takes part."""

from collections.abc import Iterator
from threading import Thread

import pytest
from PyQt6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.ui.window.pulse import Pulse

_SELDOM = 1 / 60


class Looks:
    """Counts looks; tells whether there was anything."""

    def __init__(self) -> None:
        self.count, self.finds = 0, True

    def __call__(self) -> bool:
        self.count += 1
        return self.finds


@pytest.fixture
def looks() -> Looks:
    return Looks()


@pytest.fixture
def pulse(qtbot: QtBot, looks: Looks) -> Iterator[Pulse]:
    parent = QObject()
    made = Pulse(looks, parent)
    made.start(_SELDOM)
    yield made
    made.stop()


def told(pulse: Pulse, times: int = 1) -> None:
    """Have another thread tell it, and wait for that thread."""

    def tell() -> None:
        for _ in range(times):
            pulse.tell()

    thread = Thread(target=tell)
    thread.start()
    thread.join()


def test_it_looks_as_soon_as_it_is_told(pulse: Pulse, looks: Looks, qtbot: QtBot) -> None:
    assert looks.count == 0
    told(pulse)
    qtbot.waitUntil(lambda: looks.count == 1)


def test_many_words_are_one_look(pulse: Pulse, looks: Looks, qtbot: QtBot) -> None:
    looks.finds = False
    told(pulse, 50)
    qtbot.waitUntil(lambda: looks.count == 1)
    qtbot.wait(20)
    assert looks.count == 1


def test_what_is_shown_stays_for_one_interval(pulse: Pulse, looks: Looks, qtbot: QtBot) -> None:
    told(pulse)
    qtbot.waitUntil(lambda: looks.count == 1)
    told(pulse)
    qtbot.wait(20)
    assert looks.count == 1
    pulse.start(100)  # now the interval is over soon
    qtbot.waitUntil(lambda: looks.count > 1)


def test_an_empty_look_delays_none(pulse: Pulse, looks: Looks, qtbot: QtBot) -> None:
    looks.finds = False
    for count in (1, 2, 3):
        told(pulse)
        qtbot.waitUntil(lambda count=count: looks.count == count)


def test_stopped_it_does_not_look(pulse: Pulse, looks: Looks, qtbot: QtBot) -> None:
    pulse.stop()
    told(pulse)
    qtbot.wait(20)
    assert looks.count == 0


def test_nobody_has_to_be_there_to_be_told(qtbot: QtBot, looks: Looks) -> None:
    parent = QObject()
    pulse = Pulse(looks, parent)
    pulse.start(_SELDOM)
    parent.deleteLater()
    qtbot.wait(20)
    told(pulse)
    assert looks.count == 0
