"""What every source of frames offers."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from model.errors import InputError
from model.images import Frame
from model.sentences import Sentence


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
    notice: str = ""
    """A sentence to tell the user about what was found on opening; mostly empty."""


@dataclass(frozen=True)
class SourceFrame:
    """One frame: its number from 0, its time in seconds, its pixels `(H, W, 3)` uint8 RGB."""

    index: int
    time_s: float
    rgb: Frame


class Health(StrEnum):
    """How a source is at this moment."""

    OK = "ok"
    BLACK = "black"
    """Pictures come, and have been black for a while."""
    FROZEN = "frozen"
    """Pictures come, and have been the very same for a while."""
    STALLED = "stalled"
    """No picture comes, and nobody says why."""
    ENDED = "ended"
    """The other side has ended or cannot be reached."""


@dataclass(frozen=True)
class SourceState:
    """How a source is, and what it took so far."""

    health: Health = Health.OK
    reopened: int = 0
    """How many times it was opened anew since it was opened."""
    dropped: int = 0
    """Frames of a live source that came too fast to be used."""
    reason: str = ""
    """What is wrong; a sentence, empty while all is well."""


class Source(Protocol):
    """Frames in order of time, each once. Closing twice is harmless."""

    @property
    def info(self) -> SourceInfo: ...

    @property
    def seekable(self) -> bool:
        """Whether `seek` works."""

    def __iter__(self) -> Iterator[SourceFrame]:
        """Yield the frames from where the source is.

        Times increase strictly, whatever the container says.

        Raises:
            InputError: no further frame can be read although more were to come. All frames before
                it have been yielded.
        """

    def seek(self, index: int) -> None:
        """Let the next frame be exactly number `index`; the last one may have been yielded.

        Raises:
            InputError: this source cannot go back and forth, or has no such frame. It stays where
                it is.
        """

    def state(self) -> SourceState:
        """How the source is; may be asked from any thread."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Closing:
    """Makes a source with `close` a context manager; it cannot seek and is always well."""

    seekable = False

    def seek(self, index: int) -> None:
        """Refuse.

        Raises:
            InputError: always.
        """
        raise InputError(
            "This source gives its frames in order only, so frame {index} cannot be gone to.",
            index=index,
        )

    def state(self) -> SourceState:
        """Nothing to complain of."""
        return SourceState()

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


def no_frame(index: int, name: str, count: int | None) -> InputError:
    """What to say of a frame that is not there; `count` is None where it is not known."""
    if count is None:
        return InputError("There is no frame {index} in {name}.", index=index, name=name)
    return InputError(
        "There is no frame {index} in {name}; it has {count}, counted from 0.",
        index=index,
        name=name,
        count=count,
    )


def check_rate(rate: float | None) -> float | None:
    """Return `rate` if it is a usable number of frames per second, or None.

    Raises:
        InputError: zero, negative, not finite, or above 1000.
    """
    if rate is not None and not 0 < rate <= 1000:
        raise InputError(
            "A rate of {rate:g} frames per second cannot be used; give 1 to 1000.", rate=rate
        )
    return rate


def reason(error: OSError) -> str:
    """Why the system refused, in small letters and without a full stop."""
    text: str = error.strerror or str(error)
    # where it was this program that refused, its words can be translated
    return text if isinstance(text, Sentence) else text.rstrip(".").lower()
