"""The losses reward the right peak, the right box and an honest quality."""

import pytest
import torch
from torch import Tensor

from model.network import Response
from model.training.losses import (
    LossWeights,
    at_peak,
    centre_heat,
    focal,
    pairwise_iou,
    tracking_losses,
)

GRID, SIZE = 16, 256
TRUTH = torch.tensor([[96.0, 80.0, 64.0, 48.0]])  # centre (128, 104): cell row 6, column 8


def response(cell: tuple[int, int], box: Tensor, quality: float) -> Response:
    score = torch.full((1, 1, GRID, GRID), -6.0)
    score[0, 0, cell[0], cell[1]] = 6.0
    return Response(
        score, torch.full((1, 1, GRID, GRID), quality), box.expand(1, 1, GRID, GRID, 4).clone()
    )


def losses(answer: Response, present: bool = True):  # type: ignore[no-untyped-def]
    return tracking_losses(answer, TRUTH, torch.tensor([present]), size=SIZE, weights=LossWeights())


def test_heat_is_one_in_the_cell_of_the_centre_alone() -> None:
    heat = centre_heat(TRUTH, GRID, SIZE // GRID)
    assert heat[0, 6, 8] == 1
    assert (heat == 1).sum() == 1
    assert heat[0, 6, 9] == heat[0, 6, 7]


def test_heat_spreads_with_the_box() -> None:
    wide = centre_heat(torch.tensor([[64.0, 96.0, 128.0, 16.0]]), GRID, SIZE // GRID)[0]
    row, column = divmod(int(wide.argmax()), GRID)
    assert wide[row, column + 1] > wide[row + 1, column]


def test_focal_prefers_the_peak_at_the_centre() -> None:
    heat = centre_heat(TRUTH, GRID, SIZE // GRID)
    right, wrong = (
        focal(response(cell, TRUTH[0], 0.0).score[:, 0], heat).item() for cell in ((6, 8), (3, 3))
    )
    assert right < 0.5 < wrong


@pytest.mark.parametrize(
    ("a", "b", "iou", "giou"),
    [
        ((0, 0, 2, 2), (0, 0, 2, 2), 1.0, 1.0),
        ((0, 0, 2, 2), (1, 0, 2, 2), 1 / 3, 1 / 3),
        ((0, 0, 1, 1), (3, 0, 1, 1), 0.0, -0.5),
    ],
)
def test_iou_by_hand(a: tuple, b: tuple, iou: float, giou: float) -> None:  # type: ignore[type-arg]
    got = pairwise_iou(torch.tensor(a).float(), torch.tensor(b).float())
    assert [v.item() for v in got] == pytest.approx([iou, giou])


def test_a_perfect_answer_costs_less_than_any_error() -> None:
    perfect = losses(response((6, 8), TRUTH[0], 6.0))
    assert perfect.iou.item() == pytest.approx(1)
    assert perfect.giou.item() == pytest.approx(0, abs=1e-5)
    for wrong in (
        response((2, 2), TRUTH[0], 6.0),
        response((6, 8), TRUTH[0] + torch.tensor([20.0, 0, 0, 0]), 6.0),
        response((6, 8), TRUTH[0], -6.0),
    ):
        assert losses(wrong).total > perfect.total


def test_an_absent_target_asks_for_a_low_quality_and_no_box() -> None:
    honest = losses(response((2, 2), TRUTH[0], -6.0), present=False)
    proud = losses(response((2, 2), TRUTH[0], 6.0), present=False)
    assert honest.quality < proud.quality
    assert honest.giou == honest.l1 == 0
    assert honest.iou == 0


def test_peak_reads_the_highest_cell() -> None:
    answer = response((4, 11), TRUTH[0], 1.0)
    answer.boxes[0, 0, 4, 11] = torch.tensor([1.0, 2.0, 3.0, 4.0])
    score, quality, box = at_peak(answer)
    assert score.item() == pytest.approx(torch.tensor(6.0).sigmoid().item())
    assert quality.item() == 1
    assert box[0].tolist() == [1, 2, 3, 4]
