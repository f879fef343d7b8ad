"""A document as JSON and back, checked value by value."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

import numpy as np

from app.core.overlay import PALETTE
from app.core.player.document import (
    STATES,
    DocumentState,
    Scale,
    TargetTrack,
    TrackRow,
    TrackRows,
)
from model.geometry import Box
from model.sentences import Sentence

T = TypeVar("T")

_MAX_FRAME = 1 << 53
_WORDS = ("tracking", "uncertain", "lost", "recovered")
"""States by their numbers in files, which stay whatever becomes of `STATES`."""
_CODES = np.array([_WORDS.index(word) for word in STATES], np.int8)


@dataclass(frozen=True)
class RowColumns:
    """The rows of a target, column by column, all of one length but for `reasons`."""

    frame: list[int]
    time_s: list[float]
    x: list[float]
    y: list[float]
    w: list[float]
    h: list[float]
    score: list[float]
    state: list[int]
    """Places in `_WORDS`."""
    reasons: list[tuple[int, str]]
    """Frame and reason, where there is one."""


@dataclass(frozen=True)
class ProjectTarget:
    """A target as it stands in the file."""

    id: int
    label: str
    colour: int
    visible: bool
    begun: int
    corrections: list[tuple[int, Box]]
    rows: RowColumns


@dataclass(frozen=True)
class ProjectDocument:
    """A document as it stands in the file."""

    targets: list[ProjectTarget] = field(default_factory=list)
    in_frame: int | None = None
    out_frame: int | None = None
    scale: Scale | None = None


def document_to_json(document: DocumentState) -> dict[str, Any]:
    """What `document_from` makes the same document of; values that JSON can hold."""
    return {
        "targets": [_target_to_json(target) for target in document.targets],
        "in_frame": document.in_frame,
        "out_frame": document.out_frame,
        "scale": None if document.scale is None else asdict(document.scale),
    }


def document_from(raw: ProjectDocument) -> DocumentState:
    """The document that stands in a file.

    Raises:
        ValueError: values that contradict each other, or no number where one must be.
    """
    targets = tuple(_target_from(target) for target in raw.targets)
    if len({target.id for target in targets}) != len(targets):
        raise ValueError(Sentence("two targets have one number"))
    for frame in (raw.in_frame, raw.out_frame):
        _check_frame(0 if frame is None else frame)
    if raw.scale is not None:
        _check_scale(raw.scale)
    return DocumentState(
        targets=targets, in_frame=raw.in_frame, out_frame=raw.out_frame, scale=raw.scale, version=0
    )


def read_shape(kind: type[T], data: bytes) -> T:
    """The `kind`, a dataclass, that JSON describes.

    Raises:
        ValueError: something is missing or of another type.
    """
    # importing it takes a while, which a program that opens no project should not spend
    from pydantic import TypeAdapter

    return TypeAdapter(kind).validate_json(data, strict=True)


def fault_in(error: ValueError) -> str:
    """What is wrong, in short: `document.targets.0.id: field required`."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg'].lower()}" if where else str(first["msg"]).lower()


def _target_to_json(target: TargetTrack) -> dict[str, Any]:
    columns = target.rows.columns()
    # a row that could not be read again must not keep the others from being saved
    kept = np.isfinite(columns.boxes).all(1) & (columns.boxes[:, 2:] >= 0).all(1)
    kept &= np.isfinite(columns.time_s)
    x, y, w, h = (columns.boxes[kept, k].tolist() for k in range(4))
    frames = columns.frame[kept].tolist()
    return {
        "id": target.id,
        "label": target.label,
        "colour": target.colour,
        "visible": target.visible,
        "begun": target.begun,
        "corrections": [[int(f), list(map(float, b))] for f, b in target.corrections.items()],
        "rows": {
            "frame": frames,
            "time_s": columns.time_s[kept].tolist(),
            "x": x,
            "y": y,
            "w": w,
            "h": h,
            "score": np.clip(np.nan_to_num(columns.score[kept]), 0, 1).tolist(),
            "state": _CODES[columns.state[kept]].tolist(),
            "reasons": [[row.frame, row.reason] for row in target.rows if row.reason],
        },
    }


def _target_from(raw: ProjectTarget) -> TargetTrack:
    _check_frame(raw.begun)
    if not 0 < raw.id < _MAX_FRAME:
        raise ValueError(Sentence("{number} is no number of a target", number=raw.id))
    corrections = {}
    for frame, box in raw.corrections:
        _check_frame(frame)
        _check_box(box)
        corrections[frame] = box
    return TargetTrack(
        id=raw.id, label=raw.label, colour=raw.colour % len(PALETTE), visible=raw.visible,
        begun=raw.begun, rows=TrackRows.of(_rows(raw.rows)), corrections=corrections,
    )  # fmt: skip


def _rows(raw: RowColumns) -> Iterator[TrackRow]:
    reasons = dict(raw.reasons)
    columns = (raw.frame, raw.time_s, raw.x, raw.y, raw.w, raw.h, raw.score, raw.state)
    if len({len(column) for column in columns}) != 1:
        raise ValueError(Sentence("the columns of a target differ in length"))
    last = -1
    for frame, time_s, x, y, w, h, score, state in zip(*columns, strict=True):
        if frame <= last:
            raise ValueError(
                Sentence(
                    "frame {frame} of a target comes after frame {last}", frame=frame, last=last
                )
            )
        last = frame
        _check_frame(frame)
        _check_box((x, y, w, h))
        if not 0 <= state < len(_WORDS) or not math.isfinite(time_s) or not 0 <= score <= 1:
            raise ValueError(Sentence("a value of frame {frame} is out of bounds", frame=frame))
        yield TrackRow(
            frame=frame, time_s=time_s, box=(x, y, w, h), score=score, state=_WORDS[state],
            reason=reasons.get(frame, ""),
        )  # fmt: skip


def _check_frame(frame: int) -> None:
    if not 0 <= frame < _MAX_FRAME:
        raise ValueError(Sentence("{number} is no number of a frame", number=frame))


def _check_scale(scale: Scale) -> None:
    if not all(map(math.isfinite, (*scale.a, *scale.b, scale.length))) or scale.length <= 0:
        raise ValueError(Sentence("the scale is no length"))


def _check_box(box: Box) -> None:
    if not all(map(math.isfinite, box)) or box[2] < 0 or box[3] < 0:
        raise ValueError(Sentence("{box} is no box", box=box))
