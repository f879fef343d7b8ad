"""Documents: rows that grow and are exchanged, changes that are undone and redone."""

import sys
import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.player.document import (
    Document,
    DocumentState,
    Scale,
    Stretch,
    TargetTrack,
    TrackRow,
    TrackRows,
    free_colour,
)

Numbers = dict[int, float]
"""Scores by frame: tells rows of one frame apart."""


def row(frame: int, score: float = 0.5, state: str = "tracking") -> TrackRow:
    box = (float(frame), 2.0, 3.0, 4.0)
    return TrackRow(frame, frame / 25, box, score, state, "low score" if score < 0.3 else "")


def rows(*frames: int, score: float = 0.5) -> TrackRows:
    return TrackRows.of(row(frame, score) for frame in frames)


def scores(found: TrackRows) -> Numbers:
    return {each.frame: each.score for each in found}


def track(id: int = 1, *frames: int, score: float = 0.5) -> TargetTrack:
    return TargetTrack(id, rows=rows(*frames, score=score), corrections={frames[0]: (0, 0, 9, 9)})


tracks_of_rows = st.dictionaries(
    st.integers(0, 30), st.sampled_from([0.25, 0.5, 0.75, 1.0]), max_size=12
)
stretches = st.tuples(st.integers(0, 30), st.none() | st.integers(0, 12)).map(
    lambda pair: Stretch(pair[0], None if pair[1] is None else pair[0] + pair[1])
)


def made(numbers: Numbers) -> TrackRows:
    return TrackRows.of(row(frame, score) for frame, score in numbers.items())


@given(tracks_of_rows, st.lists(tracks_of_rows, max_size=5))
def test_rows_merged_are_those_of_a_table(first: Numbers, more: list[Numbers]) -> None:
    found, expected = made(first), dict(first)
    for numbers in more:
        before, kept = found, scores(found)
        found = found.merged([row(frame, score) for frame, score in numbers.items()])
        expected |= numbers
        assert scores(before) == kept
    assert list(scores(found).items()) == sorted(expected.items())
    columns = found.columns()
    assert columns.frame.tolist() == sorted(expected)
    assert not columns.boxes.flags.writeable
    assert (found.first, found.last) == (
        (min(expected), max(expected)) if expected else (None, None)
    )
    for frame in range(32):
        at, earlier = found.at(frame), [k for k in expected if k < frame]
        assert (at.score if at is not None else None) == expected.get(frame)
        before_it = found.before(frame)
        assert (before_it.frame if before_it else None) == (max(earlier) if earlier else None)


@given(tracks_of_rows, tracks_of_rows, stretches)
def test_rows_exchanged_are_others_in_a_stretch(a: Numbers, b: Numbers, stretch: Stretch) -> None:
    expected = {k: score for k, score in a.items() if k not in stretch}
    expected |= {k: score for k, score in b.items() if k in stretch}
    found = made(a).exchanged(made(b), stretch)
    assert scores(found) == dict(sorted(expected.items()))
    assert [each.reason for each in found] == [row(k, s).reason for k, s in scores(found).items()]


@given(tracks_of_rows, st.integers(0, 31), st.integers(0, 31))
def test_rows_that_grew_from_one_another_stay_apart(first: Numbers, a: int, b: int) -> None:
    """Two that were cut from the same track and grow on their own."""
    whole = made(first)
    one, other = whole.until(a), whole.until(b)
    one_longer = one.merged([row(40, 0.25)])
    other_longer = other.merged([row(50, 0.75), row(51, 0.75)])
    head = {k: s for k, s in sorted(first.items()) if k < a}
    assert scores(one_longer) == head | {40: 0.25}
    head = {k: s for k, s in sorted(first.items()) if k < b}
    assert scores(other_longer) == head | {50: 0.75, 51: 0.75}
    assert scores(whole) == dict(sorted(first.items()))
    assert scores(one_longer.exchanged(other_longer, Stretch(45))) == (
        scores(one_longer) | {50: 0.75, 51: 0.75}
    )


def test_rows_of_a_long_track_are_read_while_they_grow() -> None:
    found = TrackRows()
    wrong: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            now = found
            columns = now.columns()
            if len(columns.frame) and columns.frame[-1] != len(now) - 1:
                wrong.append(len(now))

    reader = threading.Thread(target=read)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        reader.start()
        for frame in range(3000):
            found = found.merged([row(frame)])
    finally:
        done.set()
        reader.join()
        sys.setswitchinterval(interval)
    assert wrong == []
    assert len(found) == 3000


def test_change_of_a_name_leaves_what_is_tracked_meanwhile() -> None:
    document = Document()
    document.add(track(1, 0))
    document.change(1, "Rename", lambda t: replace(t, label="cat"))
    document.grow({1: [row(1), row(2)]})
    undone = document.undo()
    assert undone is not None
    assert undone.touched == {}
    assert document.state.targets[0].label == ""
    assert scores(document.state.targets[0].rows) == {0: 0.5, 1: 0.5, 2: 0.5}
    document.grow({1: [row(3)]})
    document.redo()
    assert document.state.targets[0].label == "cat"
    # what came while it was undone stays as well
    assert sorted(scores(document.state.targets[0].rows)) == [0, 1, 2, 3]


def corrected(frame: int, stop: int | None) -> Callable[[Document], int | None]:
    return lambda document: document.change(
        1,
        "Correct box",
        lambda t: replace(
            t,
            rows=t.rows.merged([row(frame, 1.0)]),
            corrections={**t.corrections, frame: (1, 1, 9, 9)},
        ),
        Stretch(frame, stop),
    )


def test_change_of_rows_takes_back_those_of_its_stretch_alone() -> None:
    document = Document()
    document.add(track(1, *range(10)))
    number = corrected(4, 7)(document)
    document.grow({1: [row(5, 0.75), row(6, 0.75)]})
    document.grow({1: [row(10, 0.25), row(2, 0.25)]})
    undone = document.undo()
    assert undone is not None
    assert (undone.edit, undone.touched) == (number, {1: Stretch(4, 7)})
    found = scores(document.state.targets[0].rows)
    assert found == {k: 0.25 if k in (2, 10) else 0.5 for k in range(11)}
    assert set(document.state.targets[0].corrections) == {0}
    document.grow({1: [row(11, 0.25)]})
    document.redo()
    found = scores(document.state.targets[0].rows)
    assert (found[4], found[5], found[6], found[11]) == (1.0, 0.75, 0.75, 0.25)
    assert set(document.state.targets[0].corrections) == {0, 4}


def test_target_comes_back_as_it_was_left() -> None:
    document = Document()
    document.add(track(1, 0))
    document.grow({1: [row(1)]})
    document.remove([1, 7])
    assert document.remove([7]) is None
    document.undo()
    assert sorted(scores(document.state.targets[0].rows)) == [0, 1]
    document.undo()
    assert document.state.targets == ()
    document.redo()
    assert sorted(scores(document.state.targets[0].rows)) == [0, 1]
    document.grow({1: [row(2)]})
    document.redo()
    document.undo()
    assert sorted(scores(document.state.targets[0].rows)) == [0, 1, 2]


def test_numbers_are_given_once() -> None:
    document = Document(DocumentState((track(4, 0), track(7, 0))))
    assert document.next_id() == 8
    document.remove([7])
    assert document.next_id() == 8
    document.add(track(8, 0))
    document.undo()
    assert document.next_id() == 9
    assert Document().next_id() == 1


def test_view_is_undone_field_by_field() -> None:
    document = Document()
    document.set_view("Set range", in_frame=3, out_frame=9)
    document.add(track(1, 0))
    document.set_view("Set scale", scale=Scale((0, 0), (5, 0), 1.0))
    document.set_view("Set scale", scale=Scale((0, 0), (5, 0), 1.0))
    assert [document.undo_text, document.redo_text] == ["Set scale", ""]
    document.undo()
    assert (document.state.scale, document.state.in_frame) == (None, 3)
    document.undo()
    document.undo()
    assert (document.state.in_frame, document.state.out_frame) == (None, None)
    assert not document.can_undo
    assert document.undo() is None
    document.redo()
    assert (document.state.in_frame, document.state.out_frame) == (3, 9)
    document.set_view("Set range", out_frame=5)
    assert not document.can_redo
    assert document.redo() is None


def test_change_that_changes_nothing_is_none() -> None:
    document = Document()
    document.add(track(1, 0))
    version = document.state.version
    assert document.change(1, "Rename", lambda t: replace(t, label="")) is None
    assert document.change(2, "Rename", lambda t: replace(t, label="x")) is None
    document.grow({1: [], 5: [row(3)]})
    assert document.state.version == version
    assert document.undo_text == "Add target"


def test_saved_is_what_was_marked() -> None:
    document = Document()
    assert not document.is_modified
    document.add(track(1, 0))
    assert document.is_modified
    saved = document.state
    document.grow({1: [row(1)]})
    document.mark_saved(saved)
    assert document.is_modified
    document.mark_saved()
    assert not document.is_modified
    document.undo()
    assert document.is_modified


def test_what_was_undone_since_it_was_saved_is_no_change() -> None:
    document = Document()
    document.add(track(1, 0))
    document.grow({1: [row(1), row(2)]})
    document.mark_saved()

    def drawn(target: TargetTrack) -> TargetTrack:
        rows = target.rows.merged([replace(row(1), box=(9.0, 9.0, 9.0, 9.0))])
        return replace(target, rows=rows, corrections={**target.corrections, 1: rows[1].box})

    for act in (
        lambda: document.change(1, "Correct box", drawn, Stretch(1)),
        lambda: document.change(1, "Rename", lambda t: replace(t, label="x")),
        lambda: document.set_view("Set range", in_frame=1),
        lambda: document.add(track(2, 1)),
        lambda: document.remove([1]),
    ):
        act()
        assert document.is_modified
        document.undo()
        assert not document.is_modified
        document.redo()
        assert document.is_modified
        document.undo()
    document.grow({1: [row(3)]})
    assert document.is_modified


def test_a_new_target_has_a_colour_that_no_other_has_as_long_as_there_is_one() -> None:
    assert [free_colour(id, set()) for id in (1, 8, 9)] == [0, 7, 0]
    assert free_colour(9, {0, 1, 3}) == 2
    assert free_colour(8, {7}) == 0
    assert free_colour(3, set(range(8))) == 2


def test_history_is_limited() -> None:
    document = Document()
    document.add(track(1, 0))
    for k in range(300):
        document.change(1, "Rename", lambda t, k=k: replace(t, label=str(k)))  # type: ignore[misc]
    undone = 0
    while document.undo() is not None:
        undone += 1
    assert undone == 200
    assert document.state.targets[0].label == "99"


steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "rename", "correct", "grow"]),
        st.integers(1, 3),
        st.integers(0, 20),
        st.integers(1, 6),
    ),
    max_size=12,
)


@given(steps)
def test_all_changes_undone_and_redone_give_the_same(what: list[tuple[str, int, int, int]]) -> None:
    document = Document()
    states = [document.state]
    for kind, id, frame, span in what:
        before = document.undo_text, len(document._done)
        if kind == "add":
            document.add(track(document.next_id(), frame))
        elif kind == "remove":
            document.remove([id])
        elif kind == "rename":
            document.change(id, "Rename", lambda t, f=frame: replace(t, label=str(f)))  # type: ignore[misc]
        elif kind == "correct":
            document.change(
                id,
                "Correct",
                lambda t, f=frame: replace(  # type: ignore[misc]
                    t,
                    rows=t.rows.merged([row(f, 1.0)]),
                    corrections={**t.corrections, f: (1, 1, 2, 2)},
                ),
                Stretch(frame, frame + span),
            )
        elif states[-1].target(id) is not None:
            document.grow({id: [row(k, 0.75) for k in range(frame, frame + span)]})
        if (document.undo_text, len(document._done)) != before:
            states.append(document.state)
        else:
            states[-1] = document.state
    seen = [told(document.state)]
    while document.undo() is not None:
        seen.append(told(document.state))
    assert seen[-1] == []
    assert len(seen) == len(states)
    again = []
    while document.redo() is not None:
        again.append(told(document.state))
    assert again == seen[-2::-1]


def told(state: DocumentState) -> list[tuple[int, str, list[int], Numbers]]:
    return [(t.id, t.label, sorted(t.corrections), scores(t.rows)) for t in state.targets]


@pytest.mark.parametrize("count", [20_000])
def test_growing_and_looking_up_cost_the_same_however_long_a_track_is(count: int) -> None:
    """Counted in rows copied rather than in time."""
    found = TrackRows.of(row(frame) for frame in range(count))
    stores = set()
    for frame in range(count, count + 2000):
        found = found.merged([row(frame)])
        stores.add(id(found._store))
    # the room doubles, so that it was moved twice at most
    assert len(stores) <= 2
    columns = found.columns()
    assert np.shares_memory(columns.boxes, found._store.boxes)
