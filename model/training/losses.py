"""Losses of the centre head: focal on the centre map, GIoU and L1 on boxes, IoU as quality."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from model.network import Response

_JUDGED = 4
"""Highest cells whose boxes' overlap is learned."""


@dataclass(frozen=True)
class LossWeights:
    """Weights of the terms of the loss."""

    centre: float = 1.0
    giou: float = 2.0
    l1: float = 5.0
    quality: float = 1.0


@dataclass(frozen=True)
class Losses:
    """Scalars of one batch, for optimisation and for the log."""

    total: Tensor
    centre: Tensor
    giou: Tensor
    l1: Tensor
    quality: Tensor
    iou: Tensor
    """Mean IoU of the box at the peak, over the clips whose target is present."""


def centre_heat(boxes: Tensor, grid: int, stride: int) -> Tensor:
    """Gaussian around the centre of each box, 1 in its own cell (Zhou et al., 2019).

    Args:
        boxes: `(B, 4)` xywh in pixels of the search crop.

    Returns:
        `(B, grid, grid)` in 0..1. The spread follows the box, a sixth of its side, at least half a
        cell.
    """
    cells = torch.arange(grid, device=boxes.device, dtype=boxes.dtype)
    centre = torch.floor((boxes[:, :2] + boxes[:, 2:] / 2) / stride).clamp(0, grid - 1)
    spread = (boxes[:, 2:] / stride / 6).clamp(min=0.5)
    x = (cells - centre[:, :1]) / spread[:, :1]
    y = (cells - centre[:, 1:]) / spread[:, 1:]
    return torch.exp(-0.5 * (x[:, None, :] ** 2 + y[:, :, None] ** 2))


def focal(logits: Tensor, heat: Tensor) -> Tensor:
    """Penalty-reduced focal loss (Law and Deng, 2018), summed over cells: `(B, G, G)` to `(B,)`."""
    p = logits.sigmoid()
    hit = heat == 1
    positive = F.logsigmoid(logits) * (1 - p) ** 2 * hit
    negative = F.logsigmoid(-logits) * p**2 * (1 - heat) ** 4 * ~hit
    return -(positive + negative).sum((1, 2))


def pairwise_iou(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU (Rezatofighi et al., 2019) of xywh boxes `(..., 4)`."""
    a_low, a_high = a[..., :2], a[..., :2] + a[..., 2:]
    b_low, b_high = b[..., :2], b[..., :2] + b[..., 2:]
    overlap = (torch.minimum(a_high, b_high) - torch.maximum(a_low, b_low)).clamp(min=0).prod(-1)
    union = (a[..., 2:].prod(-1) + b[..., 2:].prod(-1) - overlap).clamp(min=1e-6)
    hull = (torch.maximum(a_high, b_high) - torch.minimum(a_low, b_low)).prod(-1).clamp(min=1e-6)
    iou = overlap / union
    return iou, iou - (hull - union) / hull


def at_peak(response: Response) -> tuple[Tensor, Tensor, Tensor]:
    """Score `(B,)`, quality logit `(B,)` and box `(B, 4)` of the highest cell; one search frame."""
    score = response.score[:, 0].flatten(1).amax(1).sigmoid()
    quality, boxes = at_peaks(response, 1)
    return score, quality[:, 0], boxes[:, 0]


def at_peaks(response: Response, count: int) -> tuple[Tensor, Tensor]:
    """Quality logits `(B, count)` and boxes `(B, count, 4)` of the highest cells, highest first."""
    best = response.score[:, 0].flatten(1).topk(count).indices
    boxes = response.boxes[:, 0].flatten(1, 2)
    return (
        response.quality[:, 0].flatten(1).gather(1, best),
        boxes.gather(1, best[..., None].expand(-1, -1, 4)),
    )


def tracking_losses(
    response: Response, boxes: Tensor, present: Tensor, *, size: int, weights: LossWeights
) -> Losses:
    """All terms for a batch of clips with one search frame.

    Args:
        boxes: `(B, 4)` xywh in pixels of the search crop; ignored where the target is absent.
        present: `(B,)` bool.
        size: side of the search crop, pixels.
    """
    grid = response.score.shape[-1]
    heat = centre_heat(boxes, grid, size // grid) * present[:, None, None]
    centre = focal(response.score[:, 0], heat).mean()

    # every cell near the centre learns the box, so that a peak beside the true cell is no miss
    near = torch.where(heat > 0.3, heat, 0)
    near = near / near.sum().clamp(min=1)
    truth = boxes[:, None, None, :].expand_as(response.boxes[:, 0])
    _, giou = pairwise_iou(response.boxes[:, 0], truth)
    giou_loss = ((1 - giou) * near).sum()
    l1 = ((response.boxes[:, 0] - truth).abs().mean(-1) / size * near).sum()

    # cells beside the highest as well: their boxes are wrong more often, which is to be learned
    quality, found = at_peaks(response, min(_JUDGED, grid * grid))
    overlap, _ = pairwise_iou(found.detach(), boxes[:, None])
    overlap = overlap * present[:, None]
    quality_loss = F.binary_cross_entropy_with_logits(quality, overlap)
    reached = overlap[:, 0]

    total = (
        weights.centre * centre
        + weights.giou * giou_loss
        + weights.l1 * l1
        + weights.quality * quality_loss
    )
    count = present.sum().clamp(min=1)
    return Losses(total, centre, giou_loss, l1, quality_loss, reached.sum().detach() / count)
