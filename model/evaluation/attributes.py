"""What makes a sequence hard, told from its ground truth; thresholds as published benchmarks have.

An attribute belongs to a sequence as a whole, as in OTB (Wu, Lim, Yang, TPAMI 2015), UAV123
(Mueller, Smith, Ghanem, ECCV 2016) and LaSOT (Fan et al., CVPR 2019): one frame that meets the
definition is enough, unless it says otherwise.
"""

import numpy as np

from model.evaluation.metrics import Boxes, Values, present
from model.evaluation.sequences import Flags, Sequence

SMALL_SHARE = 0.01
LOW_RESOLUTION_PIXELS = 1000
FAST_SIZES = 0.5
CHANGE = 2.0
LONG_FRAMES = 1000
BORDER_PIXELS = 1.0

ATTRIBUTES: dict[str, str] = {
    "small target": "median area of the box below 1 % of the picture's",
    "low resolution": "area below 1000 px in a frame (LaSOT's; OTB: 400)",
    "fast motion": "centre moves over 0.5 √(w·h) from one frame to the next (LaSOT: the whole "
    "size, OTB: 20 px)",
    "scale change": "area over that in the first frame outside 1/2…2 (OTB, LaSOT)",
    "aspect change": "width over height, against the first frame, outside 1/2…2 (UAV123, LaSOT)",
    "occluded": "labelled as covered by a quarter or more (GOT-10k's cover up to 4 of 8) or wholly "
    "(LaSOT); never without labels",
    "absent": "absent or wholly covered in a frame",
    "out of view": "box within 1 px of the picture's border or beyond it in a frame (OTB), or "
    "labelled so (LaSOT, GOT-10k)",
    "long": "1000 frames or more (LaSOT's shortest)",
}  # fmt: skip
"""Names and definitions, in the order of tables."""


def attributes(sequence: Sequence) -> tuple[str, ...]:
    """Attributes of a sequence, in the order of `ATTRIBUTES`; its first picture tells the size.

    Raises:
        InputError: the first picture cannot be read.
    """
    height, width = sequence.read(0).shape[:2]
    return attributes_of_boxes(
        sequence.truth, width, height, sequence.occluded, sequence.out_of_view
    )


def attributes_of_boxes(
    truth: Boxes, width: int, height: int, occluded: Flags, out_of_view: Flags
) -> tuple[str, ...]:
    """Attributes of a ground truth `(N, 4)` in pictures of `width` × `height` pixels.

    Args:
        occluded, out_of_view: frames `(N,)` labelled as such.
    """
    there = present(truth)
    boxes = truth[there]
    area = boxes[:, 2] * boxes[:, 3]
    met = {
        "small target": bool(np.median(area) < SMALL_SHARE * width * height),
        "low resolution": bool(area.min() < LOW_RESOLUTION_PIXELS),
        "fast motion": bool((speeds(truth) > FAST_SIZES).any()),
        "scale change": _changes(area),
        "aspect change": _changes(boxes[:, 2] / boxes[:, 3]),
        "occluded": bool(occluded.any()),
        "absent": not there.all(),
        "out of view": bool(out_of_view.any()) or _reaches_border(boxes, width, height),
        "long": len(truth) >= LONG_FRAMES,
    }
    return tuple(name for name in ATTRIBUTES if met[name])


def speeds(truth: Boxes) -> Values:
    """Way of the centre between neighbouring frames that both show the target, in target sizes."""
    there = present(truth)
    pairs = np.flatnonzero(there[1:] & there[:-1])
    now, before = truth[pairs + 1], truth[pairs]
    way = (now[:, :2] + now[:, 2:] / 2) - (before[:, :2] + before[:, 2:] / 2)
    size = np.sqrt(np.sqrt(now[:, 2] * now[:, 3] * before[:, 2] * before[:, 3]))
    return np.asarray(np.hypot(way[:, 0], way[:, 1]) / size)


def _changes(values: Values) -> bool:
    ratio = values / values[0]
    return bool((ratio > CHANGE).any() or (ratio < 1 / CHANGE).any())


def _reaches_border(boxes: Boxes, width: int, height: int) -> bool:
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    past = (low <= BORDER_PIXELS) | (high >= np.array([width, height]) - BORDER_PIXELS)
    return bool(past.any())
