"""Measures of tracks: of made-up motion that is known exactly, and of the tracked demo clip."""

import csv
import io
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.measures import Meter, Quantity, measure, measures_text, write_measures
from app.core.player.document import Scale, TargetTrack
from app.core.player.rows import TrackRow, TrackRows
from assets.demo import truth
from model.errors import InputError
from tests.app.tracked import columns_of, demo_targets

LENGTHS = [quantity for quantity in Quantity if quantity is not Quantity.SCORE]
numbers = st.floats(-2000, 2000)
steps = st.lists(st.floats(0.001, 2), min_size=2, max_size=60)
HALF_METRE = Scale((0, 0), (30, 40), 0.5, "m")
"""A pixel is a centimetre."""


def times_of(gaps: list[float]) -> list[float]:
    return list(accumulate(gaps))


@given(steps, numbers, numbers, numbers, numbers)
def test_steady_motion_has_its_speed_in_every_row_whatever_the_times(
    gaps: list[float], x: float, y: float, vx: float, vy: float
) -> None:
    times = times_of(gaps)
    found = measure(columns_of(range(len(times)), times, lambda t: (x + vx * t, y + vy * t)))
    # places are rounded to about 1e-11, times may be a millisecond apart
    assert found.speed == pytest.approx(np.full(len(times), np.hypot(vx, vy)), abs=1e-6)


@given(steps, st.data())
def test_speed_is_not_known_where_lost_and_comes_from_one_side_of_it_only(
    gaps: list[float], data: st.DataObject
) -> None:
    times = times_of(gaps)
    count = len(times)
    first = data.draw(st.integers(0, count - 1))
    last = data.draw(st.integers(first, count - 1))
    jump = times[last]
    columns = columns_of(
        range(count), times, lambda t: (3 * t + (1e6 if t > jump else 0), 4 * t),
        lost=range(first, last + 1),
    )  # fmt: skip
    found = measure(columns)
    inside = np.arange(first, last + 1)
    assert found.is_lost.nonzero()[0].tolist() == inside.tolist()
    for quantity in LENGTHS:
        assert np.isnan(found[quantity][inside]).all()
    assert (found.score == 0.5).all()
    outside = np.setdiff1d(np.arange(count), inside)
    assert not np.isnan(found.x[outside]).any()
    for side, size in ((outside < first, first), (outside > last, count - 1 - last)):
        speeds = found.speed[outside[side]]
        if size > 1:
            assert speeds == pytest.approx(np.full(size, 5.0), abs=1e-3)
        else:
            assert np.isnan(speeds).all()


def test_speed_does_not_reach_over_missing_frames() -> None:
    frames = [*range(10), *range(50, 60)]
    times = [frame / 30 for frame in frames]
    found = measure(columns_of(frames, times, lambda t: (30 * t + (900 if t > 1 else 0), 0)))
    assert found.is_apart.nonzero()[0].tolist() == [10]
    assert found.speed == pytest.approx(np.full(20, 30.0))


def test_a_live_source_that_drops_frames_has_no_gaps() -> None:
    # 30 frames per second of which a tracker takes four or so
    frames = [int(k * 7.5) for k in range(40)]
    found = measure(columns_of(frames, [frame / 30 for frame in frames], lambda t: (60 * t, 0)))
    assert not found.is_apart.any()
    assert found.speed == pytest.approx(np.full(40, 60.0))


def test_one_row_has_a_place_and_no_speed() -> None:
    found = measure(columns_of([7], [0.5], lambda t: (100, 50)))
    assert (found.x[0], found.y[0], found.size[0]) == (100, 50, 20)
    assert np.isnan(found.speed[0])
    assert len(measure(columns_of([], [], lambda t: (0, 0)))) == 0


def test_times_that_stand_still_give_no_speed() -> None:
    found = measure(columns_of(range(4), [1.0] * 4, lambda t: (0, 0)))
    assert np.isnan(found.speed).all()


@pytest.mark.parametrize("rate", [30, 240])
def test_a_box_that_jumps_for_one_frame_changes_no_speed_and_jitter_little(rate: int) -> None:
    rng = np.random.default_rng(5)
    times = [k / rate for k in range(2000)]
    spike = measure(columns_of(range(2000), times, lambda t: (90 * t + 40 * (t == times[1000]), 0)))
    assert spike.speed == pytest.approx(np.full(2000, 90.0))
    noise = iter(rng.normal(0, 1, 2000))
    noisy = measure(columns_of(range(2000), times, lambda t: (90 * t + next(noise), 0)))
    neighbours = np.abs(noisy.x[2:] - noisy.x[:-2]) * rate / 2
    assert noisy.speed.std() < 0.4 * neighbours.std()
    assert noisy.speed.std() < 9


@given(st.floats(0.001, 1000), numbers, numbers)
def test_scale_multiplies_lengths_and_speeds_alike(length: float, x: float, y: float) -> None:
    scale = Scale((x, y), (x + 30, y - 40), length, "ft")
    columns = demo_targets()[0].rows.columns()
    pixels, feet = measure(columns), measure(columns, scale)
    assert (pixels.unit, feet.unit) == ("px", "ft")
    for quantity in LENGTHS:
        np.testing.assert_allclose(feet[quantity], pixels[quantity] * length / 50, rtol=1e-9)
    assert (feet.score == pixels.score).all()


def test_a_scale_between_one_point_and_itself_is_none() -> None:
    scale = Scale((5, 5), (5, 5), 3.0, "m")
    assert measure(demo_targets()[0].rows.columns(), scale).unit == "px"


def test_speed_of_the_tracked_car_is_that_of_the_true_boxes() -> None:
    car = demo_targets()[0]
    found = measure(car.rows.columns())
    boxes = truth()
    hidden = np.isnan(boxes).any(axis=1)
    columns = columns_of(range(330), found.time_s.tolist(), lambda t: (0, 0))
    true = measure(type(columns)(
        columns.frame, columns.time_s, np.nan_to_num(boxes), columns.score,
        np.where(hidden, np.int8(2), np.int8(0)),
    ))  # fmt: skip
    both = ~np.isnan(found.speed) & ~np.isnan(true.speed)
    assert both.sum() > 250
    assert np.median(np.abs(found.speed - true.speed)[both]) < 15
    assert 40 < np.median(true.speed[both]) < 400


edits = st.lists(
    st.tuples(
        st.integers(0, 300), st.integers(1, 80), st.booleans(), st.sampled_from([1, 1, 1, 9])
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(deadline=None)
@given(edits, st.integers(0, 2**31))
def test_a_meter_that_follows_finds_what_measuring_anew_finds(
    changes: list[tuple[int, int, bool, int]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    meter, rows = Meter(), TrackRows()
    for first, count, cuts, every in changes:
        if cuts:
            rows = rows.until(first)
        before = meter.series.speed.copy()
        frames = range(first, first + count * every, every)
        rows = rows.merged([
            TrackRow(
                frame, frame / 30, (*rng.uniform(0, 500, 2), *rng.uniform(5, 50, 2)), 0.5,
                "lost" if rng.random() < 0.1 else "tracking",
            )
            for frame in frames
        ])  # fmt: skip
        start, stop = meter.update(rows)
        anew = measure(rows.columns())
        for quantity in Quantity:
            np.testing.assert_array_equal(meter.series[quantity], anew[quantity])
        for name in ("frame", "time_s", "is_lost", "is_apart"):
            np.testing.assert_array_equal(getattr(meter.series, name), getattr(anew, name))
        same = min(start, len(before))
        np.testing.assert_array_equal(meter.series.speed[:same], before[:same])
        if len(before) == len(rows):
            np.testing.assert_array_equal(meter.series.speed[stop:], before[stop:])
        assert meter.update(rows) == (len(rows), len(rows))


def test_a_meter_measures_only_what_is_new() -> None:
    rows = TrackRows.of([TrackRow(k, k / 30, (k, 0, 9, 9), 1, "tracking") for k in range(900)])
    meter = Meter()
    meter.update(rows)
    longer = rows.merged([TrackRow(900, 30.0, (900, 0, 9, 9), 1, "tracking")])
    assert meter.update(longer) == (897, 901)
    other = longer.merged([TrackRow(500, 500 / 30, (0, 0, 9, 9), 1, "tracking")])
    assert meter.update(other) == (497, 504)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_names_units_and_has_a_row_for_each_target_and_frame() -> None:
    targets = demo_targets()
    rows = read(measures_text(targets, HALF_METRE))
    assert list(rows[0]) == [
        "frame", "time [s]", "id", "label", "x [m]", "y [m]", "width [m]", "height [m]",
        "size [m]", "speed [m/s]", "score", "state",
    ]  # fmt: skip
    keys = [(int(row["frame"]), int(row["id"])) for row in rows]
    assert keys == sorted((f, t.id) for t in targets for f in t.rows.columns().frame.tolist())
    car = measure(targets[0].rows.columns(), HALF_METRE)
    mine = [row for row in rows if row["id"] == "1"]
    for place in (0, 40, 329):
        assert float(mine[place]["x [m]"]) == pytest.approx(car.x[place], rel=1e-6)
        assert float(mine[place]["speed [m/s]"]) == pytest.approx(car.speed[place], rel=1e-6)
    lost = [row for row in mine if row["state"] == "lost"]
    assert len(lost) == 21
    assert {(row["x [m]"], row["size [m]"], row["speed [m/s]"]) for row in lost} == {("", "", "")}
    assert all(row["score"] for row in lost)


def test_without_a_scale_the_table_is_in_pixels_and_odd_labels_stay_whole() -> None:
    odd = 'a "b", c\nd'
    target = TargetTrack(4, odd, rows=TrackRows.of([TrackRow(3, 0.1, (0, 0, 4, 9), 1, "tracking")]))
    (row,) = read(measures_text([target]))
    assert row["label"] == odd
    assert (row["x [px]"], row["size [px]"], row["speed [px/s]"]) == ("2", "6", "")


def test_a_table_that_cannot_be_written_says_so_and_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "measures.csv"
    path.write_text("mine")
    write_measures(path, demo_targets())
    assert len(read(path.read_text())) == 990
    with pytest.raises(InputError, match=r"cannot be written: .*; choose a folder"):
        write_measures(tmp_path / "no" / "measures.csv", demo_targets())
    with pytest.raises(InputError, match="cannot be written: it is a folder"):
        write_measures(tmp_path, demo_targets())
    assert [p.name for p in tmp_path.iterdir()] == ["measures.csv"]
