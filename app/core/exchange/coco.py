"""COCO JSON with the number of its target in every annotation."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.core.exchange.jsonl import GatheredTable
from app.core.exchange.rows import (
    LOST,
    BoxRow,
    BoxSet,
    TableInfo,
    check_frame,
    collect,
    finite,
    frame_time,
    read_text,
    whole,
)
from app.core.files import replace_text
from model.errors import InputError

_FRAME_KEYS = ("frame", "frame_id", "frame_index")
_TRACK_KEYS = ("track_id", "instance_id")


class CocoTable(GatheredTable):
    """COCO JSON with `images`, `annotations` and `categories`, written whole when closed.

    A category is a label (`object` where there is none); `track_id` of an annotation is the id of
    the target. A lost target has no annotation, a frame without a target an image without any.
    """

    def finish(self, boxes: BoxSet) -> None:
        replace_text(self.path, json.dumps(_document(boxes), ensure_ascii=False, allow_nan=False))


def _document(boxes: BoxSet) -> dict[str, object]:
    info = boxes.info
    labels = list(dict.fromkeys(row.label or "object" for row in boxes.rows))
    images = [
        {
            "id": frame + 1,
            "file_name": f"{info.name}/{frame:06d}.jpg",
            "width": info.width,
            "height": info.height,
            "frame": frame,
            "time_s": round(time_s, 6),
        }
        for frame, time_s in boxes.times.items()
    ]
    seen = [row for row in boxes.rows if row.state != LOST]
    annotations = [
        {
            "id": number,
            "image_id": row.frame + 1,
            "category_id": labels.index(row.label or "object") + 1,
            "track_id": row.id,
            "bbox": [row.x, row.y, row.w, row.h],
            "area": round(row.w * row.h, 2),
            "iscrowd": 0,
            "score": row.score,
            "state": row.state,
        }
        for number, row in enumerate(seen, 1)
    ]
    categories = [{"id": i, "name": label} for i, label in enumerate(labels, 1)]
    return {"images": images, "annotations": annotations, "categories": categories}


def read_coco(path: Path, *, rate: float | None = None) -> BoxSet:
    """Read the boxes of one video from COCO JSON.

    The number of a frame is `frame`, `frame_id` or `frame_index` of its image, else its place in
    the list; the target is `track_id` or `instance_id` of the annotation. Without one, every image
    may have one annotation, of target 1.

    Raises:
        InputError: missing, not such JSON, several videos in it, or annotations of no target.
    """
    try:
        document = json.loads(read_text(path))
        images, notes = document["images"], document["annotations"]
        names = {c["id"]: str(c["name"]) for c in document.get("categories", [])}
        if len({image.get("video_id") for image in images}) > 1:
            raise InputError(
                "{path} holds several videos; split it into one file per video.", path=path
            )
        frames = _frames(images)
        times = {f: _time(image, f, rate) for f, image in zip(frames, images, strict=True)}
        by_image = dict(zip([image["id"] for image in images], frames, strict=True))
        rows = [_row(note, by_image[note["image_id"]], times, names) for note in notes]
        first = images[0] if images else {}
        info = TableInfo(
            _name(first, path), whole(first.get("width", 0)), whole(first.get("height", 0))
        )
    except KeyError as error:
        raise InputError(
            "{path} is not COCO as it should be: {error} is missing.", path=path, error=error
        ) from error
    except (TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "{path} is not COCO as it should be: {error}.", path=path, error=error
        ) from error
    crowded = Counter((row.frame, row.id) for row in rows)
    if crowded and max(crowded.values()) > 1:
        raise InputError(
            "{path} has several boxes of one target in an image; give each its track_id.", path=path
        )
    return collect(info, rows, empty=times)


def _frames(images: list[Mapping[str, Any]]) -> list[int]:
    for key in _FRAME_KEYS:
        if images and all(key in image for image in images):
            return [check_frame(whole(image[key])) for image in images]
    return list(range(len(images)))


def _time(image: Mapping[str, Any], frame: int, rate: float | None) -> float:
    if rate is None and "time_s" in image:
        return finite(image["time_s"])
    return frame_time(frame, rate)


def _row(
    note: Mapping[str, Any], frame: int, times: Mapping[int, float], names: Mapping[int, str]
) -> BoxRow:
    x, y, w, h = (finite(value) for value in note["bbox"])
    number = next((whole(note[key]) for key in _TRACK_KEYS if key in note), 1)
    label = names.get(note.get("category_id", 0), "")
    score, state = finite(note.get("score", 1.0)), str(note.get("state", "tracking"))
    label = "" if label == "object" else label
    return BoxRow(frame, times[frame], number, label, x, y, w, h, score, state, "")


def _name(image: Mapping[str, Any], path: Path) -> str:
    """The folder the pictures stand in, or the table's own name."""
    folder = Path(str(image.get("file_name", ""))).parent.name
    return folder or path.stem
