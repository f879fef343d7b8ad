"""Whether a graphics card can draw the picture here, and whether it may.

A driver that fails may end the process, with no error to catch. So a file says that the card is
being tried, until it has drawn something; where it is still there at the next start, the card is
left alone until the user chooses anew.
"""

import ctypes
import importlib.util
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtGui import QOffscreenSurface, QOpenGLContext
from PyQt6.QtOpenGL import (
    QOpenGLFunctions_2_0,
    QOpenGLVersionFunctionsFactory,
    QOpenGLVersionProfile,
)

from app.core.settings import settings_path

_log = logging.getLogger(__name__)

_RENDERER, _LARGEST = 0x1F01, 0x0D33
"""GL_RENDERER and GL_MAX_TEXTURE_SIZE, of the OpenGL registry."""
_VERSION = (2, 0)
"""The least version that has textures of any size and shaders."""
_LEAST = 2048
"""Pixels a texture must be allowed to be wide and high."""
_BY_CPU = (
    "llvmpipe", "softpipe", "swrast", "swiftshader", "software", "gdi generic", "basic render",
)  # fmt: skip
"""What renderers that compute on the CPU are called."""


@dataclass(frozen=True)
class Card:
    """What draws through OpenGL."""

    name: str
    """As the driver calls it."""
    largest: int
    """Most pixels a texture may be wide or high."""

    @property
    def is_hardware(self) -> bool:
        """Whether it is more than a program that draws on the CPU."""
        return not any(word in self.name.lower() for word in _BY_CPU)


def card_for(drawing: str) -> Card | None:
    """The card to draw with; None where the CPU is to.

    Args:
        drawing: one of `app.core.settings.DRAWINGS`: `auto` takes hardware only, `card` whatever
            there is.
    """
    if drawing == "cpu" or has_failed():
        return None
    with trial():
        found = find_card()
    if found is None:
        _log.info("no OpenGL %d.%d here; the CPU draws the picture", *_VERSION)
        return None
    is_taken = drawing == "card" or found.is_hardware
    _log.info("OpenGL is by %s; %s draws the picture", found.name, "it" if is_taken else "the CPU")
    return found if is_taken else None


def find_card() -> Card | None:
    """What draws through OpenGL here; None where nothing does, or as ES only, or as of long ago."""
    _load_llvm_of_torch()
    surface, context = QOffscreenSurface(), QOpenGLContext()
    surface.create()
    if not (surface.isValid() and context.create() and context.makeCurrent(surface)):
        return None
    try:
        profile = QOpenGLVersionProfile()
        profile.setVersion(*_VERSION)
        gl = QOpenGLVersionFunctionsFactory.get(profile, context)
        if not isinstance(gl, QOpenGLFunctions_2_0):
            return None
        largest = gl.glGetIntegerv(_LARGEST)
        if not isinstance(largest, int) or largest < _LEAST:
            return None
        return Card(str(gl.glGetString(_RENDERER)), largest)
    finally:
        context.doneCurrent()


def _load_llvm_of_torch() -> None:
    """Load the library of triton, which torch imports on Linux, before any driver.

    It holds an LLVM, and so do Mesa's drivers, whose symbols are for all to use: loaded after them
    it would take theirs for its own, and end the process.
    """
    package = importlib.util.find_spec("triton")
    for folder in (package.submodule_search_locations or ()) if package is not None else ():
        for path in Path(folder, "_C").glob("libtriton*.so"):
            try:
                ctypes.CDLL(str(path))
            except OSError as error:
                _log.warning("%s cannot be loaded: %s", path, error)


def has_failed() -> bool:
    """Whether the program ended while the card was tried."""
    return trial_path().exists()


def forgive() -> None:
    """Let the card be tried again."""
    try:
        trial_path().unlink(missing_ok=True)
    except OSError as error:
        _log.warning("that the graphics card was tried cannot be forgotten: %s", error)


def begin_trial() -> None:
    """The card is about to do what it may fail at."""
    try:
        trial_path().parent.mkdir(parents=True, exist_ok=True)
        trial_path().touch()
    except OSError as error:
        _log.warning("that the graphics card is tried cannot be noted: %s", error)


@contextmanager
def trial() -> Iterator[None]:
    """The card is tried within."""
    begin_trial()
    try:
        yield
    finally:
        forgive()


def trial_path() -> Path:
    """The file that is there while the card is tried, beside the settings."""
    return settings_path().with_name("graphics-trial")
