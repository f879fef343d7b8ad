"""Training clips as a data set: any clip from its number alone, batches, and sheets for the eye."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from model.errors import InputError
from model.images import Frame
from model.training.augment import flip
from model.training.datasets import Library
from model.training.real import real_clip
from model.training.samples import Clip, ClipConfig
from model.training.synthetic import synthetic_clip

__all__ = ["Batch", "Clip", "ClipConfig", "ClipDataset", "collate", "contact_sheet", "make_clip"]


def make_clip(rng: np.random.Generator, library: Library, config: ClipConfig) -> Clip:
    """Draw one clip."""
    synthetic = library.objects or library.patches or library.deforming
    if library.tracks and (not synthetic or rng.random() < config.real):
        clip = real_clip(rng, library, config)
    else:
        clip = synthetic_clip(rng, library, config)
    return flip(clip) if rng.random() < 0.5 else clip


class ClipDataset(Dataset[Clip]):
    """Clips by number: clip `i` depends on `seed` and `i` alone, so a run resumes anywhere."""

    def __init__(
        self, library: Library, config: ClipConfig, seed: int = 0, length: int = 1 << 40,
        start: int = 0,
    ) -> None:  # fmt: skip
        """Args:
        start: the number of the first clip, for resuming.
        """
        if not (library.tracks or library.objects or library.patches):
            raise InputError("The library holds no target; load one with tracks or pictures.")
        self.library, self.config = library, config
        self.seed, self.length, self.start = seed, length, start

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Clip:
        # one thread per worker: the loader already uses every core
        if cv2.getNumThreads() > 1:
            cv2.setNumThreads(0)
        if not 0 <= index < self.length:
            raise IndexError(index)
        rng = np.random.default_rng([self.seed, self.start + index])
        return make_clip(rng, self.library, self.config)


@dataclass(frozen=True)
class Batch:
    """`B` clips as tensors; fields as in `Clip`, with a leading dimension. Pictures are uint8."""

    templates: torch.Tensor
    template_boxes: torch.Tensor
    template_inside: torch.Tensor
    template_ages: torch.Tensor
    search: torch.Tensor
    search_box: torch.Tensor
    search_inside: torch.Tensor
    present: torch.Tensor

    def to(self, device: torch.device | str) -> "Batch":
        """The batch on `device`."""
        return Batch(
            *(getattr(self, f.name).to(device, non_blocking=True) for f in dataclasses.fields(self))
        )

    def pin_memory(self) -> "Batch":
        """The batch in page-locked memory, as a loader with `pin_memory` asks."""
        return Batch(*(getattr(self, f.name).pin_memory() for f in dataclasses.fields(self)))


def collate(clips: Sequence[Clip]) -> Batch:
    """Stack clips into a batch."""
    return Batch(
        *(
            torch.from_numpy(np.stack([np.asarray(getattr(clip, f.name)) for clip in clips]))
            for f in dataclasses.fields(Clip)
        )
    )


def contact_sheet(clips: Sequence[Clip], path: Path, columns: int = 1) -> None:
    """Write a PNG: one clip per cell, templates then search, boxes green, red border if absent.

    Raises:
        InputError: no clips, or a path that cannot be written.
    """
    if not clips:
        raise InputError("A contact sheet needs at least one clip; none was given.")
    cells = [_cell(clip) for clip in clips]
    cells += [np.zeros_like(cells[0])] * (-len(cells) % columns)
    rows = [np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)]
    if not cv2.imwrite(str(path), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)):
        raise InputError(f"The contact sheet {path} cannot be written; choose another place.")


def _cell(clip: Clip) -> Frame:
    side = clip.search.shape[0]
    parts = []
    for image, box in zip(clip.templates, clip.template_boxes, strict=True):
        tall = np.zeros((side, image.shape[1] + 2, 3), np.uint8)
        tall[: image.shape[0], : image.shape[1]] = _boxed(image, box, (0, 255, 0))
        parts.append(tall)
    whole = np.array([0, 0, side, side], np.float32)
    box, colour = (clip.search_box, (0, 255, 0)) if clip.present else (whole, (255, 0, 0))
    parts.append(_boxed(clip.search, box, colour))
    return np.pad(np.hstack(parts), ((1, 1), (1, 1), (0, 0)))


def _boxed(image: Frame, box: NDArray[np.float32], colour: tuple[int, int, int]) -> Frame:
    image = image.copy()
    x, y, w, h = (round(float(v)) for v in box)
    cv2.rectangle(image, (x, y), (x + w - 1, y + h - 1), colour, 1)
    return image
