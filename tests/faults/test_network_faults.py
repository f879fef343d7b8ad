"""A network that gives no numbers, a device without memory, weights that nobody wrote."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.job import Outputs, Target, TrackJob
from app.core.journal import Event, read_journal
from app.core.session import Session
from app.core.sources import VideoFile
from model.errors import WeightsError
from model.geometry import iou
from model.presets import TrackerConfig
from model.runtime.base import Encoded, Found
from model.states import State
from model.tracker import Tracker
from model.weights import load, save
from tests.app.square import square_at, write_video
from tests.faults.endless import about
from tests.model.tiny import network, scene

Step = Callable[..., Any]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("clip") / "square.mp4", 24)


class Faulty:
    """A runner that another one does the work for, until a step is to fail."""

    name = "faulty"

    def __init__(self, tracker: Tracker) -> None:
        self._inner, self._buffer = tracker._observer.runner, tracker._buffer
        self.search: Step = self._inner.search
        self.encode: Step = self._inner.encode
        tracker._observer.runner = self  # type: ignore[assignment]

    def numberless(self, *args: Any) -> Found:
        """Search, and say nothing that is a number."""
        found = self._inner.search(*args)
        return Found(*(np.full_like(part, np.nan) for part in vars(found).values()))

    def numberless_keys(self, *args: Any) -> Encoded:
        """Encode, and spoil one number of the keys."""
        encoded = self._inner.encode(*args)
        *rest, (keys, values) = encoded.keys
        keys = keys.clone()
        keys[0, 0, 0, 3, 2] = float("nan")
        return Encoded([*rest, (keys, values)], encoded.descriptor)

    def dead(self, *args: Any) -> Found:
        """Stand on a device that is gone, and its memory with it."""
        for keys in (*self._buffer._k, *self._buffer._v):
            keys.fill_(float("nan"))
        raise RuntimeError("CUDA error: unspecified launch failure")

    def full(self, *args: Any) -> Found:
        """Have no memory for it."""
        raise torch.OutOfMemoryError("CUDA out of memory.")


def test_network_without_numbers_is_told_keeps_the_box_and_recovers(clip: Path) -> None:
    tracker = Tracker.load("nano", device="cpu", runtime="torch")
    runner = Faulty(tracker)
    with VideoFile(clip) as source:
        frames = list(source)
    tracker.add(frames[0].rgb, square_at(0))
    before = [tracker.update(frame.rgb)[0] for frame in frames[1:8]][-1]
    assert before.state is State.TRACKING
    runner.search = runner.numberless
    while_failing = [tracker.update(frame.rgb)[0] for frame in frames[8:11]]
    assert {r.reason for r in while_failing} == {"the network gave no number"}
    assert {r.state for r in while_failing} == {State.UNCERTAIN}
    assert {r.box for r in while_failing} == {before.box}
    assert {r.score for r in while_failing} == {0.0}
    runner.search = runner._inner.search
    after = [tracker.update(frame.rgb)[0] for frame in frames[11:]][-1]
    assert after.state is State.TRACKING
    assert iou(np.array(after.box), np.array(square_at(23))) > 0.5


def test_frame_without_numbers_is_not_remembered() -> None:
    # a score of 0 is sure enough here: every frame is to be remembered
    config = TrackerConfig(
        slots=3, remember_every=1, remember_score=0, uncertain_below=0, sure_above=0,
        lost_below=0, unlike_below=-1, distractor_ratio=2,
    )  # fmt: skip
    tracker = Tracker(network(), config, device="cpu", runtime="torch")
    runner = Faulty(tracker)
    first, box = scene(0)
    tracker.add(first, box)
    runner.encode = runner.numberless_keys
    result = tracker.update(scene(1)[0])[0]
    assert [slot.index for slot in result.slots] == [0]
    runner.encode = runner._inner.encode
    results = [tracker.update(scene(k)[0])[0] for k in (2, 3)]
    assert [len(r.slots) for r in results] == [2, 3]
    assert all(np.isfinite(r.score) and r.reason == "" for r in results)


def on_a_device(tracker: Tracker) -> Tracker:
    """The tracker as if it stood on a GPU, which this machine may not have."""
    tracker.device, tracker.precision = torch.device("cuda"), "bfloat16"
    return tracker


Seen = tuple[int, float, float, float, float, float]


def follow_two(tracker: Tracker, before: Callable[[int], None] = lambda k: None) -> list[Seen]:
    """What is seen of two targets over six updates; `before` is told of each."""
    tracker.add(*scene(0))
    seen = []
    for k in range(1, 7):
        before(k)
        if k == 2:
            tracker.add(scene(2)[0], (60.0, 60.0, 20.0, 20.0))
        seen += [(r.id, *r.box, r.score) for r in tracker.update(scene(k)[0])]
    return seen


EASY = TrackerConfig(
    slots=8, remember_every=1, remember_score=0, uncertain_below=0, sure_above=0, lost_below=0,
    unlike_below=-1, distractor_ratio=2,
)  # fmt: skip


@pytest.mark.parametrize("step", ["search", "encode"])
@pytest.mark.parametrize("when", [1, 2, 4])
def test_dead_device_is_left_for_the_cpu_and_what_was_remembered_is_encoded_anew(
    step: str, when: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.tracker.answers", lambda device: False)
    same, moved = (Tracker(network(), EASY, device="cpu", runtime="torch") for _ in range(2))
    runner = Faulty(on_a_device(moved))

    def fail(k: int) -> None:
        if k == when:
            setattr(runner, step, runner.dead)

    seen = follow_two(moved, fail)
    assert np.array(seen) == pytest.approx(np.array(follow_two(same)), abs=1e-3)
    assert moved.notice == (
        "The device cuda does not answer any more; tracking goes on on the CPU, more slowly."
    )
    assert (str(moved.device), moved.precision) == ("cpu", "float32")
    assert [len(moved.slots(i)) for i in moved.ids] == [len(same.slots(i)) for i in same.ids]


def test_fault_of_a_device_that_lives_is_no_reason_to_leave_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("model.tracker.answers", lambda device: True)
    tracker = Tracker(network(), EASY, device="cpu", runtime="torch")
    runner = Faulty(on_a_device(tracker))
    tracker.add(*scene(0))
    runner.search = runner.dead
    with pytest.raises(RuntimeError, match="launch failure"):
        tracker.update(scene(1)[0])
    assert (tracker.notice, tracker.device.type) == ("", "cuda")


@pytest.mark.parametrize("step", ["search", "encode"])
def test_device_without_memory_is_left_for_the_cpu_with_all_that_was_known(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)
    same = Tracker(network(), TrackerConfig(slots=3), device="cpu", runtime="torch")
    moved = Tracker(network(), TrackerConfig(slots=3), device="cpu", runtime="torch")
    runner = Faulty(on_a_device(moved))
    setattr(runner, step, runner.full)
    results = []
    for tracker in (same, moved):
        tracker.add(*scene(0))
        seen = []
        for k in range(1, 5):
            if k == 2:
                tracker.add(scene(2)[0], (60.0, 60.0, 20.0, 20.0))
            seen += [(r.id, *r.box, r.score) for r in tracker.update(scene(k)[0])]
        results.append(np.array(seen))
    assert moved.notice == "The memory of cuda is full; tracking goes on on the CPU, more slowly."
    assert (str(moved.device), moved.precision, same.notice) == ("cpu", "float32", "")
    assert {p.device.type for p in moved.network.parameters()} == {"cpu"}
    assert results[1] == pytest.approx(results[0], abs=1e-3)


def test_cpu_without_memory_has_nowhere_to_go() -> None:
    tracker = Tracker(network(), TrackerConfig(slots=3), device="cpu", runtime="torch")
    runner = Faulty(tracker)
    tracker.add(*scene(0))
    runner.search = runner.full
    with pytest.raises(torch.OutOfMemoryError):
        tracker.update(scene(1)[0])
    assert tracker.notice == ""


def test_session_notes_that_the_device_was_left(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)
    made = Tracker(network(), TrackerConfig(slots=3), device="cpu", runtime="torch")
    tracker = on_a_device(made)
    runner = Faulty(tracker)
    folder = tmp_path / "session"
    with VideoFile(clip) as source:
        session = Session(folder, about())
        job = TrackJob(source, tracker, [Target(square_at(0))], Outputs(), session=session)
        for step in job.run():
            if step.frame == 10:
                runner.search = runner.full
    assert job.problems == []
    entries = read_journal(folder / "journal.jsonl").entries
    events = [entry for entry in entries if isinstance(entry, Event)]
    assert [event.name for event in events] == ["notice", "ended"]
    assert events[0].details == {"sentence": tracker.notice}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("weights") / "whole.safetensors"
    save(network(), path, preset="nano")
    return path.read_bytes()


def load_or_sentence(data: bytes) -> None:
    """Load weights; what cannot be loaded is one sentence."""
    with TemporaryDirectory() as name:
        path = Path(name) / "any.safetensors"
        path.write_bytes(data)
        said = ""
        try:
            made, preset = load(path)
        except WeightsError as error:
            said = str(error)
        if said:
            assert said.endswith(".")
            assert "\n" not in said
            return
        assert preset == "nano"
        assert all(bool(torch.isfinite(p).all()) for p in made.parameters())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@settings(max_examples=25)
@given(
    data=st.binary(max_size=80),
    place=st.floats(0, 0.999),
    flips=st.lists(st.integers(0, 255), max_size=6),
    length=st.integers(0, 2**64 - 1),
)
def test_weights_of_any_bytes(
    weights: bytes, data: bytes, place: float, flips: list[int], length: int
) -> None:
    load_or_sentence(data)
    load_or_sentence(length.to_bytes(8, "little") + weights[8:])
    head = int.from_bytes(weights[:8], "little")
    for end in (8 + head, len(weights)):
        turned = bytearray(weights)
        for offset, value in enumerate(flips):
            turned[min(int(place * end) + 7 * offset, len(weights) - 1)] = value
        load_or_sentence(bytes(turned))


@settings(max_examples=25)
@given(key=st.sampled_from(["format", "preset", "network", "dim", "stem", "template"]), new=JSON)
def test_weights_with_any_header(weights: bytes, key: str, new: Any) -> None:
    length = int.from_bytes(weights[:8], "little")
    header = json.loads(weights[8 : 8 + length])
    about_it = header["__metadata__"]
    if key in about_it:
        about_it[key] = json.dumps(new)
    else:
        about_it["network"] = json.dumps({**json.loads(about_it["network"]), key: new})
    text = json.dumps(header).encode()
    load_or_sentence(len(text).to_bytes(8, "little") + text + weights[8 + length :])
