"""Cameras: what is asked of the driver, what it gives, and what it refuses."""

from itertools import islice

import cv2
import numpy as np
import pytest

from app.core.sources import Health, list_cameras, open_source
from app.core.sources.camera import Camera
from app.core.sources.watch import Watch
from model.errors import InputError


class Driver:
    """Stands in for `cv2.VideoCapture`: 640×480 at most, red on the left and noisy."""

    there = True
    breaks = False
    fastest = 60.0
    made: list["Driver"]

    def __init__(self, index: int, backend: int = cv2.CAP_ANY) -> None:
        self.index = index
        self.asked: dict[int, float] = {}
        self.released = False
        self.reads = 0
        Driver.made.append(self)

    @staticmethod
    def waitAny(drivers: list["Driver"], nanoseconds: int) -> tuple[bool, list[int]]:  # noqa: N802
        return True, list(range(len(drivers)))

    def isOpened(self) -> bool:  # noqa: N802
        return self.there

    def set(self, what: int, value: float) -> bool:
        self.asked[what] = value
        return True

    def get(self, what: int) -> float:
        value = self.asked.get(what, 30.0)
        return min(value, self.fastest) if what == cv2.CAP_PROP_FPS else value

    def read(self) -> tuple[bool, np.ndarray | None]:
        if self.breaks:
            return False, None
        width = min(640, int(self.asked.get(cv2.CAP_PROP_FRAME_WIDTH, 640)))
        height = min(480, int(self.asked.get(cv2.CAP_PROP_FRAME_HEIGHT, 480)))
        image = np.zeros((height, width, 3), np.uint8)
        image[:, : width // 2, 2] = 200
        self.reads += 1
        image[0, 0, 0] = self.reads % 256
        return True, image

    def release(self) -> None:
        self.released = True


@pytest.fixture(autouse=True)
def driver(monkeypatch: pytest.MonkeyPatch) -> type[Driver]:
    monkeypatch.setattr(cv2, "VideoCapture", Driver)
    monkeypatch.setattr(Driver, "there", True)
    monkeypatch.setattr(Driver, "breaks", False)
    monkeypatch.setattr(Driver, "fastest", 60.0)
    Driver.made = []
    return Driver


def test_size_and_rate_are_asked_for_and_the_camera_is_released(driver: type[Driver]) -> None:
    with open_source("2", rate=60, size=(320, 240)) as camera:
        assert (camera.info.width, camera.info.height, camera.info.rate) == (320, 240, 60)
        assert camera.info.is_live
        assert camera.info.notice == ""
        frames = list(islice(camera, 5))
    assert driver.made[0].index == 2
    assert driver.made[0].released
    assert frames[0].rgb[0, 1].tolist() == [200, 0, 0]
    assert np.all(np.diff([frame.time_s for frame in frames]) > 0)


def test_size_that_the_camera_lacks_is_noticed() -> None:
    with Camera(0, size=(1920, 1080)) as camera:
        assert camera.info.notice == "Camera 0 gives 640×480 pixels instead of 1920×1080."


def test_rate_that_the_camera_lacks_is_noticed(driver: type[Driver]) -> None:
    driver.fastest = 25.0
    with Camera(0, rate=25.3) as camera:
        assert camera.info.notice == ""
    with Camera(0, rate=60) as camera:
        assert camera.info.notice == "Camera 0 gives 25 frames per second instead of 60."
    with Camera(0, rate=60, size=(1280, 720)) as camera:
        assert camera.info.notice == (
            "Camera 0 gives 640×480 pixels at 25 frames per second instead of 1280×720 at 60."
        )


def test_mirror_exchanges_left_and_right() -> None:
    with Camera(0, mirror=True) as camera:
        rgb = next(iter(camera)).rgb
    assert rgb[100, 600].tolist() == [200, 0, 0]
    assert rgb[100, 40].tolist() == [0, 0, 0]


@pytest.mark.parametrize("size", [(0, 480), (640, -1), (10**6, 10)])
def test_sizes_that_cannot_be_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="pixels"):
        Camera(0, size=size)


def test_camera_that_is_unplugged_is_told_and_comes_back(driver: type[Driver]) -> None:
    with Camera(0, watch=Watch(pause_s=0.02, longest_pause_s=0.05)) as camera:
        driver.breaks = True
        while camera.state().health is not Health.ENDED:
            camera.next(0.02)
        assert "unplugged" in camera.state().reason
        driver.there = False
        # on Linux it can be seen that it is not there
        while not any(why in camera.state().reason for why in ("no camera", "cannot be opened")):
            camera.next(0.02)
        driver.there, driver.breaks = True, False
        while camera.state().health is not Health.OK:
            camera.next(0.02)
        assert camera.state().reopened > 0
    assert all(made.released for made in driver.made)


@pytest.mark.parametrize(
    ("there", "says"),
    [(False, "There is no camera 7|Camera 7 cannot be opened"), (True, "Camera 7 .*no picture")],
)
def test_camera_that_gives_nothing_is_refused(driver: type[Driver], there: bool, says: str) -> None:
    driver.there, driver.breaks = there, True
    with pytest.raises(InputError, match=says):
        Camera(7)
    assert driver.made[0].released


def test_cameras_are_listed_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = list_cameras()
    assert numbers == sorted(set(numbers))
    monkeypatch.setattr("sys.platform", "darwin")
    assert list_cameras() == list(range(8))
    assert all(made.released for made in Driver.made)


def test_linux_lists_the_first_node_of_each_camera(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, index in [("video10", "0"), ("video2", "0"), ("video3", "1"), ("video4", "")]:
        (tmp_path / name).mkdir()
        if index:
            (tmp_path / name / "index").write_text(f"{index}\n")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("app.core.sources.camera._NODES", tmp_path)
    assert list_cameras() == [2, 10]
