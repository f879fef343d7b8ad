"""Projects: what is saved comes back, and no file of any kind does harm."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.core.player.document import (
    STATES,
    DocumentState,
    Scale,
    TargetTrack,
    TrackRow,
    TrackRows,
)
from app.core.sources import open_source
from app.core.studio.project import (
    Project,
    ProjectFile,
    open_project,
    read_project,
    with_project_ending,
)
from app.core.studio.project_source import (
    ProjectSource,
    check_source,
    locate,
    refer_project_source,
    with_place,
)
from model.errors import InputError
from tests.app.clips import encode, quarters
from tests.faults.conftest import Freeze, freeze, small_disk

__all__ = ["freeze", "small_disk"]

SOURCE = ProjectSource("file", "clip", "/videos/clip.mp4", width=96, height=64)
frames = st.integers(0, 1 << 40)
numbers = st.floats(-1e9, 1e9)
sides = st.floats(0, 1e9)
boxes = st.tuples(numbers, numbers, sides, sides)
rows = st.builds(
    TrackRow, frames, numbers, boxes, st.floats(0, 1, width=32), st.sampled_from(STATES),
    st.sampled_from(["", "peak too low", "found in the whole frame"]) | st.text(max_size=5),
)  # fmt: skip
tracks = st.builds(
    TargetTrack, st.integers(1, 1 << 40), label=st.text(max_size=20), colour=st.integers(0, 7),
    visible=st.booleans(), begun=frames,
    rows=st.lists(rows, max_size=8).map(TrackRows.of),
    corrections=st.dictionaries(frames, boxes, max_size=3),
)  # fmt: skip
points = st.tuples(numbers, numbers)
documents = st.builds(
    DocumentState,
    st.lists(tracks, max_size=4, unique_by=lambda t: t.id).map(tuple),
    in_frame=st.none() | frames, out_frame=st.none() | frames,
    scale=st.none() | st.builds(
        Scale, points, points, st.floats(1e-6, 1e6), st.sampled_from(["m", "µm", "Fuß", "米"])
    ),
)  # fmt: skip
views = st.dictionaries(
    st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text(max_size=5)
)


def small_document() -> DocumentState:
    found = [
        TrackRow(k, k / 25, (10.0 + k, 20.0, 30.0, 40.0), 0.5, "tracking", "sure" if k == 3 else "")
        for k in range(10)
    ]
    target = TargetTrack(
        1, "Käfer 🐞", 3, begun=0, rows=TrackRows.of(found), corrections={0: found[0].box}
    )
    return DocumentState((target,), in_frame=2, scale=Scale((0.0, 0.0), (3.0, 4.0), 10.0, "cm"))


def assert_same(one: DocumentState, other: DocumentState) -> None:
    """Everything but the version, which counts changes of one run."""
    assert (one.in_frame, one.out_frame, one.scale) == (
        other.in_frame, other.out_frame, other.scale,
    )  # fmt: skip
    assert len(one.targets) == len(other.targets)
    for a, b in zip(one.targets, other.targets, strict=True):
        assert replace(a, rows=b.rows) == b
        assert list(a.rows) == list(b.rows)


def save(path: Path, project: Project) -> Path:
    with ProjectFile(path) as file:
        file.save(project)
    return path


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return save(tmp_path / "work.sttproj", Project(SOURCE, small_document(), {"zoom": 2}))


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return encode(tmp_path / "clip.mp4", [quarters()] * 3)


def referred(path: Path) -> ProjectSource:
    with open_source(str(path)) as source:
        return refer_project_source(str(path), source.info)


def sentence(error: BaseException) -> str:
    text = str(error)
    assert "\n" not in text
    assert text.endswith(".")
    return text


class TestRoundTrip:
    @given(document=documents, view=views)
    @settings(max_examples=60, deadline=None)
    def test_every_document_comes_back(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        document: DocumentState,
        view: dict[str, Any],
    ) -> None:
        path = tmp_path_factory.getbasetemp() / "any.sttproj"
        save(path, Project(SOURCE, document, view))
        found = read_project(path)
        assert_same(found.document, document)
        assert found.view == view
        assert replace(found.source, relative="") == SOURCE

    def test_saving_again_replaces_the_former_state(self, saved: Path) -> None:
        opened = open_project(saved)
        assert opened.notice == ""
        assert opened.file is not None
        with opened.file as file:
            file.save(replace(opened.project, document=DocumentState()))
            file.save(replace(opened.project, view={"trail": 7}))
        assert read_project(saved).view == {"trail": 7}
        assert_same(read_project(saved).document, small_document())
        assert not list(saved.parent.glob("*.part*"))

    def test_row_that_is_no_box_does_not_keep_the_others_from_being_saved(
        self, tmp_path: Path
    ) -> None:
        good = TrackRow(1, 0.1, (1.0, 2.0, 3.0, 4.0), 1.0, "lost", "dark")
        bad = [
            TrackRow(0, 0.0, (float("nan"), 2.0, 3.0, 4.0), 0.5, "tracking", "why"),
            TrackRow(2, 0.2, (1.0, 2.0, -3.0, 4.0), 0.5, "tracking"),
            TrackRow(3, float("inf"), (1.0, 2.0, 3.0, 4.0), 0.5, "tracking"),
        ]
        odd = TrackRow(4, 0.4, (1.0, 2.0, 3.0, 4.0), 1.5, "tracking")
        target = TargetTrack(1, rows=TrackRows.of([good, *bad, odd]))
        path = save(tmp_path / "p.sttproj", Project(SOURCE, DocumentState((target,))))
        (found,) = read_project(path).document.targets
        assert list(found.rows) == [good, replace(odd, score=1.0)]

    def test_file_whose_name_is_no_text_can_be_saved_and_is_asked_for(self, tmp_path: Path) -> None:
        name = os.fsdecode(b"caf\xe9.mp4")
        source = replace(SOURCE, name=name, path=f"/videos/{name}")
        path = save(tmp_path / "p.sttproj", Project(source, small_document()))
        found = read_project(path)
        assert_same(found.document, small_document())
        assert locate(found.source, path).path is None

    def test_numbers_of_states_in_files_stay(self, saved: Path) -> None:
        raw = json.loads(saved.read_text())
        raw["document"]["targets"][0]["rows"]["state"][:4] = [0, 1, 2, 3]
        saved.write_text(json.dumps(raw))
        (target,) = read_project(saved).document.targets
        states = [row.state for row in target.rows][:4]
        assert states == ["tracking", "uncertain", "lost", "recovered"]

    @pytest.mark.parametrize(
        ("name", "ending"), [("a", "a.sttproj"), ("a.STTPROJ", "a.STTPROJ"), ("a.b", "a.b.sttproj")]
    )
    def test_ending_is_put_on_once(self, name: str, ending: str) -> None:
        assert with_project_ending(Path("x") / name) == Path("x") / ending


def change(path: Path, act: Callable[[Any], None]) -> None:
    raw = json.loads(path.read_text())
    act(raw)
    path.write_text(json.dumps(raw))


def target_of(raw: Any) -> Any:
    return raw["document"]["targets"][0]


DAMAGE: dict[str, Callable[[Any], None]] = {
    "no source": lambda raw: raw.pop("source"),
    "kind": lambda raw: raw["source"].update(kind="thing"),
    "text for a number": lambda raw: target_of(raw).update(id="1"),
    "missing column": lambda raw: target_of(raw)["rows"].pop("x"),
    "shorter column": lambda raw: target_of(raw)["rows"]["x"].pop(),
    "frames out of order": lambda raw: target_of(raw)["rows"]["frame"].reverse(),
    "negative frame": lambda raw: target_of(raw)["rows"]["frame"].__setitem__(0, -1),
    "unknown state": lambda raw: target_of(raw)["rows"]["state"].__setitem__(0, 9),
    "no number": lambda raw: target_of(raw)["rows"]["w"].__setitem__(0, float("nan")),
    "negative side": lambda raw: target_of(raw)["rows"]["h"].__setitem__(0, -3.0),
    "score": lambda raw: target_of(raw)["rows"]["score"].__setitem__(0, 7.0),
    "twice the same id": lambda raw: raw["document"]["targets"].append(target_of(raw)),
    "id 0": lambda raw: target_of(raw).update(id=0),
    "correction": lambda raw: target_of(raw).update(corrections=[[0, [1, 2, 3]]]),
    "scale": lambda raw: raw["document"]["scale"].update(length=0),
    "in point": lambda raw: raw["document"].update(in_frame=-4),
}


class TestDamage:
    @pytest.mark.parametrize("kind", DAMAGE)
    def test_wrong_values_are_named_in_one_sentence(self, saved: Path, kind: str) -> None:
        change(saved, DAMAGE[kind])
        with pytest.raises(InputError, match="is damaged") as error:
            open_project(saved)
        assert str(saved) in sentence(error.value)
        # and the file is held by nobody
        ProjectFile(saved).close()

    @pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
    def test_file_cut_off(self, saved: Path, share: float) -> None:
        data = saved.read_bytes()
        saved.write_bytes(data[: int(share * len(data))])
        with pytest.raises(InputError, match="damaged") as error:
            open_project(saved)
        sentence(error.value)

    @pytest.mark.parametrize(
        "data", [b"\x00\xff" * 50, b"[" * 100_000, b"[]", b"7", b'{"format": 3}', b'{"a": 1}']
    )
    def test_what_is_no_project_says_so(self, tmp_path: Path, data: bytes) -> None:
        path = tmp_path / "x.sttproj"
        path.write_bytes(data)
        with pytest.raises(InputError, match=r"no project") as error:
            open_project(path)
        sentence(error.value)

    def test_project_of_another_version_says_so(self, saved: Path) -> None:
        change(saved, lambda raw: raw.update(format="spacetime-tracker project 2"))
        with pytest.raises(InputError, match="another version") as error:
            open_project(saved)
        assert "project 2" in sentence(error.value)

    def test_missing_file_and_folder(self, tmp_path: Path) -> None:
        for path in (tmp_path / "none.sttproj", tmp_path):
            with pytest.raises(InputError, match="cannot be read") as error:
                open_project(path)
            sentence(error.value)
        assert not list(tmp_path.iterdir())

    @given(data=st.binary(max_size=200))
    @settings(max_examples=40, deadline=None)
    def test_any_bytes_end_in_a_sentence(
        self, tmp_path_factory: pytest.TempPathFactory, data: bytes
    ) -> None:
        path = tmp_path_factory.getbasetemp() / "bytes.sttproj"
        path.write_bytes(data)
        with pytest.raises(InputError):
            read_project(path)


class TestTwoWindows:
    def test_the_second_one_gets_a_copy_and_cannot_write_there(self, saved: Path) -> None:
        first, second = open_project(saved), open_project(saved)
        assert first.file is not None
        assert second.file is None
        assert "open in another window" in second.notice
        assert_same(second.project.document, small_document())
        with pytest.raises(InputError, match="open in another window") as error:
            ProjectFile(saved)
        sentence(error.value)
        first.file.close()
        third = open_project(saved)
        assert third.file is not None
        third.file.close()

    def test_two_names_of_one_file_are_one_project(self, saved: Path, tmp_path: Path) -> None:
        link = tmp_path / "link.sttproj"
        link.symlink_to(saved)
        with ProjectFile(saved), pytest.raises(InputError, match="another window"):
            ProjectFile(link)

    def test_process_that_is_killed_lets_go(self, saved: Path) -> None:
        script = (
            "import sys, time; from pathlib import Path\n"
            "from app.core.studio.project import ProjectFile\n"
            "held = ProjectFile(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
        )
        other = subprocess.Popen(
            [sys.executable, "-c", script, str(saved)], stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            assert open_project(saved).file is None
        finally:
            other.kill()
            other.communicate()
        opened = open_project(saved)
        assert opened.file is not None
        opened.file.close()


class TestDisk:
    def test_full_disk_keeps_the_former_project(self, small_disk: Path) -> None:
        path = save(small_disk / "p.sttproj", Project(SOURCE, small_document()))
        before = path.read_bytes()
        many = TrackRows.of(
            TrackRow(k, k / 25, (k / 7, k / 3, 30.0, 40.0), 0.5, "tracking") for k in range(20_000)
        )
        large = DocumentState((TargetTrack(1, rows=many),))
        with ProjectFile(path) as file:
            with pytest.raises(InputError, match="cannot be written") as error:
                file.save(Project(SOURCE, large))
            sentence(error.value)
            assert path.read_bytes() == before
            assert [p.name for p in small_disk.iterdir() if ".part" in p.name] == []
            # the window is asked for another place, and goes on
            file.save(Project(SOURCE, small_document(), {"again": True}))
        assert read_project(path).view == {"again": True}

    def test_folder_that_may_not_be_written_gives_a_copy(self, saved: Path, freeze: Freeze) -> None:
        folder = freeze(saved.parent)
        opened = open_project(folder / saved.name)
        assert opened.file is None
        assert "cannot be written where it is" in opened.notice
        assert_same(opened.project.document, small_document())
        with pytest.raises(InputError, match="cannot be written") as error:
            ProjectFile(folder / "new.sttproj")
        sentence(error.value)

    def test_folder_that_is_gone(self, tmp_path: Path) -> None:
        folder = tmp_path / "stick"
        folder.mkdir()
        file = ProjectFile(folder / "p.sttproj")
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        with pytest.raises(InputError, match="cannot be written") as error:
            file.save(Project(SOURCE, small_document()))
        sentence(error.value)
        file.close()


class TestSource:
    def test_video_is_found_where_it_was(self, video: Path, tmp_path: Path) -> None:
        source = referred(video)
        assert (source.kind, source.name, source.width, source.height) == ("file", "clip", 96, 64)
        assert locate(source, None).path == video
        assert locate(source, None).notice == ""
        assert check_source(source, video) == ""

    def test_project_and_video_moved_together(self, video: Path, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        path = save(tmp_path / "a" / "p.sttproj", Project(referred(video), small_document()))
        moved = tmp_path / "elsewhere"
        moved.mkdir()
        (moved / "a").mkdir()
        video.rename(moved / video.name)
        path.rename(moved / "a" / path.name)
        found = read_project(moved / "a" / path.name)
        located = locate(found.source, moved / "a" / path.name)
        assert located.path == moved / video.name
        assert located.notice == ""

    def test_moved_video_is_asked_for_and_taken_from_its_new_place(
        self, video: Path, tmp_path: Path
    ) -> None:
        source = referred(video)
        new = video.rename(tmp_path / "renamed.mp4")
        located = locate(source, tmp_path / "p.sttproj")
        assert located.path is None
        assert "choose where it is now" in located.notice
        assert check_source(source, new) == ""
        placed = with_place(source, new)
        assert locate(placed, None).path == new
        assert placed.name == source.name

    def test_other_video_in_its_place_is_pointed_out(self, video: Path, tmp_path: Path) -> None:
        source = referred(video)
        encode(video, [quarters(64, 64)] * 9)
        located = locate(source, tmp_path / "p.sttproj")
        assert located.path == video
        assert "may not fit" in located.notice
        # the right one elsewhere comes before the wrong one here
        copy = tmp_path / "copy.mp4"
        encode(copy, [quarters()] * 3)
        again = with_place(source, copy)
        wrong_first = replace(again, relative=video.name)
        assert locate(wrong_first, tmp_path / "p.sttproj").path == copy

    def test_folder_of_images(self, tmp_path: Path) -> None:
        folder = tmp_path / "images"
        folder.mkdir()
        for k in range(3):
            Image.fromarray(np.full((8, 8, 3), 80 * k, np.uint8)).save(folder / f"{k}.png")
        with open_source(str(folder), rate=12.5) as opened:
            source = refer_project_source(str(folder), opened.info, rate=12.5)
        assert (source.kind, source.rate) == ("folder", 12.5)
        assert locate(source, None).path == folder
        (folder / "2.png").unlink()
        assert "may not fit" in locate(source, None).notice

    def test_live_source_is_gone(self, video: Path) -> None:
        with open_source(str(video)) as opened:
            live = replace(opened.info, name="camera-0", is_live=True)
        source = refer_project_source("0", live)
        assert (source.kind, source.path) == ("live", "")
        located = locate(source, None)
        assert located.path is None
        assert "was live" in located.notice

    def test_address_with_a_password_is_not_saved(self, video: Path, tmp_path: Path) -> None:
        with open_source(str(video)) as opened:
            info = replace(opened.info, name="http://host/a.mp4")
        source = refer_project_source("http://me:secret@host/a.mp4?key=secret", info)
        path = save(tmp_path / "p.sttproj", Project(source, small_document()))
        assert "secret" not in path.read_text()

    def test_no_path_is_nowhere(self, tmp_path: Path) -> None:
        assert locate(ProjectSource("file", "clip"), tmp_path / "p.sttproj").path is None
