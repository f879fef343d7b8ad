"""Replays: the same again on the same machine, and what differs when something does."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.core.exchange import BoxRow
from app.core.journal import Added, Correction, Entry, Event, Journal, Removed, read_journal
from app.core.replay import Replay, TargetDifference, visits
from app.core.sources.base import Closing, SourceFrame, SourceInfo
from model import Tracker
from model.errors import InputError
from model.geometry import Box
from model.images import Frame
from model.presets import TrackerConfig
from tests.app.sessions import invoke, track, write_weights
from tests.app.square import write_video
from tests.model.tiny import network, scene

EASY = TrackerConfig(
    slots=3, remember_every=2, remember_score=0.0, uncertain_below=0.0, lost_below=0.0,
    unlike_below=-1.0, distractor_ratio=1.1,
)  # fmt: skip
OTHER = (10.0, 12.0, 30.0, 18.0)


class Scenes(Closing):
    """A source of small pictures that can be gone through in any order."""

    seekable = True

    def __init__(self, count: int = 10) -> None:
        self.info = SourceInfo("scenes", 160, 120, count, 10.0, is_live=False)
        self._count, self._next = count, 0

    def __iter__(self) -> Iterator[SourceFrame]:
        while self._next < self._count:
            self._next += 1
            yield frame_at(self._next - 1)

    def seek(self, index: int) -> None:
        self._next = index


class ForwardOnly(Scenes):
    seekable = False

    def seek(self, index: int) -> None:
        Closing.seek(self, index)


def frame_at(index: int) -> SourceFrame:
    return SourceFrame(index, index / 10, scene(index)[0])


def fresh() -> Tracker:
    return Tracker(network(), EASY, device="cpu")


def live_through(path: Path, steps: Sequence[tuple[str, object]]) -> list[Entry]:
    """Let a tracker and a user do `steps`, and note them in a journal as the window does."""
    tracker, at = fresh(), frame_at(0)
    tracker.add(at.rgb, OTHER)
    tracker.remove(1)  # so that ids are other than those of a replay
    with Journal.create(path, {}) as journal:
        for what, value in steps:
            if what == "play":
                at = frame_at(value)
                results = tracker.update(at.rgb, time=at.time_s)
                rows = [
                    BoxRow(at.index, at.time_s, r.id, "", *r.box, r.score, str(r.state), r.reason)
                    for r in results
                ]
                journal.frame(at.index, at.time_s, rows)
            elif what == "show":
                at = frame_at(value)
            elif what == "add":
                id = tracker.add(at.rgb, value, time=at.time_s)
                journal.target(at.index, at.time_s, id, "", value)
            elif what == "correct":
                tracker.correct(2, at.rgb, value, time=at.time_s)
                journal.correction(at.index, at.time_s, 2, value)
            else:
                tracker.remove(value)
                journal.removed(at.index, value)
        journal.event("ended", outcome="done")
    return read_journal(path).entries


MIDDLE: Box = (60.0, 40.0, 20.0, 30.0)
STEPS: list[tuple[str, object]] = [
    ("add", scene(0)[1]), ("play", 1), ("play", 2), ("add", OTHER), ("play", 3),
    ("correct", MIDDLE), ("play", 4), ("play", 5), ("remove", 3), ("play", 6),
    ("show", 3), ("correct", scene(3)[1]), ("play", 4), ("play", 5), ("correct", MIDDLE),
    ("correct", scene(5)[1]), ("play", 6), ("play", 8),
]  # fmt: skip


def replayed(path: Path, source: Scenes | None = None) -> Replay:
    again = Replay(read_journal(path), source or Scenes(), fresh())
    assert [step.done for step in again.run()] == list(range(1, len(again) + 1))
    return again


def test_additions_removals_corrections_and_going_back_replay_the_same(tmp_path: Path) -> None:
    live_through(tmp_path / "j", STEPS)
    again = replayed(tmp_path / "j")
    assert again.is_identical
    assert again.differences == [TargetDifference(2, "", 10), TargetDifference(3, "", 3)]


@pytest.mark.parametrize("left_out", [5, 8, 11, 15])
def test_a_replay_without_one_of_the_actions_differs(tmp_path: Path, left_out: int) -> None:
    kind = {"correct": "correction", "remove": "removed"}[STEPS[left_out][0]]
    nth = [i for i, (what, _) in enumerate(STEPS) if what == STEPS[left_out][0]].index(left_out)
    live_through(tmp_path / "j", STEPS)
    lines = (tmp_path / "j").read_bytes().splitlines(keepends=True)
    actions = [i for i, line in enumerate(lines) if line.startswith(b'{"%s"' % kind.encode())]
    del lines[actions[nth]]
    (tmp_path / "j").write_bytes(b"".join(lines))
    again = replayed(tmp_path / "j")
    assert not again.is_identical
    first = min(t.first for t in again.differences if t.first is not None)
    following = next(v for what, v in STEPS[left_out:] if what == "play")
    assert first == following


def test_differences_are_counted_by_target(tmp_path: Path) -> None:
    entries = live_through(tmp_path / "j", STEPS[:4] + [("play", n) for n in range(3, 9)])
    places = [i for i, e in enumerate(entries) if isinstance(e, BoxRow) and e.id == 2]
    rows = [entries[i] for i in places]
    assert all(isinstance(row, BoxRow) for row in rows)
    entries[places[3]] = replace(rows[3], x=rows[3].x + 2.5, h=rows[3].h - 1)
    entries[places[5]] = replace(rows[5], w=np.nextafter(rows[5].w, 0))
    entries[places[6]] = replace(rows[6], state="lost")
    del entries[places[7]]
    again = Replay(replace(read_journal(tmp_path / "j"), entries=entries), Scenes(), fresh())
    list(again.run())
    first, second = again.differences
    assert (first.differing, first.first) == (4, rows[3].frame)
    assert first.max_px == pytest.approx(2.5)
    assert (second.differing, second.first, second.max_px) == (0, None, 0.0)


def test_source_that_ends_early_differs_from_there(tmp_path: Path) -> None:
    live_through(tmp_path / "j", [("add", scene(0)[1]), *(("play", n) for n in range(1, 9))])
    (target,) = replayed(tmp_path / "j", Scenes(6)).differences
    assert (target.frames, target.differing, target.first, target.max_px) == (8, 3, 6, 0.0)


def test_last_frame_of_a_killed_session_may_lack_targets(tmp_path: Path) -> None:
    live_through(tmp_path / "j", STEPS[:5])
    lines = (tmp_path / "j").read_bytes().splitlines(keepends=True)
    (tmp_path / "j").write_bytes(b"".join(lines[:-2]))
    again = replayed(tmp_path / "j")
    assert again.is_identical
    assert [target.frames for target in again.differences] == [3, 0]


def test_going_back_in_a_source_that_cannot_is_one_sentence(tmp_path: Path) -> None:
    live_through(tmp_path / "j", STEPS)
    with pytest.raises(InputError, match="in order only"):
        replayed(tmp_path / "j", ForwardOnly())


def test_action_on_a_target_that_never_began_is_one_sentence(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "j", {}) as journal:
        journal.correction(1, 0.1, 7, MIDDLE)
    with pytest.raises(InputError, match="target 7 at frame 1"):
        replayed(tmp_path / "j")


def test_visits_keep_the_order_of_the_journal() -> None:
    def row(frame: int, id: int = 1) -> BoxRow:
        return BoxRow(frame, 0.0, id, "", 0.0, 0.0, 1.0, 1.0, 1.0, "tracking", "")

    added, fixed = Added(1, 0.0, 2, "", *MIDDLE), Correction(1, 0.0, 1, *MIDDLE)
    gone = Removed(2, 2)
    entries = [row(1), Event("x"), added, fixed, row(2), row(2, 2), gone, row(2), row(2), row(1)]
    assert [(v.frame, v.rows, v.actions) for v in visits(entries)] == [
        (1, [row(1)], [added, fixed]),
        (2, [row(2), row(2, 2)], [gone]),
        (2, [row(2)], []),
        (2, [row(2)], []),
        (1, [row(1)], []),
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clip, weights, and a session of both."""
    folder = tmp_path_factory.mktemp("replay")
    weights = write_weights(folder / "tiny.safetensors")
    clip = write_video(folder / "square.mp4", 8)
    assert track(clip, folder / "session", weights, "--start", 1).exit_code == 0
    return folder


@pytest.fixture
def mine(place: Path, tmp_path: Path) -> Path:
    """A copy of that session alone."""
    shutil.copytree(place / "session", tmp_path / "session")
    return tmp_path / "session"


def test_command_says_identical(place: Path) -> None:
    before = {path: path.read_bytes() for path in (place / "session").iterdir()}
    result = invoke("replay", place / "session", "--json")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["identical"] is True
    assert document["changed"] == document["machine"] == []
    assert [(t["id"], t["frames"], t["differing"]) for t in document["targets"]] == [(1, 6, 0)]
    assert {path: path.read_bytes() for path in (place / "session").iterdir()} == before


def test_command_says_what_differs(mine: Path) -> None:
    journal = mine / "journal.jsonl"
    lines = journal.read_text().splitlines()
    box = json.loads(lines[4])["box"]
    lines[4] = json.dumps({"box": {**box, "y": box["y"] + 3}})
    header = json.loads(lines[0])
    header["header"]["environment"]["torch"] = "1.0"
    journal.write_text("\n".join([json.dumps(header), *lines[1:]]) + "\n")
    result = invoke("replay", mine)
    assert result.exit_code == 1
    said = " ".join(result.stdout.split())
    assert f"1 of 6 frames differ, the first is frame {box['frame']}; boxes by up to 3 px" in said
    assert "torch: 1.0 then" in said


def test_another_source_and_another_model_are_told(mine: Path, tmp_path: Path) -> None:
    clip = write_video(tmp_path / "other.mp4", 9)
    weights = write_weights(tmp_path / "other.safetensors", seed=1)
    result = invoke("replay", mine, "--source", clip, "--weights", weights)
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    errors = " ".join(result.stderr.split())
    assert f"The source {clip} is not what it was" in errors
    assert f"The model {weights} is not what it was" in errors


def test_session_of_a_folder_of_images_replays(place: Path, tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for index in range(4):
        cv2.imwrite(str(images / f"{index}.png"), picture(index))
    made = track(images, tmp_path / "s", place / "tiny.safetensors", "--rate", 7)
    assert made.exit_code == 0, made.stderr
    moved = images.rename(tmp_path / "moved")
    assert invoke("replay", tmp_path / "s").exit_code == 1
    result = invoke("replay", tmp_path / "s", "--source", moved)
    assert result.exit_code == 0, result.stderr


def picture(index: int) -> Frame:
    return cv2.resize(scene(index)[0], (320, 240))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"source": {"kind": "live", "name": "camera-0"}}, "was live"),
        ({"model": {"preset": "nano", "sha256": "", "weights": "/gone.safetensors"}}, "no weights"),
        ({"environment": None}, "header of the journal"),
        ({"settings": {"tracker": {"device": "cpu"}}}, "does not know (device)"),
        ({"settings": {"tracker": {"slots": "many"}}}, "slots of the tracker cannot be 'many'"),
        ({"settings": {"tracker": {"slots": 0}}}, "slots of the tracker cannot be 0"),
    ],
)
def test_what_cannot_be_replayed_is_one_sentence(
    mine: Path, change: dict[str, object], says: str
) -> None:
    first, *rest = (mine / "journal.jsonl").read_bytes().splitlines(keepends=True)
    header = {**json.loads(first)["header"], **change}
    text = json.dumps({"header": header}).encode() + b"\n"
    (mine / "journal.jsonl").write_bytes(text + b"".join(rest))
    result = invoke("replay", mine)
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_folder_without_a_session_is_one_sentence(tmp_path: Path) -> None:
    result = invoke("replay", tmp_path)
    assert result.exit_code == 1
    assert "holds no session" in result.stderr
