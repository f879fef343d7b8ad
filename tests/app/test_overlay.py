"""The overlay: where it paints, what its styles look like, and what it survives."""

import math

import numpy as np
import pytest

from app.core.overlay import PALETTE, Mark, caption, colour_of, contrasting, draw, line_width


def canvas(value: int = 60, width: int = 320, height: int = 240) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def mark(state: str = "tracking", box=(100.0, 80.0, 120.0, 90.0), number: int = 1) -> Mark:
    return Mark(number, box, "", 0.5, state)


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return (before != after).any(2)


def test_frame_itself_is_left_alone() -> None:
    image = canvas()
    result = draw(image, [mark()])
    assert np.all(image == 60)
    assert changed(image, result).any()


def test_lines_lie_on_the_edges_of_the_box_and_nowhere_inside() -> None:
    image = canvas()
    touched = changed(image, draw(image, [mark()]))
    assert touched[80:171, 100].all()
    assert touched[80:171, 220].all()
    assert touched[170, 100:221].all()
    assert not touched[90:160, 110:210].any()


def test_uncertain_is_dashed_and_lost_is_fainter() -> None:
    image = canvas()
    # the right edge, away from the caption
    edges = {}
    for state in ("tracking", "uncertain", "lost", "recovered"):
        result = draw(image, [mark(state)]).astype(int)
        edges[state] = np.abs(result[85:165, 220] - 60).sum(1)
    assert (edges["tracking"] > 0).all()
    assert np.array_equal(edges["recovered"], edges["tracking"])
    assert 0.2 < (edges["uncertain"] > 0).mean() < 0.9
    assert np.array_equal(edges["lost"] > 0, edges["uncertain"] > 0)
    assert edges["lost"].max() < 0.6 * edges["uncertain"].max()


@pytest.mark.parametrize("value", [0, 60, 128, 200, 255])
@pytest.mark.parametrize("number", range(1, len(PALETTE) + 1))
def test_box_and_text_stand_out_on_any_ground(value: int, number: int) -> None:
    image = canvas(value)
    result = draw(image, [mark(number=number)])
    column = result[85:165, 215:226].astype(int).reshape(-1, 3)
    assert np.abs(column - value).sum(1).max() > 150
    colour = np.array(colour_of(number), int)
    assert abs(luminance(colour) - luminance(np.array(contrasting(colour_of(number))))) > 90


def luminance(colour: np.ndarray) -> float:
    return float(colour @ (0.299, 0.587, 0.114))


def test_lines_grow_with_the_frame() -> None:
    widths = [line_width(width, width) for width in (200, 720, 2160)]
    assert widths == sorted(set(widths))
    assert min(widths) >= 1


@pytest.mark.parametrize(
    "box",
    [
        (-50.0, -40.0, 100.0, 90.0), (300.0, 230.0, 100.0, 100.0), (1e9, 1e9, 5.0, 5.0),
        (-1e9, -1e9, 3e9, 3e9), (10.0, 10.0, 0.01, 0.01), (math.nan, 0.0, 5.0, 5.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("state", ["tracking", "lost"])
def test_boxes_over_the_edge_or_absurd_are_drawn_as_far_as_they_go(box, state: str) -> None:
    image = canvas()
    result = draw(image, [mark(state, box)])
    assert result.shape == image.shape
    assert changed(image, result).any() == math.isfinite(box[0])


def test_caption_names_id_label_score_and_unusual_states() -> None:
    assert caption(Mark(3, (0, 0, 1, 1), "car", 0.876, "tracking")) == "#3 car 0.88"
    assert caption(Mark(3, (0, 0, 1, 1), "", 0.1, "lost")) == "#3 0.10 lost"


@pytest.mark.parametrize("label", ["\udcff\udcfe", "a\nb\r\0", "汽车", "x" * 9999])
def test_labels_of_any_kind_are_drawn(label: str) -> None:
    before = canvas()
    assert changed(before, draw(before, [Mark(1, (10, 80, 40, 40), label, 0.5, "lost")])).any()


def test_tiny_frames_are_drawn_on() -> None:
    image = canvas(width=8, height=6)
    assert draw(image, [mark(box=(1.0, 1.0, 4.0, 3.0))]).shape == (6, 8, 3)
