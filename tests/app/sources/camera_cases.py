"""The real code on emulated cameras; `tests/v4l2` runs this in a process that sees them.

There are a webcam with number 0 and, with number 2, a microscope whose pictures are of an odd size.
"""

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from app import doctor
from app.core.sources import Health, camera_name, list_cameras
from app.core.sources import capture as capture_module
from app.core.sources.camera import Camera
from app.core.sources.watch import Watch
from model.errors import InputError
from tests.v4l2 import BLUE, GREEN, MICROSCOPE, RED, Cameras, place, seen_at

QUICK = Watch(stalled_s=0.3, frozen_s=0.3, reopen_s=0.5, pause_s=0.02, longest_pause_s=0.05)
SMALL = (320, 240)


@pytest.fixture
def cameras() -> Iterator[Cameras]:
    cameras = Cameras.of_this_process()
    yield cameras
    cameras.restore()


def until(camera: Camera, holds: Callable[[], bool]) -> set[str]:
    """Read until something holds; everything that is said of the camera meanwhile."""
    said = set()
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, said
        camera.next(0.02)
        said.add(str(camera.state().reason))
    return said


def test_cameras_are_known_by_name(cameras: Cameras) -> None:
    assert {k: camera_name(k) for k in list_cameras()} == {0: "HD webcam", 2: "USB microscope"}
    cameras.plug_in(5, "Document camera", MICROSCOPE)
    assert camera_name(list_cameras()[-1]) == "Document camera"
    cameras.plug_out(5)
    assert list_cameras() == [0, 2]


def test_doctor_tries_each_of_them(cameras: Cameras) -> None:
    with cameras.used_by_another(2):
        found = [(str(check.name), str(check.detail)) for check in doctor.check_cameras()]
    assert found == [
        ("camera 0", "HD webcam, 640×480 at 30 fps"),
        ("camera 2", "gives no frame; it may be in use"),
    ]


def test_no_picture_is_left_out() -> None:
    with Camera(0, size=SMALL, rate=30) as camera:
        camera.hold(True)
        frames = [frame for frame in (camera.next(5.0) for _ in range(31)) if frame is not None]
    places = [seen_at(frame.rgb)[0] for frame in frames]
    # single ones may be where the machine is busy
    step = place(1, SMALL)[0] - place(0, SMALL)[0]
    assert np.median(np.abs(np.diff(places))) == pytest.approx(step, abs=1)


@pytest.mark.parametrize(
    ("size", "rate", "gives"),
    [
        (None, None, ((640, 480), 30)), (SMALL, 15, (SMALL, 15)), (SMALL, None, (SMALL, 30)),
        ((640, 480), 60, ((640, 480), 60)), ((640, 480), 10, ((640, 480), 10)),
        ((1920, 1080), None, ((640, 480), 30)), (SMALL, 60, (SMALL, 30)),
    ],
)  # fmt: skip
def test_camera_gives_what_is_nearest_to_what_was_asked(
    size: tuple[int, int] | None, rate: float | None, gives: tuple[tuple[int, int], float]
) -> None:
    with Camera(0, size=size, rate=rate) as camera:
        info = camera.info
    assert ((info.width, info.height), info.rate) == gives
    is_other = (size is not None and size != gives[0]) or (rate is not None and rate != gives[1])
    assert bool(info.notice) == is_other


@pytest.mark.parametrize("number", [0, 2])
@pytest.mark.parametrize("mirror", [False, True])
def test_colours_and_sides_are_right(number: int, mirror: bool) -> None:
    with Camera(number, mirror=mirror) as camera:
        rgb = next(iter(camera)).rgb
    height, width = rgb.shape[:2]
    assert (width, height) == ((321, 243) if number else (640, 480))
    left, right = (BLUE, RED) if mirror else (RED, BLUE)
    assert np.argmax(rgb[5, 5]) == np.argmax(left)
    assert np.argmax(rgb[5, -5]) == np.argmax(right)
    x, y, w, h = seen_at(rgb)
    assert (y, w, h) == pytest.approx((height // 3, height // 4, height // 4), abs=4)
    assert rgb[y + h - h // 8, x + w // 2].tolist() == pytest.approx(GREEN, abs=12)


def test_camera_that_is_unplugged_is_told_and_comes_back(cameras: Cameras) -> None:
    with Camera(0, size=SMALL, watch=QUICK) as camera:
        cameras.plug_out(0)
        said = until(camera, lambda: "no camera 0" in camera.state().reason)
        assert "Camera 0 gives no picture; it was unplugged or stopped." in said
        cameras.plug_in(0, "HD webcam")
        until(camera, lambda: camera.state().health is Health.OK)
        assert camera.next(5.0) is not None


@pytest.mark.parametrize(("fault", "health"), [("frozen", "FROZEN"), ("stalled", "STALLED")])
def test_camera_that_fails_is_opened_anew_and_never_in_its_own_way(
    cameras: Cameras, fault: str, health: str
) -> None:
    with Camera(0, size=SMALL, watch=QUICK) as camera:
        cameras.fail(0, fault)
        until(camera, lambda: camera.state().health is Health[health])
        said = until(camera, lambda: camera.state().reopened > 0)
        cameras.fail(0)
        said |= until(camera, lambda: camera.state().health is Health.OK)
    assert not any("cannot be opened" in sentence for sentence in said)


def test_stalled_camera_is_let_go_of(cameras: Cameras) -> None:
    camera = Camera(0, size=SMALL)
    cameras.fail(0, "stalled")
    while camera.next(0.3) is not None:
        pass
    camera.close()
    assert not any(thread.name == "read camera-0" for thread in threading.enumerate())
    cameras.fail(0)
    with Camera(0, size=SMALL) as again:
        assert again.next(5.0) is not None


def test_camera_that_another_program_has_is_told_in_one_sentence(
    cameras: Cameras, capfd: pytest.CaptureFixture[str]
) -> None:
    with cameras.used_by_another(0), pytest.raises(InputError, match=r"Camera 0 cannot be opened"):
        Camera(0)
    # not by OpenCV as well
    assert capfd.readouterr().err == ""
    with Camera(0) as camera:
        assert camera.next(5.0) is not None


def test_camera_that_is_not_there_or_not_allowed_says_so(
    cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="There is no camera 1; plug it in"):
        Camera(1)
    monkeypatch.setattr(capture_module.os, "access", lambda *_: False)
    with cameras.used_by_another(0), pytest.raises(InputError, match="join the group"):
        Camera(0)
