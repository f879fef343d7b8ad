"""What of this machine can be used, found by trying it."""

import ctypes
import io
import json
import logging
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream

from model.errors import TrackerError
from model.sentences import Sentence

QT_LIBRARIES: dict[str, str] = {
    "libegl1": "libEGL.so.1",
    "libgl1": "libGL.so.1",
    "libglib2.0-0": "libgthread-2.0.so.0",
    "libdbus-1-3": "libdbus-1.so.3",
    "libfontconfig1": "libfontconfig.so.1",
    "libx11-6": "libX11.so.6",
    "libx11-xcb1": "libX11-xcb.so.1",
    "libxkbcommon0": "libxkbcommon.so.0",
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-image0": "libxcb-image.so.0",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxcb-randr0": "libxcb-randr.so.0",
    "libxcb-render-util0": "libxcb-render-util.so.0",
    "libxcb-shape0": "libxcb-shape.so.0",
    "libxcb-sync1": "libxcb-sync.so.1",
    "libxcb-xfixes0": "libxcb-xfixes.so.0",
    "libxcb-xkb1": "libxcb-xkb.so.1",
}
"""Debian and Ubuntu packages Qt needs on Linux, and the library each one brings."""

ENCODERS: tuple[str, ...] = (
    "libx264", "libx265", "libsvtav1", "libvpx-vp9", "mpeg4",
    "h264_nvenc", "hevc_nvenc", "h264_qsv", "h264_videotoolbox",
)  # fmt: skip
NEEDED_ENCODER = "libx264"
OLDEST_PYTHON = (3, 11)


_CARD = """
import json
from PyQt6.QtWidgets import QApplication
from app.ui.graphics import find_card
app = QApplication([])
card = find_card()
print(json.dumps([None, False] if card is None else [card.name, card.is_hardware]))
"""


class Status(StrEnum):
    """`ok`, `absent` (can be done without) or `missing` (needed)."""

    OK = "ok"
    ABSENT = "absent"
    MISSING = "missing"


@dataclass(frozen=True)
class Check:
    """One finding: what was tried, how it went, and what mends it."""

    name: str
    status: Status
    detail: str
    fix: str = ""


def run_checks() -> Iterator[Check]:
    """Every check, each as soon as it is done."""
    yield check_python()
    yield from check_torch()
    yield check_qt()
    display = check_display()
    yield display
    if display.status is Status.OK:
        yield check_drawing()
    yield from check_cameras()
    yield from check_encoders()
    yield from check_weights()


def check_python() -> Check:
    """The interpreter and the system."""
    ok = sys.version_info[:2] >= OLDEST_PYTHON
    oldest = ".".join(map(str, OLDEST_PYTHON))
    fix = "" if ok else Sentence("install Python {oldest} or newer", oldest=oldest)
    detail = Sentence(
        "{version} on {system}", version=platform.python_version(), system=platform.platform()
    )
    return Check("python", Status.OK if ok else Status.MISSING, detail, fix)


def check_torch() -> Iterator[Check]:
    """torch, and the device that `--device auto` takes."""
    import torch

    from model.device import answers

    yield Check("torch", Status.OK, torch.__version__)
    if torch.cuda.is_available():
        cards = range(torch.cuda.device_count())
        names = ", ".join(torch.cuda.get_device_name(i) for i in cards)
        if all(answers(torch.device("cuda", i)) for i in cards):
            yield Check(Sentence("device"), Status.OK, f"CUDA {torch.version.cuda}: {names}")
        else:
            detail = Sentence("CUDA {version}: {names}, of which not every one answers",
                              version=torch.version.cuda, names=names)  # fmt: skip
            fix = Sentence("start the machine anew, or use --device cpu")
            yield Check(Sentence("device"), Status.ABSENT, detail, fix)
    elif torch.backends.mps.is_available():
        yield Check(Sentence("device"), Status.OK, "MPS (Apple GPU)")
    else:
        threads = torch.get_num_threads()
        detail = Sentence("CPU, {threads} threads; no CUDA or MPS device", threads=threads)
        yield Check(Sentence("device"), Status.OK, detail)


def check_qt() -> Check:
    """Whether PyQt6 loads, and on Linux every library its window needs."""
    done = _python("import PyQt6.QtWidgets, PyQt6.QtCore as c; print(c.PYQT_VERSION_STR)")
    absent = missing_libraries()
    if done is not None and done.returncode == 0 and not absent:
        return Check("qt", Status.OK, f"PyQt6 {done.stdout.strip()}")
    if absent:
        names = ", ".join(QT_LIBRARIES[package] for package in absent)
        detail = Sentence("libraries not found: {names}", names=names)
        return Check("qt", Status.MISSING, detail, install_line(absent))
    why = Sentence("no answer") if done is None else "".join(done.stderr.strip().splitlines()[-1:])
    detail = Sentence("PyQt6 does not load: {why}", why=why)
    return Check("qt", Status.MISSING, detail, "python -m pip install --force-reinstall pyqt6")


def missing_libraries() -> list[str]:
    """Packages of `QT_LIBRARIES` whose library cannot be loaded; none but on Linux."""
    if sys.platform != "linux":
        return []
    return [package for package, library in QT_LIBRARIES.items() if not _loads(library)]


def install_line(packages: list[str]) -> str:
    """The one line that installs `packages` on Debian and Ubuntu."""
    return f"sudo apt-get install -y {' '.join(packages)}"


def window_problem() -> str | None:
    """One sentence on why no window can be opened here, or None.

    A window is tried in another process, since Qt ends the process where it finds no display.
    """
    if sys.platform != "linux":
        return None
    done = _python("from PyQt6.QtWidgets import QApplication; QApplication([])")
    if done is not None and done.returncode == 0:
        return None
    absent = missing_libraries()
    if absent:
        line = install_line(absent)
        return Sentence("Libraries of Qt are missing; install them with: {line}", line=line)
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return Sentence("There is no display.")
    return Sentence("The display cannot be used by Qt; see `spacetime-tracker doctor`.")


def require_window() -> None:
    """Return if a window can be opened.

    Raises:
        TrackerError: there is no display or a library is missing.
    """
    problem = window_problem()
    if problem is not None:
        raise TrackerError(
            "{problem}; `spacetime-tracker track` and `demo --headless` work without.",
            problem=problem.rstrip("."),
        )


def check_display() -> Check:
    """Whether a window can be opened here."""
    problem = window_problem()
    if problem is None:
        return Check(Sentence("display"), Status.OK, Sentence("a window can be opened"))
    fix = Sentence("`spacetime-tracker track` and `demo --headless` need none")
    return Check(Sentence("display"), Status.ABSENT, problem, fix)


def check_drawing() -> Check:
    """What would draw the picture in a window; tried in another process, which a bad driver may
    end."""
    name = Sentence("drawing")
    done = _python(_CARD)
    if done is None or done.returncode != 0:
        detail = Sentence("the driver of the graphics card fails; the CPU should draw the picture")
        fix = Sentence("set 'drawn by' to CPU in the settings of the window")
        return Check(name, Status.ABSENT, detail, fix)
    card, is_hardware = json.loads(done.stdout)
    if card is None:
        detail = Sentence("there is no OpenGL 2.0 or later; the CPU draws the picture")
        return Check(name, Status.ABSENT, detail)
    if not is_hardware:
        detail = Sentence("{card} is no graphics card; the CPU draws the picture", card=card)
        return Check(name, Status.ABSENT, detail)
    return Check(name, Status.OK, card)


def check_cameras() -> Iterator[Check]:
    """Cameras that open and give a frame; each is tried in a process that may be abandoned."""
    names = _camera_names()
    found = False
    for number, called in names.items():
        name = Sentence("camera {number}", number=number)
        done = _python(_CAMERA.format(number=number), timeout=15)
        if done is None:
            yield Check(name, Status.ABSENT, Sentence("does not answer within 15 seconds"))
        elif done.returncode == 0:
            found = True
            width, height, rate = json.loads(done.stdout)
            detail = Sentence(
                "{width}×{height} at {rate:g} fps", width=width, height=height, rate=rate
            )
            if called:
                detail = Sentence("{one}, {two}", one=called, two=detail)
            yield Check(name, Status.OK, detail)
        elif sys.platform == "linux":
            yield Check(name, Status.ABSENT, Sentence("gives no frame; it may be in use"))
    if not names or (not found and sys.platform != "linux"):
        detail = Sentence("none found; files, folders and streams work without")
        yield Check(Sentence("camera"), Status.ABSENT, detail)


_CAMERA_NAMES = """
import json
from app.core.sources import camera_name, list_cameras
print(json.dumps([[number, camera_name(number)] for number in list_cameras()]))
"""
_CAMERA = """
import json, threading
from app.core.sources.capture import CameraGrabber
grabber = CameraGrabber({number}, None, None, False)
height, width, _ = grabber.read(threading.Event()).shape
print(json.dumps([width, height, grabber.rate or 0]))
"""


def check_encoders() -> Iterator[Check]:
    """Encoders that turn frames into video which decodes again."""
    for codec in ENCODERS:
        name = Sentence("encoder {codec}", codec=codec)
        problem = encoder_problem(codec)
        if problem is None:
            yield Check(name, Status.OK, Sentence("encodes and decodes"))
            continue
        needed = codec == NEEDED_ENCODER
        fix = "python -m pip install --force-reinstall av" if needed else ""
        yield Check(name, Status.MISSING if needed else Status.ABSENT, problem, fix)


def encoder_problem(name: str) -> str | None:
    """Encode and decode a few frames with the encoder `name`; what went wrong, or None."""
    logging.getLogger("libav").setLevel(logging.CRITICAL)
    # SVT-AV1 writes to stderr by itself
    os.environ.setdefault("SVT_LOG", "0")
    count, size = 5, 256
    memory = io.BytesIO()
    try:
        av.codec.Codec(name, "w")
    except ValueError:
        return Sentence("not in this build of FFmpeg")
    try:
        with av.open(memory, "w", format="matroska") as written:
            quiet = {"x265-params": "log-level=none"} if name == "libx265" else {}
            stream = cast(VideoStream, written.add_stream(name, rate=25, options=quiet))
            stream.width = stream.height = size
            stream.pix_fmt = "yuv420p"
            for i in range(count):
                image = np.full((size, size, 3), 40 * i, np.uint8)
                written.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            written.mux(stream.encode(None))
        memory.seek(0)
        with av.open(memory, "r") as read:
            decoded = sum(len(packet.decode()) for packet in read.demux(video=0))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        return Sentence("does not work here: {why}", why=why)
    if decoded == count:
        return None
    return Sentence("{decoded} of {count} frames decode", decoded=decoded, count=count)


def check_weights() -> Iterator[Check]:
    """Weights that came with the application, each against its checksum."""
    from model import weights

    found = weights.installed()
    if not found:
        yield Check(
            Sentence("weights"), Status.MISSING, Sentence("none installed"),
            "python -m pip install --force-reinstall spacetime-tracker",
        )  # fmt: skip
    for preset, path in found.items():
        name = Sentence("weights {preset}", preset=preset)
        try:
            checksum = weights.verify(preset)
        except TrackerError as error:
            yield Check(name, Status.MISSING, str(error))
        else:
            yield Check(name, Status.OK, f"{path.name}, sha256 {checksum[:16]}…")


def _camera_names() -> dict[int, str]:
    """Numbers of the cameras to be tried, and what they call themselves if that is known."""
    if sys.platform != "linux":
        return dict.fromkeys(range(4), "")
    # OpenCV, which may lack a library here, is not loaded by the doctor itself
    done = _python(_CAMERA_NAMES)
    return dict(json.loads(done.stdout)) if done is not None and done.returncode == 0 else {}


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _python(code: str, *, timeout: float = 60) -> subprocess.CompletedProcess[str] | None:
    """Run `code` in a Python of its own; None where it does not end in time."""
    # OpenCV points Qt to plugins of its own, which PyQt6 cannot use
    env = {k: v for k, v in os.environ.items() if not (k.startswith("QT_QPA_") and "cv2" in v)}
    try:
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=timeout, env=env
        )
    except subprocess.TimeoutExpired:
        return None
