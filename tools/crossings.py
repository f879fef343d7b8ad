"""Are look-alikes that cross taken for one another? Measured with cut-outs that move over pictures.

    python -m tools.crossings DATA/images small nano

Of two things each there are two: mostly the same cut-out in another hue, else another thing. All
four are followed: by one tracker, that knows of all of them, and each by a tracker of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from model.geometry import iou
from model.images import Frame
from model.states import State
from model.tracker import Tracker

SIZE = (560, 400)
FRAMES = 130
_ROOM = 60
"""Pixels of a background beyond the frame on each side, for the camera to move in."""
_SEEN = 0.6
"""Share of a thing that must be seen for its box to be judged."""
_ALIKE = 0.6
"""How often the two of a kind are the same cut-out."""

app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class Shape:
    """A thing lifted from a picture: colours `(H, W, 3)` and mask `(H, W)`, 0 or 255."""

    colours: Frame
    mask: NDArray[np.uint8]

    def in_other_light(self, rng: np.random.Generator) -> "Shape":
        """The same in another hue and brightness."""
        hue, saturation, value = cv2.split(cv2.cvtColor(self.colours, cv2.COLOR_RGB2HSV))
        turned = ((hue.astype(int) + rng.integers(20, 160)) % 180).astype(np.uint8)
        lit = np.clip(value * rng.uniform(0.7, 1.2), 0, 255).astype(np.uint8)
        colours = cv2.cvtColor(cv2.merge([turned, saturation, lit]), cv2.COLOR_HSV2RGB)
        return Shape(np.asarray(colours, np.uint8), self.mask)


class Actor:
    """A thing that swings through the frame, grows, shrinks and turns a little."""

    def __init__(self, shape: Shape, rng: np.random.Generator) -> None:
        self.shape = shape
        height, width = shape.mask.shape
        self._scale = rng.uniform(55, 95) / (height * width) ** 0.5
        self._swing = np.array(SIZE) * rng.uniform((0.25, 0.1), (0.4, 0.35))
        self._pace = rng.uniform(0.03, 0.08, 2)
        self._phase = rng.uniform(0, 2 * np.pi, 3)
        self._growth, self._turn = rng.uniform(0.1, 0.3), rng.uniform(-0.004, 0.004)

    def at(self, time: int) -> NDArray[np.float64]:
        """The map from its picture to the frame, `(2, 3)`."""
        height, width = self.shape.mask.shape
        centre = np.array(SIZE) / 2 + self._swing * np.sin(self._pace * time + self._phase[:2])
        scale = self._scale * (1 + self._growth * np.sin(time / 30 + self._phase[2]))
        cos, sin = scale * np.cos(self._turn * time), scale * np.sin(self._turn * time)
        linear = np.array([[cos, -sin], [sin, cos]])
        return np.column_stack([linear, centre - linear @ (width / 2, height / 2)])


@dataclass(frozen=True)
class Moment:
    """A frame, and of each actor in it the box `(4,)` xywh and the share that is seen."""

    frame: Frame
    boxes: NDArray[np.float64]
    seen: NDArray[np.float64]


def read_shapes(folder: Path) -> list[Shape]:
    """Things of which the whole is in the picture, from pictures with a mask of instances each."""
    shapes = []
    for path in sorted(folder.glob("*.png")):
        image, labels = cv2.imread(str(path.with_suffix(".jpg"))), cv2.imread(str(path), -1)
        if image is None or labels is None:
            continue
        colours = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
        for label in np.unique(labels)[1:]:
            mask = np.asarray((labels == label) * 255, np.uint8)
            x, y, w, h = cv2.boundingRect(mask)
            inside = x > 2 and y > 2 and x + w < mask.shape[1] - 2 and y + h < mask.shape[0] - 2
            area = np.count_nonzero(mask)
            if inside and area >= max(2500, 0.4 * w * h) and 1 / 3 < w / h < 3:
                part = np.s_[y : y + h, x : x + w]
                shapes.append(Shape(colours[part], mask[part]))
    return shapes


def play(seed: int, shapes: list[Shape], backgrounds: list[Path]) -> Iterator[Moment]:
    """One sequence."""
    rng = np.random.default_rng(seed)
    width, height = SIZE
    image = cv2.imread(str(backgrounds[rng.integers(len(backgrounds))]))
    assert image is not None
    wide = cv2.resize(image, (width + 2 * _ROOM, height + 2 * _ROOM))
    ground = np.asarray(cv2.cvtColor(wide, cv2.COLOR_BGR2RGB), np.uint8)
    actors = []
    for _ in range(2):
        one = shapes[rng.integers(len(shapes))]
        alike = rng.random() < _ALIKE
        other = one.in_other_light(rng) if alike else shapes[rng.integers(len(shapes))]
        actors += [Actor(one, rng), Actor(other, rng)]
    order = rng.permutation(len(actors))
    for time in range(FRAMES):
        x = round(_ROOM + 50 * np.sin(time / 40 + seed))
        y = round(_ROOM + 50 * np.cos(time / 55 + seed))
        yield _draw(ground[y : y + height, x : x + width], [actors[i] for i in order], time)


def _draw(ground: Frame, actors: list[Actor], time: int) -> Moment:
    """The actors over the ground, each before those that come earlier."""
    frame = ground.astype(np.float32)
    owner = np.full(ground.shape[:2], -1)
    masks = []
    for number, actor in enumerate(actors):
        place = actor.at(time)
        colours = cv2.warpAffine(actor.shape.colours, place, SIZE, flags=cv2.INTER_AREA)
        mask = cv2.warpAffine(actor.shape.mask, place, SIZE)
        alpha = cv2.GaussianBlur(mask, (3, 3), 0)[..., None] / np.float32(255)
        frame = frame * (1 - alpha) + colours * alpha
        owner[mask > 127] = number
        masks.append(mask > 127)
    soft = cv2.GaussianBlur(frame, (0, 0), 0.6)
    boxes = [cv2.boundingRect(mask.astype(np.uint8)) for mask in masks]
    seen = [float((owner[m] == i).mean()) if m.any() else 0.0 for i, m in enumerate(masks)]
    return Moment(soft.round().astype(np.uint8), np.array(boxes, float), np.array(seen))


def follow(trackers: list[Tracker], moments: list[Moment]) -> NDArray[np.float64]:
    """Follow every actor, by one tracker or by one each.

    Returns:
        `(frames - 1, actors, 4)`: overlap (IoU) with its own box, the greatest with that of
        another, the share that is seen, and whether the target was not lost.
    """
    for tracker in trackers:
        tracker.reset()
    number = len(moments[0].boxes)
    whose = [trackers[i % len(trackers)] for i in range(number)]
    first, *rest = moments
    ids = [whose[i].add(first.frame, tuple(first.boxes[i])) for i in range(number)]
    rows = []
    for now in rest:
        found = [{r.id: r for r in tracker.update(now.frame)} for tracker in trackers]
        results = [found[i % len(trackers)][ids[i]] for i in range(number)]
        overlaps = iou(np.array([r.box for r in results])[:, None], now.boxes)
        own = overlaps.diagonal()
        others = (overlaps - np.diag(np.full(number, 2.0))).max(1)
        kept = [r.state is not State.LOST for r in results]
        rows.append(np.column_stack([own, others, now.seen, kept]))
    return np.array(rows)


@app.command()
def main(
    images: Annotated[Path, typer.Argument(help="Folder with coco128/ and bsds500/ in it.")],
    trackers: Annotated[list[str], typer.Argument(help="Presets, or paths of weights.")],
    sequences: Annotated[int, typer.Option(help="How many.")] = 40,
    threads: Annotated[int, typer.Option(help="Threads of arithmetic.")] = 2,
) -> None:
    """Print how well four look-alikes that cross are followed, together and each alone."""
    shapes = read_shapes(images / "coco128")
    backgrounds = sorted((images / "bsds500").glob("*.jpg"))
    table = Table("tracker", "followed", "IoU", "IoU > 0.5", "on another", "lost though seen")
    for name in trackers:
        four = [Tracker.load(name, device="cpu", threads=threads) for _ in range(4)]
        found: dict[str, list[NDArray[np.float64]]] = {"each alone": [], "together": []}
        for seed in range(sequences):
            moments = list(play(seed, shapes, backgrounds))
            found["each alone"].append(follow(four, moments))
            found["together"].append(follow(four[:1], moments))
        for how, rows in found.items():
            own, others, seen, kept = np.moveaxis(np.concatenate(rows), -1, 0)
            is_seen = seen > _SEEN
            mistaken = (others > 0.5) & (own < 0.3) & (kept > 0)
            numbers = (
                own[is_seen].mean(), (own[is_seen] > 0.5).mean(), mistaken.mean(),
                1 - kept[is_seen].mean(),
            )  # fmt: skip
            table.add_row(name, how, *(f"{number:.3f}" for number in numbers))
    Console().print(table)


if __name__ == "__main__":
    app()
