"""Live sources: newest frame, health, watchdog, reads that hang, the end."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core.exchange import read_rows
from app.core.job import Outputs, Target, TrackJob
from app.core.sources import Health, LiveSource, VideoFile, Watch
from app.core.sources.watch import PictureWatch
from model.errors import InputError
from model.images import Frame
from tests.app.sources.numbered import number_of, picture
from tests.app.square import PatchTracker

BLACK = np.full((64, 128, 3), 12, np.uint8)
QUICK = Watch(
    open_s=5, stalled_s=0.3, black_s=0.2, frozen_s=0.2, reopen_s=60, pause_s=0.02,
    longest_pause_s=0.1, give_up_s=60,
)  # fmt: skip


class Device:
    """What can be connected to, and does as a test tells it."""

    def __init__(self) -> None:
        self.show: Callable[[int], Frame | None] = picture
        self.given = 0
        self.connections = 0
        self.open = 0
        self.hang = threading.Event()
        self.hanging = 0
        self.gone = False

    def connect(self) -> "Connection":
        if self.gone:
            raise InputError("The device is gone.")
        self.connections += 1
        return Connection(self)

    def source(self, watch: Watch = QUICK) -> LiveSource:
        return LiveSource("the device", self.connect, hint="plug it in", watch=watch)


class Connection:
    rate = 100.0

    def __init__(self, device: Device) -> None:
        self._device = device
        device.open += 1

    def read(self, cancelled: threading.Event) -> Frame | None:
        device = self._device
        if device.hang.is_set():
            # as a driver does: deaf to everything
            device.hanging += 1
            while device.hang.is_set():
                time.sleep(0.01)
            device.hanging -= 1
        time.sleep(0.01)
        if device.gone:
            return None
        device.given += 1
        return device.show(device.given % 1024)

    def close(self) -> None:
        self._device.open -= 1


@pytest.fixture
def device() -> Iterator[Device]:
    made = Device()
    yield made
    made.hang.clear()
    until(lambda: made.open == 0)


def until(wanted: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_newest_frame_alone_is_given(device: Device) -> None:
    with device.source() as live:
        until(lambda: device.given > 30)
        frames = [frame for frame, _ in zip(live, range(3), strict=False)]
        # one may have waited since the beginning
        assert frames[1].index >= 28
        assert live.dropped >= 27
        assert all(number_of(frame.rgb) == frame.index + 1 for frame in frames)
        assert np.all(np.diff([frame.time_s for frame in frames]) > 0)
        assert frames[0].time_s >= 0


def test_frames_of_a_hold_are_kept_in_order(device: Device) -> None:
    with device.source() as live:
        live.hold(True)
        first = live.next(1)
        assert first is not None
        until(lambda: device.given > first.index + 30)
        live.hold(False)
        numbers = [frame.index for frame in (live.next(1) for _ in range(20)) if frame is not None]
        assert numbers == list(range(numbers[0], numbers[0] + 20))


@pytest.mark.parametrize(
    ("show", "health"),
    [
        (lambda number: BLACK, Health.BLACK),
        (lambda number: picture(7), Health.FROZEN),
        (lambda number: BLACK + np.uint8(number % 3), Health.BLACK),
    ],
    ids=["black", "frozen", "black with noise"],
)
def test_faults_of_the_picture_are_told_apart_and_end(device: Device, show, health) -> None:
    with device.source() as live:
        assert live.state().health is Health.OK
        assert live.state().reason == ""
        device.show = show
        until(lambda: live.state().health is health)
        assert live.state().reason.startswith("The device shows")
        device.show = picture
        until(lambda: live.state().health is Health.OK)
        assert live.state().reopened == 0


def test_black_or_frozen_source_is_opened_anew_while_its_pictures_come(device: Device) -> None:
    watch = Watch(open_s=5, frozen_s=0.1, reopen_s=0.3)
    with device.source(watch) as live:
        device.show = lambda number: picture(7)
        until(lambda: live.state().reopened == 2)
        assert device.connections == 3
        assert live.state().health is Health.FROZEN
        assert live.next(5) is not None


def test_source_that_is_refused_is_free_again(device: Device) -> None:
    device.show = lambda number: time.sleep(0.3) or picture(number)
    with pytest.raises(InputError, match=r"within 0\.1 seconds"):
        device.source(replace(QUICK, open_s=0.1))
    assert device.open == 0


def test_read_that_hangs_is_abandoned_and_the_source_opened_anew(device: Device) -> None:
    with device.source(replace(QUICK, open_s=1.5)) as live:
        device.hang.set()
        until(lambda: live.state().health is Health.STALLED)
        assert "no picture" in live.state().reason
        until(lambda: device.connections > 1)
        # however long it lasts, it costs a few threads
        until(lambda: device.hanging == 4)
        time.sleep(0.5)
        assert device.connections == 4
        device.hang.clear()
        until(lambda: live.state().health is Health.OK)
        frames = list(itertools.islice(live, 5))
        assert np.all(np.diff([frame.time_s for frame in frames]) > 0)
        assert np.all(np.diff([frame.index for frame in frames]) > 0)
        until(lambda: device.open == 1)


def test_close_does_not_wait_for_a_read_that_hangs(device: Device) -> None:
    live = device.source()
    device.hang.set()
    until(lambda: device.hanging > 0)
    live.close()
    assert device.hanging > 0
    assert list(live) == []


def test_close_from_another_thread_ends_the_iteration(device: Device) -> None:
    live = device.source()
    device.show = lambda number: None
    threading.Timer(0.1, live.close).start()
    for _ in live:
        pass
    live.close()


def test_source_that_ends_is_told_and_comes_back(device: Device) -> None:
    with device.source() as live:
        device.gone = True
        until(lambda: live.state().health is Health.ENDED)
        until(lambda: live.state().reason == "The device is gone.")
        device.gone = False
        until(lambda: live.state().health is Health.OK)
        assert live.state().reopened > 0


def test_source_that_stays_away_is_given_up_in_one_sentence(device: Device) -> None:
    watch = Watch(open_s=5, stalled_s=0.1, pause_s=0.02, longest_pause_s=0.05, give_up_s=0.3)
    seen = []
    with device.source(watch) as live:
        seen += itertools.islice(live, 3)
        device.gone = True
        with pytest.raises(InputError) as caught:
            seen += live
    assert str(caught.value).startswith("The device gave no picture for 0.3 seconds after frame")
    assert str(caught.value).endswith(f"frame {device.given - 1}; plug it in.")
    # what was read before is given out before
    assert seen[-1].index == device.given - 1
    assert live.state().health is Health.ENDED


def test_source_that_is_not_there_says_its_own_sentence(device: Device) -> None:
    device.gone = True
    with pytest.raises(InputError, match=r"^The device is gone\.$"):
        device.source()


@pytest.mark.parametrize("hangs", [True, False])
def test_source_without_a_first_picture_is_refused(device: Device, hangs: bool) -> None:
    device.show = lambda number: None
    if hangs:
        device.hang.set()
    with pytest.raises(InputError, match=r"no picture.*plug it in"):
        device.source(Watch(open_s=0.2))


def test_fault_of_the_program_in_a_reader_is_survived(device: Device) -> None:
    def broken(number: int) -> Frame:
        raise RuntimeError("a driver's own fault")

    with device.source() as live:
        device.show = broken
        until(lambda: live.state().health is Health.ENDED)
        device.show = picture
        until(lambda: live.state().health is Health.OK)


def test_many_cycles_leave_no_thread(device: Device) -> None:
    before = threading.active_count()
    for _ in range(50):
        with device.source() as live:
            assert live.next(5) is not None
    until(lambda: threading.active_count() <= before)
    assert device.open == 0


def test_moving_dark_picture_is_not_black_and_slow_change_is_not_frozen() -> None:
    looking = PictureWatch(Watch(black_s=1, frozen_s=1))
    for k in range(50):
        dark = np.zeros((480, 640, 3), np.uint8)
        dark[40:100, 10 * k : 10 * k + 60] = 60
        looking.look(dark, k / 10)
        assert looking.fault(k / 10) is None


def test_change_of_size_is_not_frozen() -> None:
    looking = PictureWatch(Watch(frozen_s=1))
    for k in range(50):
        looking.look(np.full((64 + k % 2, 64, 3), 99, np.uint8), k / 10)
        assert looking.fault(k / 10) is None


def test_job_on_a_source_that_is_silent_can_be_stopped(device: Device, tmp_path: Path) -> None:
    with device.source(replace(QUICK, stalled_s=60)) as live:
        outputs = Outputs(tmp_path / "live.mp4", tmp_path / "live.csv")
        job = TrackJob(live, PatchTracker(), [Target((10, 10, 40, 40))], outputs)
        steps = job.run()
        done = [next(steps).done for _ in range(3)]
        device.hang.set()
        until(lambda: device.hanging > 0)
        threading.Timer(0.1, job.stop).start()
        done += [step.done for step in steps]
    assert len(read_rows(tmp_path / "live.csv")) == len(done)
    with VideoFile(tmp_path / "live.mp4") as recorded:
        assert len(list(recorded)) == len(done)
