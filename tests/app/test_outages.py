"""What the command line says of a live source while it is tracked."""

import threading
import time

from app.commands.outages import telling_outages
from app.core.sources.base import Closing, Health, SourceInfo, SourceState


class Faring(Closing):
    """A source that fares as a test says."""

    def __init__(self, *, is_live: bool) -> None:
        self.info = SourceInfo("camera-0", 4, 4, None, 30.0, is_live=is_live)
        self.health, self.why = Health.OK, ""

    def state(self) -> SourceState:
        return SourceState(self.health, 0, 0, self.why)


def until(said: list[str], count: int) -> None:
    end = time.monotonic() + 20
    while len(said) < count:
        assert time.monotonic() < end, said
        time.sleep(0.01)


def test_each_outage_and_its_end_are_told_once() -> None:
    source, said = Faring(is_live=True), []
    with telling_outages(source, said.append):
        source.health, source.why = Health.ENDED, "It was unplugged."
        until(said, 1)
        # another reason for the same
        source.why = "It is not there."
        time.sleep(0.5)
        source.health, source.why = Health.OK, ""
        until(said, 2)
    assert said == ["It was unplugged.", "camera-0 gives pictures again."]
    assert not any(thread.name == "outages" for thread in threading.enumerate())


def test_video_is_not_watched() -> None:
    source, said = Faring(is_live=False), []
    with telling_outages(source, said.append):
        source.health, source.why = Health.ENDED, "It has ended."
        time.sleep(0.5)
    assert said == []
