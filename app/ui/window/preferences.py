"""The settings: kept between runs, and put into effect at once."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from app.core.files import from_home
from app.core.player.following import PlayerTracker
from app.core.settings import Settings, load_settings, save_settings
from app.ui.background import Background
from app.ui.canvas import ViewOptions
from model.errors import InputError

_TRACKER = (
    "device", "precision", "preset", "slots", "remember_every", "remember_score",
    "uncertain_below", "lost_below",
)  # fmt: skip


class Preferences(QObject):
    """What is set now. Saving goes on in the background, the newest last."""

    changed = pyqtSignal(object, object)
    """`Settings` before and now."""
    failed = pyqtSignal(object)
    """They cannot be kept; a sentence."""

    def __init__(self, parent: QObject) -> None:
        """Read what was set in an earlier run."""
        super().__init__(parent)
        self.now, self.notice = load_settings()
        self._background = Background(self)
        self._background.failed.connect(self._failed)
        self._is_saving = False
        self._unsaved: Settings | None = None

    def change(self, **changes: Any) -> None:
        """Set some of them."""
        self.apply(replace(self.now, **changes))

    def apply(self, settings: Settings) -> None:
        """Set them all, and keep them."""
        if settings == self.now:
            return
        before, self.now = self.now, settings
        self._unsaved = settings
        self._save()
        self.changed.emit(before, settings)

    def close(self, timeout_s: float) -> None:
        """Wait until they are kept."""
        self._background.join(timeout_s)
        if self._unsaved is not None:
            unsaved, self._unsaved = self._unsaved, None
            with suppress(InputError):
                save_settings(unsaved)

    def _save(self) -> None:
        if self._is_saving or self._unsaved is None:
            return
        settings, self._unsaved, self._is_saving = self._unsaved, None, True
        self._background.run(lambda: save_settings(settings), self._saved, name="settings")

    def _saved(self, _: object) -> None:
        self._is_saving = False
        self._save()

    def _failed(self, sentence: str) -> None:
        self._is_saving = False
        self.failed.emit(sentence)
        self._save()


def needs_other_tracker(before: Settings, now: Settings) -> bool:
    """Whether the tracker has to be loaded anew."""
    return any(getattr(before, name) != getattr(now, name) for name in _TRACKER)


def view_options(settings: Settings) -> ViewOptions:
    """What the canvas shows."""
    return ViewOptions(
        settings.show_scores, settings.show_trail, settings.trail_length, settings.show_search,
        settings.show_response,
    )  # fmt: skip


def weights_of(settings: Settings) -> Path | None:
    """The file of weights; None for those shipped with a preset."""
    path = from_home(settings.preset)
    return path if path.suffix == ".safetensors" else None


def loader_of(settings: Settings) -> Callable[[], PlayerTracker]:
    """Loads the tracker that is set; may be called in any thread, and more than once."""

    def load() -> PlayerTracker:
        # torch takes seconds to import, which the first picture should not wait for
        from model import Tracker

        return Tracker.load(settings.preset, **settings.tracker_options())

    return load
