"""Cameras that are not there, for the real code that reads cameras on Linux.

A library that is loaded before libc answers for `/dev/videoN`: see `camera.h`. It must be there
when a process begins, so what is tested runs in one of its own, with `Cameras.environment()`.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from model.images import Frame

HERE = Path(__file__).parent
PICTURES = 60
"""Pictures until they begin again; the last is like the first."""
RED, BLUE, GREEN, WHITE = (200, 40, 40), (40, 40, 200), (40, 200, 40), (230, 230, 230)


@dataclass(frozen=True)
class Mode:
    """A size that a camera gives."""

    fourcc: str
    """`YUYV` or `MJPG`."""
    size: tuple[int, int]
    """`(width, height)`."""
    rates: tuple[int, ...]
    """Frames per second; the first is what it gives unasked."""


WEBCAM = (
    Mode("YUYV", (320, 240), (30, 15)), Mode("YUYV", (640, 480), (10,)),
    Mode("MJPG", (320, 240), (30,)), Mode("MJPG", (640, 480), (30, 60)),
)  # fmt: skip
"""As most are: what is large is fast only if it is compressed."""
MICROSCOPE = (Mode("MJPG", (321, 243), (25,)),)
"""An odd one."""


class Cameras:
    """Plugs cameras in and out, and makes them fail."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.folder, self._library = folder, library
        for name in ("dev", "sys", "cameras"):
            (folder / name).mkdir(exist_ok=True)

    @classmethod
    def of_this_process(cls) -> "Cameras":
        """Those that this process sees."""
        return cls(Path(os.environ["EMULATED_CAMERAS"]), Path(os.environ["LD_PRELOAD"]))

    def environment(self) -> dict[str, str]:
        """Of a process that is to see these cameras."""
        return {
            **os.environ, "LD_PRELOAD": str(self._library), "EMULATED_CAMERAS": str(self.folder),
        }  # fmt: skip

    def plug_in(
        self, number: int, name: str = "Emulated webcam", modes: tuple[Mode, ...] = WEBCAM
    ) -> None:
        """Plug a camera in; its node appears last, as the kernel's does."""
        own = self.folder / "cameras" / str(number)
        own.mkdir(exist_ok=True)
        lines = [" ".join(map(str, (m.fourcc, *m.size, *m.rates))) for m in modes]
        (own / "modes").write_text("\n".join([name, *lines]) + "\n")
        for mode in modes:
            _write_pictures(own, mode)
        system = self.folder / "sys" / f"video{number}"
        system.mkdir(exist_ok=True)
        (system / "index").write_text("0\n")
        (system / "name").write_text(f"{name}\n")
        os.mkfifo(self.folder / "dev" / f"video{number}")

    def restore(self) -> None:
        """All is well: a webcam is there, and an odd microscope."""
        for number, name, modes in (
            (0, "HD webcam", WEBCAM), (2, "USB microscope", MICROSCOPE),
        ):  # fmt: skip
            if not (self.folder / "dev" / f"video{number}").exists():
                self.plug_in(number, name, modes)
            self.fail(number)

    def plug_out(self, number: int) -> None:
        """Pull its plug."""
        (self.folder / "dev" / f"video{number}").unlink()
        shutil.rmtree(self.folder / "sys" / f"video{number}")

    def fail(self, number: int, fault: str = "") -> None:
        """`frozen`, `stalled`, or nothing."""
        (self.folder / "cameras" / str(number) / "fault").write_text(fault)

    @contextmanager
    def used_by_another(self, number: int) -> Iterator[None]:
        """Another program has the camera meanwhile."""
        with (self.folder / "cameras" / str(number) / "owner").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def place(picture: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Where the green square is: `x, y, w, h`."""
    width, height = size
    side = height // 4
    to_and_fro = min(picture, PICTURES - picture)
    return (width // 4 + to_and_fro * width // 100, height // 3, side, side)


def draw(picture: int, size: tuple[int, int]) -> Frame:
    """Red on the left, blue on the right, and before both a green square that moves."""
    rgb = _ground(size).copy()
    x, y, side, _ = place(picture, size)
    rgb[y : y + side, x : x + side] = GREEN
    rgb[y + side // 4 : y + side // 2, x + side // 4 : x + 3 * side // 4] = WHITE
    return rgb


def seen_at(rgb: Frame) -> tuple[int, int, int, int]:
    """Where the green square is in a picture, by its colour: `x, y, w, h`."""
    red, green, blue = (rgb[..., k].astype(int) for k in range(3))
    ys, xs = np.nonzero((green > red + 80) & (green > blue + 80))
    x, y = int(xs.min()), int(ys.min())
    return x, y, int(xs.max()) + 1 - x, int(ys.max()) + 1 - y


@cache
def _ground(size: tuple[int, int]) -> Frame:
    width, height = size
    rgb = np.empty((height, width, 3), np.uint8)
    rgb[:, : width // 2], rgb[:, width // 2 :] = RED, BLUE
    rows, columns = np.ogrid[:height, :width]
    dark = (rows // (height // 16) + columns // (height // 16)) % 2 == 0
    rgb[dark] = rgb[dark] * 0.8
    return rgb


def compile_library(into: Path) -> Path:
    """Compile the library; needs a C compiler and the headers of Linux."""
    library = into / "cameras.so"
    sources = sorted(HERE.glob("*.c"))
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, *sources, "-ldl",
         "-lpthread"],
        check=True,
    )  # fmt: skip
    return library


def _write_pictures(folder: Path, mode: Mode) -> None:
    """Each picture once; what comes back is a link to it."""
    width, height = mode.size
    into = folder / f"{mode.fourcc}-{width}x{height}"
    if into.exists():
        return
    into.mkdir()
    for k in range(PICTURES):
        path, same = into / f"{k:03}", into / f"{PICTURES - k:03}"
        if same.exists():
            path.hardlink_to(same)
            continue
        bgr = cv2.cvtColor(draw(k, mode.size), cv2.COLOR_RGB2BGR)
        if mode.fourcc == "MJPG":
            path.write_bytes(cv2.imencode(".jpg", bgr)[1].tobytes())
        else:
            path.write_bytes(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_YUY2).tobytes())
