"""What a tracker knows of a target, or of one frame of it, to be carried elsewhere or put back."""

from dataclasses import dataclass, replace

from model.buffer import KeptRow, KeptSlot, RollingBuffer
from model.errors import InputError
from model.geometry import Box
from model.inputs import FrameSize
from model.presets import NetworkConfig
from model.target import Target


@dataclass(frozen=True, eq=False)
class TargetMemory:
    """A copy that no later update changes. Numbers of updates in it count from when it was made."""

    target: Target
    kept: KeptRow
    shape: NetworkConfig
    """Of the network that made the keys."""
    frame_size: FrameSize

    @classmethod
    def of(
        cls, target: Target, buffer: RollingBuffer, row: int, now: int, frame_size: FrameSize
    ) -> "TargetMemory":
        """Copy the target in a row of a buffer after update `now`."""
        return cls(_shifted(target, -now), buffer.copy_row(row, now), buffer.config, frame_size)

    @property
    def box(self) -> Box:
        """Where the target was, `(x, y, w, h)` in pixels of the frame."""
        return self.target.box

    @property
    def nbytes(self) -> int:
        """Roughly the bytes it takes."""
        tensors = sum(tensor.nbytes for tensor in self.kept.tensors)
        return tensors + sum(e.thumbnail.nbytes for e in self.kept.entries if e is not None)

    def check(self, buffer: RollingBuffer, frame_size: FrameSize | None) -> None:
        """Whether it can go on in `buffer`, with frames of a size (None for any).

        Raises:
            InputError: it cannot.
        """
        _check_shape(self.shape, buffer)
        if self.kept.slots != buffer.slots:
            raise InputError(
                "This memory of a target has {own} slots for frames, the tracker has "
                "{wanted}; give both the same number.",
                own=self.kept.slots,
                wanted=buffer.slots,
            )
        if frame_size is not None and frame_size != self.frame_size:
            raise InputError(
                "This memory of a target is of frames of {own_width}×{own_height} pixels, the "
                "tracker follows in frames of {width}×{height}.",
                own_width=self.frame_size[0],
                own_height=self.frame_size[1],
                width=frame_size[0],
                height=frame_size[1],
            )

    def moved(self, box: Box) -> "TargetMemory":
        """With the target at another place, `(x, y, w, h)` in pixels of the frame."""
        return replace(self, target=replace(self.target, box=box, sure=box, whole=box[2:]))

    def revive(self, id: int, now: int) -> Target:
        """The target once more, under another id, in a tracker that made `now` updates."""
        return replace(_shifted(self.target, now), id=id)


@dataclass(frozen=True, eq=False)
class FrameMemory:
    """A copy of one frame that a target remembers, which no later update changes."""

    kept: KeptSlot
    shape: NetworkConfig
    """Of the network that made the keys."""

    @classmethod
    def of(cls, buffer: RollingBuffer, row: int, slot: int, now: int) -> "FrameMemory":
        """Copy the frame in a slot of a buffer after update `now`."""
        return cls(buffer.copy_slot(row, slot, now), buffer.config)

    @property
    def slot(self) -> int:
        """Where it was."""
        return self.kept.slot

    @property
    def time(self) -> float:
        """Of the frame, seconds."""
        return self.kept.entry.time

    @property
    def pinned(self) -> bool:
        """Whether it was to stay."""
        return self.kept.entry.pinned

    def check(self, buffer: RollingBuffer) -> None:
        """Whether it can be put into `buffer`.

        Raises:
            InputError: it cannot.
        """
        _check_shape(self.shape, buffer)


def _check_shape(shape: NetworkConfig, buffer: RollingBuffer) -> None:
    if shape != buffer.config:
        raise InputError(
            "This memory of a target was made by a network of another shape; "
            "only a tracker with the same weights can go on from it."
        )


def _shifted(target: Target, updates: int) -> Target:
    """A copy with all numbers of updates moved."""
    return replace(
        target,
        descriptor=target.descriptor.copy(),
        remembered=target.remembered + updates,
        schedule=list(target.schedule),
    )
