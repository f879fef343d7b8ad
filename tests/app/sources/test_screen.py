"""Screen capture: regions, pace, and screens that cannot be captured."""

import shutil
import subprocess
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
from mss.exception import ScreenShotError

from app.core.sources import Health, open_source
from app.core.sources.screen import Screen
from model.errors import InputError

DESKTOP = {"left": 0, "top": 0, "width": 640, "height": 480}


class StandIn:
    """A desktop whose blue counts rows and whose green counts columns, as mss shows it: BGRA."""

    monitors = (DESKTOP, DESKTOP)
    breaks = False

    def grab(self, area: dict[str, int]) -> np.ndarray:
        if self.breaks:
            raise ScreenShotError("the session has ended")
        rows, columns = np.mgrid[: area["height"], : area["width"]]
        shot = np.zeros((area["height"], area["width"], 4), np.uint8)
        shot[..., 0] = (rows + area["top"]) % 251
        shot[..., 1] = (columns + area["left"]) % 251
        return shot

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> type[StandIn]:
    monkeypatch.setattr("mss.MSS", StandIn)
    monkeypatch.setattr(StandIn, "breaks", False)
    return StandIn


@pytest.fixture(params=["stand-in", *(["Xvfb"] if shutil.which("Xvfb") else [])])
def screen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A desktop of 640×480 pixels: a stand-in, and an X server where there is one."""
    if request.param == "stand-in":
        request.getfixturevalue("desktop")
        yield "stand-in"
        return
    size = "640x480x24"
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        monkeypatch.setenv("DISPLAY", f":{server.stdout.readline().strip()}")
        yield "Xvfb"
        server.terminate()


def test_whole_screen_and_a_part_of_it(screen: str) -> None:
    with open_source("screen:", rate=50) as whole:
        assert whole.info.is_live
        assert (whole.info.width, whole.info.height, whole.info.rate) == (640, 480, 50)
        frames = list(islice(whole, 3))
        assert whole.state().health is Health.OK
    assert frames[0].rgb.shape == (480, 640, 3)
    assert np.all(np.diff([frame.time_s for frame in frames]) > 0)
    with open_source("screen:100,40,64,32") as part:
        shot = next(iter(part)).rgb
    assert np.array_equal(shot, frames[0].rgb[40:72, 100:164])


def test_channels_are_rgb(desktop: type[StandIn]) -> None:
    with open_source("screen:30,200,8,8") as part:
        shot = next(iter(part)).rgb
    assert shot[0, 0].tolist() == [0, 30, 200]


@pytest.mark.parametrize("region", ["600,0,64,32", "-1,0,64,32", "0,0,0,32", "0,0,10,481"])
def test_part_that_is_not_on_the_screen_is_refused(screen: str, region: str) -> None:
    with pytest.raises(InputError, match="not on the screen; it reaches from 0,0 to 640,480"):
        open_source(f"screen:{region}")


@pytest.mark.parametrize("text", ["screen:1", "screen:1,2,3", "screen:a,b,c,d", "screen:1,2,3,4,5"])
def test_part_that_is_not_four_numbers_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="four whole numbers"):
        open_source(text)


def test_no_screen_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ScreenShotError("$DISPLAY not set")

    monkeypatch.setattr("mss.MSS", fail)
    with pytest.raises(InputError, match="cannot be captured; start the program within"):
        open_source("screen:")


def test_still_screen_is_no_fault_and_a_session_that_ends_is(desktop: type[StandIn]) -> None:
    with Screen((0, 0, 64, 64), rate=200) as live:
        assert len(list(islice(live, 20))) == 20
        assert live.state().health is Health.OK
        desktop.breaks = True
        while live.state().health is not Health.ENDED:
            live.next(0.02)
        assert "cannot be captured any more" in live.state().reason
