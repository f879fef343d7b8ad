"""Tokens, arrangements and shares: what holds for any numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.memory.panels import Panels, flow, panels
from app.ui.memory.tokens import cell_of, central, corresponding, stepped, token_at, under
from app.ui.memory.weights import Choice, grids, percents, shown
from model.correspondence import Grid, correspond
from model.geometry import Box
from model.inspection import Attention

GRID = st.integers(1, 24)
SIDE = st.floats(8.0, 900.0)
SHARE = st.floats(0.0, 1.0)


@given(GRID, SIDE, st.data())
def test_the_middle_of_a_token_s_cell_is_that_token(
    grid: int, side: float, data: st.DataObject
) -> None:
    token = data.draw(st.integers(0, grid**2 - 1))
    x, y, w, h = cell_of(token, side, grid)
    assert token_at((x + w / 2, y + h / 2), side, grid) == token
    assert w == h == pytest.approx(side / grid)
    assert central((x, y, w, h), side, grid) == token
    assert under((x + w / 4, y + h / 4, w / 2, h / 2), side, grid) == [token]


@given(GRID, SIDE, st.floats(-50, 950), st.floats(-50, 950))
def test_every_point_of_a_crop_has_one_token_and_none_beside_it(
    grid: int, side: float, x: float, y: float
) -> None:
    token = token_at((x, y), side, grid)
    if 0 <= x < side and 0 <= y < side:
        assert token is not None
        left, top, w, h = cell_of(token, side, grid)
        assert left - 1e-6 * side <= x <= left + w + 1e-6 * side
        assert top - 1e-6 * side <= y <= top + h + 1e-6 * side
    else:
        assert token is None


@given(GRID, st.data(), st.integers(-30, 30), st.integers(-30, 30))
def test_steps_go_by_rows_and_columns_and_stay_in_the_crop(
    grid: int, data: st.DataObject, across: int, down: int
) -> None:
    token = data.draw(st.integers(0, grid**2 - 1))
    row, column = divmod(token, grid)
    there = divmod(stepped(token, across, down, grid), grid)
    assert there == tuple(np.clip([row + down, column + across], 0, grid - 1))


@given(SIDE, GRID, st.tuples(*[st.floats(-500, 1500)] * 2, *[st.floats(0.5, 2000)] * 2))
def test_tokens_of_a_box_lie_in_it_and_there_is_always_one(
    side: float, grid: int, box: Box
) -> None:
    found = under(box, side, grid)
    assert found
    assert 0 <= central(box, side, grid) < grid**2
    for token in found if len(found) > 1 else []:
        x, y, w, h = cell_of(token, side, grid)
        assert box[0] - 1e-6 <= x + w / 2 <= box[0] + box[2] + 1e-6
        assert box[1] - 1e-6 <= y + h / 2 <= box[1] + box[3] + 1e-6


@pytest.mark.parametrize(("grid", "template"), [(16, 8), (18, 8), (8, 4), (9, 5)])
def test_the_same_place_is_where_the_network_takes_it_to_be(grid: int, template: int) -> None:
    pitch = 0.25
    places = correspond(
        Grid(grid, grid, grid * pitch), Grid(template, template, template * pitch), 0
    )
    for token in range(grid**2):
        found = corresponding(token, grid, template)
        assert (found is not None) == bool(places.inside[token, 0])
        if found is not None:
            assert found == divmod(int(places.index[token, 0, 0]), template)


def boxes(found: Panels) -> list[Box]:
    return [found.search, *found.others]


def apart(a: Box, b: Box) -> bool:
    return (
        a[0] + a[2] <= b[0] + 1e-6 or b[0] + b[2] <= a[0] + 1e-6
        or a[1] + a[3] <= b[1] + 1e-6 or b[1] + b[3] <= a[1] + 1e-6
    )  # fmt: skip


@given(
    st.floats(260, 2000), st.floats(240, 1400), st.integers(1, 8), st.floats(10, 40), st.booleans()
)
def test_pictures_stay_in_the_room_and_apart(
    width: float, height: float, count: int, caption: float, bands: bool
) -> None:
    found = panels(width, height, count, caption, margin=10, bands=bands)
    assert len(found.others) == count
    for k, (x, y, w, h) in enumerate(boxes(found)):
        above = caption if k == 0 and not found.beside else 0.0
        below = 0.0 if k == 0 and not found.beside else caption
        assert w == h >= 1
        assert x >= 10 - 1e-6
        assert x + w <= width - 10 + 1e-6
        assert y - above >= 10 - 1e-6
        assert y + h + below <= height - 10 + 1e-6
    every = boxes(found)
    for k, box in enumerate(every):
        assert all(apart(box, other) for other in every[k + 1 :])
    assert len({box[2] for box in found.others}) == 1
    assert found.others[0][2] <= found.search[2] + 1e-6


def test_a_wide_dock_puts_pictures_beside_and_a_narrow_one_under() -> None:
    wide, narrow = panels(900, 240, 2, 24), panels(340, 600, 2, 24)
    assert wide.beside
    assert wide.in_one_row
    assert not narrow.beside
    # readable at the bottom: of a dock of 300 pixels 240 are left
    assert wide.search[2] > 200
    assert min(box[2] for box in wide.others) > 170


@given(st.integers(0, 20), st.integers(1, 200), st.integers(1, 200), st.integers(1, 900))
def test_tiles_fill_rows_from_the_left(count: int, w: int, h: int, width: int) -> None:
    places = flow(count, (w, h), width, 8)
    assert len(set(places)) == count
    assert places == sorted(places, key=lambda place: (place[1], place[0]))
    assert all(x == 0 or x + w <= width for x, _ in places)
    rows = sorted({y for _, y in places})
    assert rows == [k * (h + 8) for k in range(len(rows))]


@given(st.lists(SHARE, min_size=1, max_size=17).filter(lambda shares: sum(shares) > 0))
def test_percents_of_a_whole_sum_to_a_hundred(shares: list[float]) -> None:
    whole = [share / sum(shares) for share in shares]
    numbers = percents(whole)
    assert sum(numbers) == 100
    for number, share in zip(numbers, whole, strict=True):
        assert abs(number - 100 * share) < 1 + 1e-9


def attention(seed: int, templates: int) -> Attention:
    """Of 2 blocks, 3 heads, 8 tokens a side in the searched crop and 4 in templates."""
    random = np.random.default_rng(seed)
    weights = random.random((2, 3, 64, templates * 16 + 1)).astype(np.float32)
    weights /= weights.sum(-1, keepdims=True)
    space = random.random((2, 3, 64, 64)).astype(np.float32)
    space /= space.sum(-1, keepdims=True)
    picture = np.zeros((128, 128, 3), np.uint8)
    return Attention(
        search=picture, slots=tuple(range(templates)), templates=(picture[:64, :64],) * templates,
        time=weights[..., :-1].reshape(2, 3, 64, templates, 16), own=weights[..., -1],
        space=space, box=(32.0, 40.0, 32.0, 24.0),
    )  # fmt: skip


@given(
    st.integers(0, 99), st.integers(1, 5), st.integers(0, 63), st.booleans(),
    st.sampled_from([None, 0, 1, 7]), st.sampled_from([None, 0, 2, 7]),
)  # fmt: skip
def test_what_is_shown_of_a_token_sums_to_one(
    seed: int, templates: int, token: int, space: bool, layer: int | None, head: int | None
) -> None:
    of = attention(seed, templates)
    seen = shown(of, Choice(space, layer, head), token)
    assert grids(of) == (8, 4)
    assert seen.maps.shape == ((1, 8, 8) if space else (templates, 4, 4))
    assert sum(seen.shares) + seen.own == pytest.approx(1, abs=1e-5)
    assert seen.maps.sum((1, 2)) == pytest.approx(np.array(seen.shares), abs=1e-5)
    assert seen.peak == seen.maps.max()
    whole = of.space if space else of.time
    layers = [layer] if layer in (0, 1) else [0, 1]
    heads = [head] if head in (0, 2) else [0, 1, 2]
    expected = np.mean([[whole[k, m, token] for m in heads] for k in layers], axis=(0, 1))
    assert seen.maps.ravel() == pytest.approx(expected.ravel(), abs=1e-6)
    # cells are 16 pixels wide: the centres of rows and columns 2 and 3 lie in the box
    if space:
        target = expected.reshape(8, 8)[2:4, 2:4]
        assert seen.on_target == pytest.approx(target.sum(), abs=1e-6)
