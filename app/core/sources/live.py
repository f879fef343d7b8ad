"""Sources that do not wait: read by a thread of their own, watched, and opened anew."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from app.core.sources.base import Closing, Health, SourceFrame, SourceInfo, SourceState
from app.core.sources.newest import NewestFrames
from app.core.sources.watch import PictureWatch, Watch
from model.errors import InputError
from model.images import Frame
from model.sentences import Sentence

_log = logging.getLogger(__name__)

_TICK_S = 0.1
_ABANDON_S = 2.0
_MOST_HUNG = 4
"""Readers that hang at a time; beyond that no new one is started."""
_SHORTEST_STEP_S = 1e-4
_NOW = {
    Health.OK: Sentence(""),
    Health.BLACK: Sentence("{name} shows nothing but black."),
    Health.FROZEN: Sentence("{name} shows the very same picture all the time."),
    Health.STALLED: Sentence("{name} sends no picture."),
    Health.ENDED: Sentence("{name} has ended."),
}
_BEFORE = {
    Health.BLACK: Sentence("{name} was black for {seconds:.0f} seconds."),
    Health.FROZEN: Sentence("{name} was frozen for {seconds:.0f} seconds."),
}


class Grabber(Protocol):
    """One connection to what gives pictures. It is made, read and closed by one thread."""

    rate: float | None
    """Frames per second; None where it is not known."""

    def read(self, cancelled: threading.Event) -> Frame | None:
        """Wait for the next picture, `(H, W, 3)` uint8 RGB; None where the other side has ended.

        Waiting ends when `cancelled` is set, as far as it can be ended.

        Raises:
            InputError: the connection broke; it is not read again.
        """

    def close(self) -> None: ...


class LiveSource(Closing):
    """The newest picture of a live source, stamped with the time of its arrival.

    A thread reads, another watches it. Where pictures stop, or are black or the same for long, the
    source is opened anew, with longer and longer pauses; a read that hangs is left to itself.
    """

    def __init__(
        self, name: str, connect: Callable[[], Grabber], *, hint: str, title: str = "",
        watch: Watch | None = None,
    ) -> None:  # fmt: skip
        """Connect and wait for the first picture.

        Args:
            name: of the source, and of what is made of it.
            connect: makes a connection or raises InputError; called in the reader's thread.
            hint: what a user can do where no picture comes, as the end of a sentence.
            title: what sentences begin with; the name if not given.
            watch: limits of patience.

        Raises:
            InputError: no connection, or no picture within `watch.open_s` seconds.
        """
        self._name, self._connect, self._hint = name, connect, hint
        self._title = title or name[:1].upper() + name[1:]
        self._watch = watch or Watch()
        self._pictures = PictureWatch(self._watch)
        self._changed = threading.Condition()
        self._frames = NewestFrames()
        self._count = 0
        self._started_s = self._last_s = time.monotonic()
        self._outage: Health | None = None
        self._why = ""
        self._reopened = 0
        self._closing = False
        self._error: InputError | None = None
        self._hung: list[_Reader] = []
        self._reader = self._new_reader()
        first = self._first_picture()
        height, width = first.rgb.shape[:2]
        self.info = SourceInfo(name, width, height, None, self._reader.rate, is_live=True)
        self._watcher = threading.Thread(target=self._keep_alive, name=f"watch {name}", daemon=True)
        self._watcher.start()

    def __iter__(self) -> Iterator[SourceFrame]:
        while True:
            try:
                frame = self.next(1.0)
            except StopIteration:
                return
            if frame is not None:
                yield frame

    def next(self, timeout: float) -> SourceFrame | None:
        """The newest frame not yet fetched, or None where none came within `timeout` seconds.

        Raises:
            StopIteration: the source was closed.
            InputError: no picture came for `watch.give_up_s` seconds.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._is_over, timeout)
            if self._closing:
                raise StopIteration
            if self._frames:
                return self._frames.take()
            if self._error is not None:
                raise self._error
        return None

    def hold(self, on: bool) -> None:
        """While held, frames are kept for later instead of dropped."""
        with self._changed:
            self._frames.hold(on)

    @property
    def dropped(self) -> int:
        """Frames that came too fast to be used."""
        return self._frames.dropped

    def state(self) -> SourceState:
        """How the source is at this moment."""
        now = time.monotonic()
        with self._changed:
            health = self._outage
            if health is None and now - self._last_s > self._watch.stalled_s:
                health = Health.STALLED
            if health is None:
                fault = self._pictures.fault(now)
                health = fault[0] if fault is not None else Health.OK
            why = self._why if self._outage else Sentence(_NOW[health], name=self._title)
            return SourceState(health, self._reopened, self._frames.dropped, why)

    def close(self) -> None:
        """End reading; a read that hangs is left to itself. May be called from any thread."""
        with self._changed:
            self._closing = True
            self._reader.cancelled.set()
            self._changed.notify_all()
        self._reader.join(_ABANDON_S)
        self._watcher.join(_ABANDON_S)

    @property
    def _is_over(self) -> bool:
        return self._closing or self._error is not None

    def _new_reader(self) -> "_Reader":
        reader = _Reader(self._name, self._connect, self._take_in)
        reader.start()
        return reader

    def _first_picture(self) -> SourceFrame:
        with self._changed:
            self._changed.wait_for(
                lambda: self._frames or self._reader.has_ended, self._watch.open_s
            )
            if self._frames:
                frame = self._frames.take()
                # it is the first one to give out as well
                self._frames.put(frame)
                return frame
            has_ended, error = self._reader.has_ended, self._reader.error
            self._closing = True
            self._reader.cancelled.set()
        # whoever tries again must find it free
        self._reader.join(_ABANDON_S)
        if isinstance(error, InputError):
            raise error
        if has_ended:
            raise InputError(
                "{name} opens but gives no picture; {hint}.", name=self._title, hint=self._hint
            )
        raise InputError(
            "{name} gives no picture within {seconds:g} seconds; {hint}.",
            name=self._title,
            seconds=self._watch.open_s,
            hint=self._hint,
        )

    def _take_in(self, reader: "_Reader", rgb: Frame | None) -> None:
        """What a reader calls with each picture, and with None when it has ended."""
        with self._changed:
            if rgb is not None and not reader.cancelled.is_set():
                now = time.monotonic()
                self._pictures.look(rgb, now)
                if self._count == 0:
                    self._started_s = now
                else:
                    now = max(now, self._last_s + _SHORTEST_STEP_S)
                self._last_s, self._outage = now, None
                self._frames.put(SourceFrame(self._count, now - self._started_s, rgb))
                self._count += 1
            self._changed.notify_all()

    def _keep_alive(self) -> None:
        """Watch the reader; replace it where it fails."""
        pause = self._watch.pause_s
        patience = self._watch.reopen_s
        while not self._is_over:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._is_over or self._reader.has_ended, timeout=_TICK_S
                )
            now = time.monotonic()
            if self._is_over:
                return
            if (fault := self._reader_fault(now)) is not None:
                lived = self._reader.pictures > 0 and now - self._reader.began_s > 2 * pause
                pause = self._watch.pause_s if lived else pause
                self._mark_outage(*fault)
                self._replace_reader(pause)
                pause = min(2 * pause, self._watch.longest_pause_s)
            elif (bad := self._pictures.fault(now)) is not None:
                health, lasts = bad
                since = min(lasts, now - self._reader.began_s)
                if since > patience:
                    self._why = Sentence(_BEFORE[health], name=self._title, seconds=since)
                    patience *= 2
                    self._replace_reader(0)
            else:
                patience = self._watch.reopen_s

    def _reader_fault(self, now: float) -> tuple[Health, str] | None:
        reader = self._reader
        if reader.has_ended:
            return Health.ENDED, str(reader.error or Sentence(_NOW[Health.ENDED], name=self._title))
        silent = now - max(self._last_s, reader.began_s)
        limit = self._watch.stalled_s if reader.pictures else self._watch.open_s
        if silent <= limit:
            return None
        return Health.STALLED, Sentence(
            "{name} gave no picture for {seconds:.0f} seconds.", name=self._title, seconds=silent
        )

    def _mark_outage(self, health: Health, why: str) -> None:
        with self._changed:
            if health is Health.ENDED or self._outage is None:
                self._outage = health
            self._why = why
            _log.info("%s", why)

    def _replace_reader(self, pause_s: float) -> None:
        """Leave the reader to itself and start another one after a pause."""
        self._reader.cancelled.set()
        self._hung.append(self._reader)
        end = time.monotonic() + pause_s
        while True:
            self._hung = [reader for reader in self._hung if reader.is_alive()]
            now = time.monotonic()
            with self._changed:
                if self._is_over:
                    return
                if now - self._last_s > self._watch.give_up_s:
                    self._give_up()
                    return
                if now >= end and len(self._hung) < _MOST_HUNG:
                    self._reader = self._new_reader()
                    self._reopened += 1
                    return
                self._changed.wait(_TICK_S)

    def _give_up(self) -> None:
        self._outage = Health.ENDED
        self._error = InputError(
            "{name} gave no picture for {seconds:g} seconds after frame {last}; {hint}.",
            name=self._title,
            seconds=self._watch.give_up_s,
            last=self._count - 1,
            hint=self._hint,
        )
        self._changed.notify_all()


class _Reader(threading.Thread):
    """Reads one connection until it ends, breaks or is cancelled."""

    def __init__(
        self,
        name: str,
        connect: Callable[[], Grabber],
        give: Callable[["_Reader", Frame | None], None],
    ) -> None:
        super().__init__(name=f"read {name}", daemon=True)
        self.cancelled = threading.Event()
        self.has_ended = False
        self.error: Exception | None = None
        self.pictures = 0
        self.rate: float | None = None
        self.began_s = time.monotonic()
        self._connect, self._give = connect, give

    def run(self) -> None:
        try:
            self._read()
        except InputError as error:
            self.error = error
        except Exception as error:
            _log.exception("reading a live source broke")
            self.error = error
        finally:
            self.has_ended = True
            self._give(self, None)

    def _read(self) -> None:
        grabber = self._connect()
        try:
            self.rate = grabber.rate
            while not self.cancelled.is_set():
                rgb = grabber.read(self.cancelled)
                if rgb is None:
                    return
                self.pictures += 1
                self._give(self, rgb)
        finally:
            grabber.close()
