"""What every source of frames offers."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from model.errors import InputError
from model.images import Frame


@dataclass(frozen=True)
class SourceInfo:
    """What is known of a source when it is open."""

    name: str
    """Name to show and to derive file names from; holds no password."""
    width: int
    height: int
    frames: int | None
    """Number of frames as declared or estimated by the container; None where there is no end."""
    rate: float | None
    """Mean frames per second; None where it is not known."""
    is_live: bool
    """Whether frames that are not fetched in time are gone."""


@dataclass(frozen=True)
class SourceFrame:
    """One frame: its number from 0, its time in seconds, its pixels `(H, W, 3)` uint8 RGB."""

    index: int
    time_s: float
    rgb: Frame


class Source(Protocol):
    """Frames in order of time, once. Closing twice is harmless."""

    @property
    def info(self) -> SourceInfo: ...

    def __iter__(self) -> Iterator[SourceFrame]:
        """Yield the frames.

        Raises:
            InputError: no further frame can be read although more were to come. All frames before
                it have been yielded.
        """

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Closing:
    """Makes a source with `close` a context manager."""

    def close(self) -> None:
        """Release what the source holds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def check_rate(rate: float | None) -> float | None:
    """Return `rate` if it is a usable number of frames per second, or None.

    Raises:
        InputError: zero, negative, not finite, or above 1000.
    """
    if rate is not None and not 0 < rate <= 1000:
        raise InputError(f"A rate of {rate:g} frames per second cannot be used; give 1 to 1000.")
    return rate


def reason(error: OSError) -> str:
    """Why the system refused, in small letters and without a full stop."""
    return (error.strerror or str(error)).rstrip(".").lower()
