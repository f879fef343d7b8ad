"""What the core says, in the language of the window: in every place that shows it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QCoreApplication
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.player.document import Document, DocumentState, TargetTrack, TrackRow, TrackRows
from app.core.recovery import UnfinishedSession
from app.core.sources.folder import ImageFolder
from app.core.studio.exporting import ExportSource
from app.core.studio.status import RecordingStatus
from app.doctor import Check, Status
from app.ui.application import dress
from app.ui.background import Background
from app.ui.dialogs import ErrorDialog
from app.ui.export import ExportDialog
from app.ui.language import set_language
from app.ui.record import RecordButton
from app.ui.sentences import worded
from app.ui.start import StartPage
from app.ui.timeline import Timeline
from app.ui.window import MainWindow
from app.ui.window import help as help_module
from model.errors import InputError
from model.sentences import Sentence
from tests.app.clips import bad_file
from tests.ui.hands import LEFT, show
from tests.ui.timelines import BOX, RATE, on_lane, snapshot
from tools import sentences

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z']+ [A-Za-z']+")
"""Two words in a row."""
Look = Callable[[str], list[str]]
EMPTY = InputError("The file {path} is empty.", path="a.mp4")


def is_chinese(text: str) -> bool:
    return CHINESE.search(text) is not None and ENGLISH.search(text) is None


@pytest.fixture
def chinese(qapp: QApplication) -> Iterator[None]:
    dress(qapp)
    set_language(qapp, "zh_CN")
    yield
    set_language(qapp, "en")


def speak(qapp: QApplication, code: str) -> None:
    set_language(qapp, code)
    QCoreApplication.processEvents()


class TestWording:
    def test_sentence_is_said_in_the_language_of_the_moment(self, qapp: QApplication) -> None:
        assert worded(str(EMPTY)) == "The file a.mp4 is empty."
        speak(qapp, "zh_CN")
        assert worded(str(EMPTY)) == "文件 a.mp4 是空的。"
        speak(qapp, "en")
        assert worded(str(EMPTY)) == "The file a.mp4 is empty."

    @pytest.mark.usefixtures("chinese")
    def test_sentences_within_a_sentence_are_translated(self) -> None:
        error = InputError("The image {path} cannot be used: {error}", path="{0}.png", error=EMPTY)
        assert worded(str(error)) == "无法使用图片 {0}.png：文件 a.mp4 是空的。"
        assert worded(
            Sentence("{name} sends no picture.", name=Sentence("Camera {index}", index=2))
        ) == "摄像头 2：没有画面传来。"  # fmt: skip

    @pytest.mark.usefixtures("chinese")
    def test_other_text_stays_as_it_is(self) -> None:
        for text in ("", "The file {path} is empty.", "[Errno 13] Permission denied", "a {"):
            assert worded(text) == text
        assert worded(Sentence("nobody translated {this}", this=1)) == "nobody translated 1"

    @pytest.mark.usefixtures("chinese")
    def test_fault_of_a_real_source_is_chinese_to_its_end(self, tmp_path: Path) -> None:
        (tmp_path / "1.png").write_bytes(b"no image")
        with pytest.raises(InputError) as caught:
            ImageFolder(tmp_path)
        assert is_chinese(worded(str(caught.value)))


class TestWindow:
    @pytest.mark.parametrize("kind", ["gone", "text", "empty", "sound", "cut"])
    def test_file_that_cannot_be_opened_is_told_in_chinese(
        self, window: MainWindow, qtbot: QtBot, tmp_path: Path, kind: str
    ) -> None:
        window.preferences.change(language="zh_CN")
        window.open_text(str(bad_file(tmp_path, kind)))
        qtbot.waitUntil(lambda: window.banner.text != "", timeout=10_000)
        assert is_chinese(window.banner.text)
        assert str(tmp_path / f"{kind}.mp4") in window.banner.text
        assert window.banner.text.endswith("。")
        qtbot.mouseClick(window.banner.strips[-1].details, LEFT)
        (dialog,) = window.findChildren(ErrorDialog)
        dialog.copy.click()
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        assert clipboard.text().startswith(window.banner.text)

    def test_sentence_that_is_shown_follows_the_language(
        self, window: MainWindow, qtbot: QtBot, tmp_path: Path
    ) -> None:
        path = tmp_path / "gone.mp4"
        window.open_text(str(path))
        qtbot.waitUntil(lambda: window.banner.text != "", timeout=10_000)
        english = window.banner.text
        assert english == f"There is no file {path}; check the name and the folder."
        window.preferences.change(language="zh_CN")
        qtbot.waitUntil(lambda: window.banner.text == f"没有文件 {path}；请检查文件名和文件夹。")
        window.preferences.change(language="en")
        qtbot.waitUntil(lambda: window.banner.text == english)

    @pytest.mark.parametrize("content", ["", "{", '{"format": "something"}'])
    def test_damaged_project_is_told_in_chinese(
        self, window: MainWindow, qtbot: QtBot, tmp_path: Path, content: str
    ) -> None:
        window.preferences.change(language="zh_CN")
        path = tmp_path / "bad.sttproj"
        path.write_text(content)
        window.open_text(str(path))
        qtbot.waitUntil(lambda: "bad.sttproj" in window.banner.text)
        assert is_chinese(window.banner.text)

    def test_findings_of_the_doctor_follow_the_language_in_two_columns(
        self, qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        checks = [
            Check("python", Status.OK, Sentence("{version} on {system}", version=3, system="x")),
            Check(Sentence("camera {number}", number=0), Status.OK, Sentence("no answer")),
        ]
        monkeypatch.setattr(help_module, "run_checks", lambda: iter(checks))
        dialog = help_module.DoctorDialog()
        show(qtbot, dialog)
        qtbot.waitUntil(lambda: dialog.report.toPlainText() != "")
        assert dialog.report.toPlainText() == "✓ python    3 on x\n✓ camera 0  no answer"
        speak(qapp, "zh_CN")
        # a Chinese letter is as wide as two others
        assert dialog.report.toPlainText() == "✓ python    3，x\n✓ 摄像头 0  没有应答"
        speak(qapp, "en")


@pytest.mark.usefixtures("chinese")
class TestParts:
    def test_error_of_work_in_the_background_stays_a_sentence(self, qtbot: QtBot) -> None:
        dialog = ErrorDialog("")
        qtbot.addWidget(dialog)
        background = Background(dialog)

        def work() -> None:
            raise EMPTY

        with qtbot.waitSignal(background.failed) as heard:
            background.run(work, lambda _: None, name="work")
        assert worded(heard.args[0]) == "文件 a.mp4 是空的。"

    def test_error_dialog_follows_the_language(self, qtbot: QtBot, qapp: QApplication) -> None:
        dialog = ErrorDialog(str(EMPTY))
        show(qtbot, dialog)
        dialog.copy_all()
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        assert clipboard.text() == "文件 a.mp4 是空的。\n"
        speak(qapp, "en")
        dialog.copy_all()
        assert clipboard.text() == "The file a.mp4 is empty.\n"

    def test_export_that_cannot_be_says_why(self, qtbot: QtBot, tmp_path: Path) -> None:
        rows = TrackRows.of([TrackRow(0, 0.0, BOX, 1.0, "tracking", "")])
        document = DocumentState((TargetTrack(1, "cube", 0, rows=rows),))
        dialog = ExportDialog(document, ExportSource("a.mp4", "a", 4, 4), tmp_path, frames=1)
        show(qtbot, dialog)
        for path in (tmp_path, tmp_path / "boxes.xyz"):
            dialog.path.setText(str(path))
            assert is_chinese(dialog.message.text())

    def test_session_that_cannot_be_read_says_why(self, qtbot: QtBot) -> None:
        page = StartPage()
        show(qtbot, page)
        page._background.join()
        QCoreApplication.processEvents()
        problem = str(InputError("The journal {path} cannot be read: {reason}.", path="/s/j",
                                 reason=Sentence("it is a folder")))  # fmt: skip
        page.recovery.show_sessions([UnfinishedSession(Path("/s"), "", "", None, problem)])
        texts = [label.text() for label in page.recovery.findChildren(type(page.recovery._title))]
        assert "s: 无法读取日志 /s/j：它是文件夹。" in texts

    def test_recording_that_ended_says_why(self, qtbot: QtBot) -> None:
        button = RecordButton()
        show(qtbot, button)
        button.show_status(RecordingStatus(Path("a.mp4"), problem=str(EMPTY)))
        assert button.details.toolTip() == "文件 a.mp4 是空的。"

    def test_why_a_target_is_lost_stands_on_the_timeline(self, qtbot: QtBot) -> None:
        # as a project has it: plain text
        rows = TrackRows.of(
            TrackRow(k, k / RATE, BOX, 0.1, "lost", "score stayed low") for k in range(300)
        )
        document = Document()
        document.add(TargetTrack(1, "cube", 0, rows=rows, corrections={0: BOX}))
        timeline = Timeline()
        show(qtbot, timeline, (1000, 260))
        timeline.show_snapshot(snapshot(document))
        place = on_lane(timeline, 0, 120)
        assert "丢失 (得分持续偏低)" in timeline.body.tip_at(place.x(), place.y())


class TestSources:
    """The sentences are found in the source, all of them."""

    @pytest.mark.parametrize(
        "look", [sentences.ready_made, sentences.misfilled, sentences.unmarked]
    )
    def test_every_sentence_of_the_sources_can_be_translated(self, look: Look) -> None:
        assert [
            f"{path.relative_to(sentences.ROOT)} {found}"
            for path in sentences.sources()
            # in the window Qt's own tool looks for what is not marked
            if look is not sentences.unmarked or "ui" not in path.parts
            for found in look(path.read_text("utf-8"))
        ] == []

    def test_every_source_that_the_window_runs_is_looked_at(self) -> None:
        found = {str(path.relative_to(sentences.ROOT)) for path in sentences.sources()}
        assert {"app/core/sources/video.py", "app/doctor.py", "model/tracker.py"} <= found
        assert not any("training" in path or "batch" in path for path in found)
        assert len(sentences.gathered()) > 200

    def test_marked_texts_are_found(self) -> None:
        assert sentences.templates(
            "raise InputError('The file {path} '\n'is empty.', path=path)\n"
            "why = Sentence('one') if x else Sentence('two')\n"
            "say(Sentence('three' if x else 'four'))\n"
            "raise TrackerError(str_of(x))\n"
        ) == ["The file {path} is empty.", "one", "two", "three", "four"]  # fmt: skip

    @pytest.mark.parametrize("source", [
        "raise InputError(f'The file {path} is empty.')",
        "raise InputError('The file {} is empty.'.format(path))",
        "raise InputError('The file ' + path)",
    ])  # fmt: skip
    def test_what_is_filled_in_too_early_is_found(self, source: str) -> None:
        assert len(sentences.ready_made(source)) == 1

    @pytest.mark.parametrize("source", [
        "self.notices.put('The source is gone.')",
        "return f'The source {name} is gone.'",
        "x = {'black': '{name} is black.'}",
    ])  # fmt: skip
    def test_what_is_not_marked_is_found(self, source: str) -> None:
        assert len(sentences.unmarked(source)) == 1

    @pytest.mark.parametrize("source", [
        "'''What this is.'''",
        "_log.warning('The source is gone.')",
        "raise ValueError('The caller is wrong.')",
        "say(Sentence('The source is gone.'))",
        "names = ['a.mp4', 'x y', '.']",
    ])  # fmt: skip
    def test_what_nobody_reads_in_a_window_is_left_alone(self, source: str) -> None:
        assert sentences.unmarked(source) == []

    @pytest.mark.parametrize(("source", "fits"), [
        ("InputError('The file {path}.', path=p)", True),
        ("InputError('The file {pth}.', path=p)", False),
        ("InputError('The file {path}.')", False),
        ("InputError('The file.', path=p)", False),
        ("Sentence('{name} has ended.')", True),
        ("InputError(template, path=p)", True),
    ])  # fmt: skip
    def test_names_that_do_not_fit_their_values_are_found(self, source: str, fits: bool) -> None:
        assert (sentences.misfilled(source) == []) is fits
