"""Asks the user what to open."""

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from app.core.studio.project import SUFFIX
from app.ui.dialogs import CameraDialog, ScreenDialog, StreamDialog
from app.ui.sentences import worded
from app.ui.window.projects import Found
from app.ui.window.request import OpenRequest

_VIDEOS = "*.mp4 *.mov *.mkv *.avi *.webm *.m4v *.mpg *.mpeg *.ts *.wmv *.flv"


class SourceQuestions(QObject):
    """Dialogs whose answers are wishes; none blocks the window's own work."""

    wanted = pyqtSignal(object)
    """`OpenRequest`."""
    project_wanted = pyqtSignal(object)
    """`Path` of a project."""
    place_wanted = pyqtSignal(object, object)
    """`Found` and the `Path` where its source is now."""
    boxes_wanted = pyqtSignal(object)
    """`Found`, to be looked at without its source."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.folder = str(Path.home())
        """Where file dialogs begin."""

    def ask_video(self) -> None:
        """A video file, or a project."""
        projects = self.tr("Projects ({pattern})").format(pattern=f"*{SUFFIX}")
        videos = self.tr("Videos ({pattern})").format(pattern=_VIDEOS)
        filters = ";;".join((videos, projects, self.tr("All files (*)")))
        dialog = self._dialog(self.tr("Open video"), filters)
        dialog.fileSelected.connect(self._chosen)
        dialog.open()

    def ask_project(self) -> None:
        """A project."""
        projects = self.tr("Projects ({pattern})").format(pattern=f"*{SUFFIX}")
        dialog = self._dialog(self.tr("Open project"), f"{projects};;{self.tr('All files (*)')}")
        dialog.fileSelected.connect(lambda path: self._chosen(path, is_project=True))
        dialog.open()

    def ask_folder(self) -> None:
        """A folder of images."""
        dialog = self._dialog(self.tr("Open folder of images"), "")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._chosen)
        dialog.open()

    def ask_camera(self) -> None:
        """A camera, and what to ask of it."""
        dialog = CameraDialog(self._window)

        def accept() -> None:
            choice = dialog.choice
            if choice is not None:
                self.wanted.emit(
                    OpenRequest(
                        str(choice.index), rate=choice.rate, size=choice.size, mirror=choice.mirror
                    )
                )

        self._open(dialog, accept)

    def ask_stream(self) -> None:
        """The address of a stream."""
        dialog = StreamDialog(self._window)
        self._open(dialog, lambda: self.wanted.emit(OpenRequest(dialog.address)))

    def ask_screen(self) -> None:
        """A screen, or a part of it."""
        dialog = ScreenDialog(self._window)
        self._open(
            dialog,
            lambda: self.wanted.emit(OpenRequest(dialog.address, rate=dialog.chosen_rate)),
        )

    def ask_place(self, found: Found) -> None:
        """Where the source of a project is by now."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Where is the source?"))
        box.setText(worded(found.located.notice))
        box.setInformativeText(
            self.tr("Without it the boxes can be looked at and exported as tables.")
        )
        role = QMessageBox.ButtonRole
        choose = box.addButton(self.tr("&Choose…"), role.AcceptRole)
        without = box.addButton(self.tr("&Without pictures"), role.ActionRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(choose)

        def answered() -> None:
            if box.clickedButton() is choose:
                self._ask_new_place(found)
            elif box.clickedButton() is without:
                self.boxes_wanted.emit(found)
            else:
                found.close()

        box.finished.connect(answered)
        box.finished.connect(box.deleteLater)
        box.open()

    def _ask_new_place(self, found: Found) -> None:
        dialog = self._dialog(found.source.name, self.tr("All files (*)"))
        if found.source.kind == "folder":
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda path: self.place_wanted.emit(found, Path(path)))
        dialog.rejected.connect(found.close)
        dialog.open()

    def _chosen(self, path: str, is_project: bool = False) -> None:
        self.folder = str(Path(path).parent)
        if is_project or path.lower().endswith(SUFFIX):
            self.project_wanted.emit(Path(path))
        else:
            self.wanted.emit(OpenRequest(path))

    def _dialog(self, title: str, filters: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title, self.folder, filters)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _open(self, dialog: QDialog, accept: object) -> None:
        assert callable(accept)
        dialog.accepted.connect(accept)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
