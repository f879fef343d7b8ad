"""Errors a user can act on. The message is one sentence: what, where, what to do."""

from typing import Any

from model.sentences import Sentence


class TrackerError(Exception):
    """Base of every error the application shows as one sentence instead of a traceback."""

    def __init__(self, template: str, /, **values: Any) -> None:
        """Say `template` with `values` filled in, as a `Sentence` does; `str` gives it back."""
        super().__init__(Sentence(template, **values))


class InputError(TrackerError, ValueError):
    """A frame, box or setting that cannot be used."""


class WeightsError(TrackerError):
    """Weights that are missing, damaged, or made for another network."""
