"""A tracker with the calls of `cv2.Tracker`, for code that already uses one."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from model.errors import InputError
from model.geometry import Box
from model.images import as_rgb
from model.states import State
from model.tracker import Tracker, TrackResult


class SingleTracker:
    """Drop-in for `cv2.Tracker`: one target, BGR images.

    Args:
        name: a preset with shipped weights, or the path of a `.safetensors` file.
        device, precision, runtime, threads: as for `Tracker.load`.

    Raises:
        WeightsError, InputError: as `Tracker.load`.
    """

    def __init__(
        self,
        name: str | Path = "small",
        *,
        device: str = "auto",
        precision: str = "auto",
        runtime: str = "auto",
        threads: int | None = None,
    ) -> None:
        self.tracker = Tracker.load(
            name, device=device, precision=precision, runtime=runtime, threads=threads
        )
        self.result: TrackResult | None = None
        """What the last update said, with state and reason."""

    def init(self, image: NDArray[Any], boundingBox: tuple[float, ...]) -> None:
        """Start on the target in `boundingBox` `(x, y, w, h)` of a BGR (or grey) image.

        Raises:
            InputError: as `Tracker.add`.
        """
        self.tracker.reset()
        self.result = None
        self.tracker.add(as_rgb(image, bgr=True), boundingBox)

    def update(self, image: NDArray[Any]) -> tuple[bool, Box]:
        """Follow into the next image; `(False, last sure box)` while the target is lost.

        Raises:
            InputError: no `init` before, or as `Tracker.update`.
        """
        if not self.tracker.ids:
            raise InputError("The tracker has no target yet; call init(image, box) first.")
        self.result = self.tracker.update(as_rgb(image, bgr=True))[0]
        return self.result.state is not State.LOST, self.result.box

    def getTrackingScore(self) -> float:  # noqa: N802
        """Score of the last update, 0..1; 0 before the first."""
        return 0.0 if self.result is None else self.result.score
