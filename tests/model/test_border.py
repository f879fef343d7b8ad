"""A target of which the first frame shows a part, followed by the shipped weights."""

import numpy as np

from assets.demo import truth
from model.geometry import Box, iou
from model.images import Frame
from model.tracker import Tracker


def followed(frames: list[Frame], box: Box) -> list[Box]:
    """Boxes in the frames after the first."""
    made = Tracker.load("nano", device="cpu")
    made.add(frames[0], box)
    return [made.update(frame)[0].box for frame in frames[1:]]


def test_a_box_that_reaches_beyond_the_frame_tells_how_large_the_target_is(
    demo: list[Frame],
) -> None:
    boxes = truth()[: len(demo)]
    x, y, w, h = boxes[0]
    right = int(x + 0.65 * w)
    cut = [np.ascontiguousarray(frame[:, :right]) for frame in demo]
    whole = followed(cut, (x, y, w, h))
    assert iou(np.array(whole), boxes[1:]).mean() > 0.7
    # what is seen alone is what was pointed at where the box ends with the frame
    part = followed(cut, (x, y, right - x, h))
    seen = boxes[1:].copy()
    seen[:, 2] = np.minimum(seen[:, 2], right - seen[:, 0])
    assert iou(np.array(part), seen).mean() > 0.7
