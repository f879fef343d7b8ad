"""The network on regions of a frame: search regions against the buffers, templates into them."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.buffer import Entry, RollingBuffer
from model.geometry import Box, Crop, box_cover, cut, cut_all, inside_tokens
from model.images import Frame
from model.network import GIVEN, REMEMBERED
from model.peaks import Maps
from model.runtime import Encoded, Runner


@dataclass(frozen=True)
class Look:
    """What the network said of one search region."""

    crop: Crop
    image: Frame
    """What was searched, `(S, S, 3)` RGB."""
    inside: NDArray[np.bool_] | None
    """`(N,)`, False at padding; None if no region of the step has any."""
    maps: Maps
    likeness: float
    """Cosine of the features under the response with those of the first template, -1..1."""
    shares: NDArray[np.float32]
    """`(N, slots)`: time attention of each token to each remembered frame."""


class Observer:
    """Shows regions of frames to a network, for the targets of a rolling buffer."""

    def __init__(self, runner: Runner, buffer: RollingBuffer) -> None:
        self.runner, self.buffer = runner, buffer
        self.config = buffer.config

    def look(
        self,
        frame: Frame,
        crops: dict[int, list[Crop]],
        descriptors: list[NDArray[np.float32]],
        now: int,
    ) -> dict[int, list[Look]]:
        """Run all search regions of all targets through the network together.

        Args:
            crops: search regions by the target's row in the buffer.
            descriptors: of the first template of every target, by row.
            now: number of the update.
        """
        rows = [row for row, each in crops.items() for _ in each]
        if not rows:
            return {}
        every = [crop for each in crops.values() for crop in each]
        images = cut_all(frame, every)
        inside = _inside(frame, every, self.config.search.grid)
        found = self.runner.search(images, inside, self.buffer.memory(rows, now))
        first = np.stack([descriptors[row] for row in rows])
        likeness = (found.descriptors * first).sum(-1)
        looks = (
            Look(
                crop,
                images[i],
                None if inside is None else inside[i],
                Maps(found.score[i], found.quality[i], found.boxes[i]),
                float(likeness[i]),
                found.shares[i],
            )
            for i, crop in enumerate(every)
        )
        return {row: [next(looks) for _ in each] for row, each in crops.items()}

    def remember(
        self, row: int, frame: Frame, box: Box, *, now: int, time: float, score: float, given: bool
    ) -> NDArray[np.float32]:
        """Encode a template against the buffer and put it there; return its descriptor `(C,)`.

        Where every frame in the buffer is pinned, or the network gave no number, nothing is put
        there.

        Args:
            row: the target's row in the buffer.
            box: in pixels of the frame.
            now: number of the update.
            time: seconds.
            score: of the box, 0..1.
            given: whether the user drew the box, rather than the tracker.
        """
        template = self.config.template
        crop = Crop.around(box, template)
        image = cut(frame, crop)
        inside = _inside(frame, [crop], template.grid)
        memory = None if given else self.buffer.memory([row], now)
        role = GIVEN if given else REMEMBERED
        drawn = crop.box_to_crop(box)
        encoded = self.runner.encode(image, drawn, role, inside, memory)
        slot = self.buffer.rows[row].slot_for_new()
        # one key that is no number would spoil every later frame
        if slot is not None and (given or _finite(encoded.keys)):
            entry = Entry(
                now, time, score, image, pinned=given, box=drawn, given=given, inside=inside
            )
            self._write(row, slot, encoded, entry)
        return encoded.descriptor

    def encode_anew(self) -> None:
        """Fill a buffer that was started anew: encode every entry from its picture, in order.

        An entry's keys then know of the frames that are still remembered, not of those that have
        left since it was made.
        """
        for row, kept in enumerate(self.buffer.rows):
            entries = [(slot, entry) for slot, entry in enumerate(kept.entries) if entry]
            for slot, entry in sorted(entries, key=lambda each: each[1].frame):
                # drawn boxes are encoded alone, as when they were drawn
                memory = None if entry.given else self.buffer.memory([row], entry.frame)
                role = GIVEN if entry.given else REMEMBERED
                encoded = self.runner.encode(entry.thumbnail, entry.box, role, entry.inside, memory)
                self._write(row, slot, encoded, entry)

    def _write(self, row: int, slot: int, encoded: Encoded, entry: Entry) -> None:
        inside = None if entry.inside is None else torch.from_numpy(entry.inside)
        self.buffer.write(row, slot, encoded.keys, entry, inside)

    def account(self, row: int, look: Look, crop_box: Box) -> None:
        """Note what share of attention the tokens in the box gave to each remembered frame."""
        cover = box_cover(crop_box, self.config.search.grid, self.config.search.stride).ravel()
        total = cover.sum()
        if total == 0:
            return
        shares = cover @ look.shares / total
        for entry, share in zip(self.buffer.rows[row].entries, shares, strict=True):
            if entry is not None:
                entry.share = float(share)


def _finite(keys: list[tuple[Tensor, Tensor]]) -> bool:
    return all(bool(torch.isfinite(part).all()) for pair in keys for part in pair)


def _inside(frame: Frame, crops: list[Crop], grid: int) -> NDArray[np.bool_] | None:
    """`(B, N)` bool, False at padding; None if every crop lies in the frame."""
    height, width = frame.shape[:2]
    if all(crop.lies_in(width, height) for crop in crops):
        return None
    inside = np.stack([inside_tokens(crop, grid, width, height).ravel() for crop in crops])
    return None if inside.all() else inside
