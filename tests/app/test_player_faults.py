"""What goes wrong while a file is played: told in a sentence, and nothing made so far is lost."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.core.player.snapshot import Playback
from app.core.sources import Source, SourceFrame
from model.errors import InputError, WeightsError
from tests.app.clips import cut_off, encode, noise
from tests.app.playing import Watched, frames_of, tracked, watched
from tests.app.square import PatchTracker, square_at, write_video

COUNT = 20


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("player") / "short.mp4", COUNT)


@pytest.fixture(scope="module")
def frames(short: Path) -> list[SourceFrame]:
    return frames_of(short)


@pytest.fixture
def paused(short: Path) -> Iterator[Watched]:
    """Paused on the first frame, with a target on the square."""
    with watched(short, boxes=[square_at(0)], paused=True) as player:
        player.until(lambda s: len(s.marks) == 1)
        yield player


def test_box_outside_is_told_and_playing_goes_on(short: Path) -> None:
    with watched(short, boxes=[(900, 900, 10, 10)]) as player:
        assert player.ended().frame.index == COUNT - 1  # type: ignore[union-attr]
        assert player.player.document.state.targets == ()
        (sentence,) = player.notices()
        assert "outside" in sentence


def test_correction_outside_leaves_all_as_it_was(
    paused: Watched, frames: list[SourceFrame]
) -> None:
    paused.played_to(5)
    paused.player.correct(1, (900, 900, 10, 10))
    paused.player.correct(7, square_at(5))
    paused.played_to(9)
    assert len(paused.notices()) == 1
    assert paused.rows(1) == tracked(frames, {0: square_at(0)}, 9)
    assert paused.player.document.undo_text == "Add target"


def test_model_that_cannot_be_loaded_is_told_once_and_the_video_plays(short: Path) -> None:
    def load() -> PatchTracker:
        raise WeightsError("The weights are damaged; install the program anew.")

    with watched(short, load) as player:
        player.ended()
        assert player.notices() == ["The weights are damaged; install the program anew."]
        player.player.add(square_at(COUNT - 1))
        player.done()
        assert len(player.notices()) == 2
        assert player.player.document.state.targets == ()


def test_model_whose_loading_breaks_is_told_in_a_sentence(short: Path) -> None:
    def load() -> PatchTracker:
        raise RuntimeError("boom")

    with watched(short, load, boxes=[square_at(0)]) as player:
        player.ended()
        (sentence,) = player.notices()
        assert sentence.startswith("The tracker cannot be loaded (RuntimeError: boom)")


def test_source_that_cannot_be_opened_fails_with_its_sentence() -> None:
    def fail() -> Source:
        raise InputError("There is nothing there.")

    with watched(fail) as player:
        player.until(lambda s: s.playback is Playback.FAILED)
        assert player.notices() == ["There is nothing there."]


def test_file_that_is_cut_off_ends_with_its_sentence(tmp_path: Path) -> None:
    path = cut_off(encode(tmp_path / "cut.mkv", noise(40)), 0.5)
    with watched(path) as player:
        last = player.ended()
        assert last.frame is not None
        assert 5 < last.frame.index < 39
        assert any("cut off" in sentence for sentence in player.notices())
        told = len(player.notices())
        # all that is there can be gone to and played again
        player.went(2)
        player.player.play()
        assert player.until(lambda s: s.playback is Playback.ENDED).frame is not None
        assert len(player.notices()) <= told + 1


def images(folder: Path, pictures: list[np.ndarray]) -> Path:
    import cv2

    folder.mkdir()
    for k, picture in enumerate(pictures):
        cv2.imwrite(str(folder / f"{k}.png"), picture[:, :, ::-1])
    return folder


def test_size_that_changes_is_told_once_and_boxes_can_be_drawn_again(
    tmp_path: Path, frames: list[SourceFrame]
) -> None:
    pictures = [frame.rgb for frame in frames[:8]] + [frame.rgb[:120] for frame in frames[8:16]]
    folder = images(tmp_path / "mixed", pictures)
    with watched(folder, boxes=[square_at(0)], paused=True) as player:
        player.player.add((5, 5, 40, 40))
        player.played_to(11)
        assert sorted(player.rows(1)) == list(range(8))
        assert [s for s in player.notices() if "another size" in s] == [
            "The frame has another size than those before it."
        ]
        player.player.add(square_at(11))
        player.player.correct(1, square_at(11))
        player.played_to(15)
        assert sorted(player.rows(3)) == list(range(11, 16))
        assert sorted(player.rows(1)) == [*range(8), *range(11, 16)]
        assert len(player.notices()) == 2  # with that of the folder


def test_damaged_image_is_told_and_those_after_it_can_be_gone_to(
    tmp_path: Path, frames: list[SourceFrame]
) -> None:
    folder = images(tmp_path / "damaged", [frame.rgb for frame in frames[:9]])
    (folder / "4.png").write_bytes(b"no image")
    with watched(folder) as player:
        assert player.ended().frame.index == 3  # type: ignore[union-attr]
        player.went(5)
        player.player.play()
        assert player.until(lambda s: s.frame is not None and s.frame.index == 8)
        player.ended()
        assert ["4.png" in sentence for sentence in player.notices()] == [True]


class Breaking(PatchTracker):
    """Breaks in an update."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def update(self, rgb, time=0.0, others=()):  # type: ignore[no-untyped-def]
        self.after -= 1
        if self.after == -1:
            raise RuntimeError("CUDA error: out of luck\nmore\nlines")
        return super().update(rgb, time, others)


def test_tracker_that_breaks_gives_way_to_the_fallback(
    short: Path, frames: list[SourceFrame]
) -> None:
    loaded = iter([Breaking(6), PatchTracker()])
    with watched(
        short, lambda: next(loaded), fallback=PatchTracker, boxes=[square_at(0)], paused=True
    ) as player:
        player.played_to(12)
        player.done()
        assert sorted(player.rows(1)) == list(range(13))
        assert player.rows(1)[12][0] == pytest.approx(square_at(12), abs=1.5)
        assert player.notices() == [
            "The tracker broke (RuntimeError: CUDA error: out of luck); it goes on on the CPU."
        ]


def test_tracker_that_breaks_without_fallback_is_told_and_boxes_can_be_drawn_again(
    short: Path,
) -> None:
    loaded = iter([Breaking(6), PatchTracker()])
    with watched(short, lambda: next(loaded), boxes=[square_at(0)], paused=True) as player:
        player.played_to(9)
        (sentence,) = player.notices()
        assert "draw the boxes again" in sentence
        player.player.add(square_at(9))
        player.played_to(12)
        assert sorted(player.rows(2)) == list(range(9, 13))
        # the one that was given up as well, where it is corrected
        player.went(4)
        player.player.correct(1, square_at(4))
        player.done()
        player.went(12)
        player.played_to(15)
        assert sorted(player.rows(1)) == list(range(16))


def test_tracker_that_breaks_on_a_new_box_gives_way_to_the_fallback(short: Path) -> None:
    class Bad(PatchTracker):
        def add(self, rgb, box, time=0.0):  # type: ignore[no-untyped-def]
            raise RuntimeError("no")

    with watched(short, Bad, fallback=PatchTracker, boxes=[square_at(0)]) as player:
        player.ended()
        assert sorted(player.rows(1)) == list(range(COUNT))
        assert len(player.notices()) == 1


def test_tracker_that_breaks_in_the_background_gives_way_to_the_fallback(
    short: Path, frames: list[SourceFrame]
) -> None:
    loaded = iter([PatchTracker(), Breaking(6)])
    with watched(
        short, lambda: next(loaded), fallback=PatchTracker, boxes=[square_at(0)], paused=True
    ) as player:
        player.played_to(15)
        player.went(3)
        player.player.correct(1, square_at(4))
        player.done()
        assert player.rows(1) == tracked(frames, {0: square_at(0), 3: square_at(4)}, 15)
        player.played_to(17)
        assert player.rows(1) == tracked(frames, {0: square_at(0), 3: square_at(4)}, 17)
        (sentence,) = player.notices()
        assert "it goes on on the CPU" in sentence


def test_fault_in_a_command_is_told_and_nothing_is_lost(paused: Watched) -> None:
    def broken() -> None:
        raise ZeroDivisionError("oh")

    paused.played_to(3)
    paused.player._do(broken)
    paused.played_to(6)
    assert sorted(paused.rows(1)) == list(range(7))
    (sentence,) = paused.notices()
    assert "ZeroDivisionError: oh" in sentence


def test_notice_of_the_tracker_is_told_once(short: Path) -> None:
    class Saying(PatchTracker):
        notice = ""

        def update(self, rgb, time=0.0, others=()):  # type: ignore[no-untyped-def]
            self.notice = "The memory is full."
            return super().update(rgb, time, others)

    with watched(short, Saying, boxes=[square_at(0)]) as player:
        player.ended()
        assert player.notices() == ["The memory is full."]


def test_another_tracker_in_the_middle_goes_on_with_all(
    short: Path, frames: list[SourceFrame]
) -> None:
    class Other(PatchTracker):
        preset = "other"

    with watched(short, boxes=[square_at(0), square_at(0)], paused=True) as player:
        player.played_to(7)
        player.player.set_tracker(Other)
        player.played_to(12)
        assert player.done().tracker == "other on cpu"
        for id in (1, 2):
            assert sorted(player.rows(id)) == list(range(13))
            assert player.rows(id)[12][0] == pytest.approx(square_at(12), abs=1.5)
            # up to there nothing changed
            before = {k: row for k, row in player.rows(id).items() if k <= 7}
            assert before == tracked(frames, {0: square_at(0)}, 7)
