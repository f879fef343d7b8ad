"""Errors a user can act on. The message is one sentence: what, where, what to do."""


class TrackerError(Exception):
    """Base of every error the application shows as one sentence instead of a traceback."""


class InputError(TrackerError, ValueError):
    """A frame, box or setting that cannot be used."""


class WeightsError(TrackerError):
    """Weights that are missing, damaged, or made for another network."""
