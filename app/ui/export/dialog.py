"""The export dialog: what, which frames and targets, where to, and how far it is."""

from pathlib import Path

from PyQt6.QtCore import QTimer, QUrl
from PyQt6.QtGui import QCloseEvent, QDesktopServices
from PyQt6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.files import from_home
from app.core.player.document import DocumentState
from app.core.recovery import file_name
from app.core.studio.exporting import (
    EXPORTS,
    ExportJob,
    ExportRequest,
    ExportSource,
    Kind,
    Manner,
    planned_paths,
    with_ending,
)
from app.ui.dialogs.base import Dialog, Scrolled
from app.ui.export.formats import FormatChoice
from app.ui.export.range import RangeChoice, TargetChoice
from app.ui.sentences import worded
from model.errors import InputError

_POLL_MS = 80


class ExportDialog(Dialog):
    """Exports a document as it was when the dialog opened; the work runs beside the window.

    Closing it while an export runs cancels that, and closes once nothing is left of it.
    """

    def __init__(
        self, document: DocumentState, source: ExportSource, folder: Path, *,
        frames: int | None = None, trail: int = 60, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """Offer every export.

        Args:
            document: what was tracked.
            source: that it was tracked in.
            folder: to begin with.
            frames: of the source; None where it is not known.
            trail: frames over which a trail reaches back, where one is asked for.
            parent: the window.
        """
        super().__init__(parent)
        self._document, self._source, self._trail_length = document, source, trail
        self._job: ExportJob | None = None
        self._done: tuple[Path, ...] = ()
        self._leaving = False
        self.formats = FormatChoice(has_video=not source.is_live)
        self.targets = TargetChoice(document)
        self.range = RangeChoice(document, frames)
        self.trail, self.pixelate = QCheckBox(), QCheckBox()
        self.path = QLineEdit(str(self._suggestion(folder)))
        self.browse = QPushButton()
        self.message, self.progress = QLabel(), QProgressBar()
        self.export, self.show_folder, self.leave = QPushButton(), QPushButton(), QPushButton()
        self._place_label = QLabel()
        self._arrange()
        self._connect()
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._look)
        self.retranslate()
        self._refresh()

    @property
    def is_busy(self) -> bool:
        """Whether an export runs."""
        return self._job is not None and self._job.is_alive

    @property
    def request(self) -> ExportRequest:
        """What is asked for as it stands."""
        name = self.formats.chosen
        first, last = self.range.chosen
        return ExportRequest(
            name, from_home(self.path.text().strip()), self.targets.chosen, first, last,
            self._trail_length if self.trail.isChecked() else 0,
            Manner.PIXELATE if self.pixelate.isChecked() else Manner.BLUR,
        )  # fmt: skip

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        self.setWindowTitle(self.tr("Export"))
        for part in (self.formats, self.targets, self.range):
            part.retranslate()
        self.trail.setText(self.tr("Draw trails"))
        self.trail.setToolTip(
            self.tr("A line behind each target over its last {count} frames").format(
                count=self._trail_length
            )
        )
        self.pixelate.setText(self.tr("Squares instead of blur"))
        self.pixelate.setToolTip(self.tr("Hide by large squares of one colour each"))
        self._place_label.setText(self.tr("Save as"))
        self.path.setToolTip(self.tr("The file to write"))
        self.path.setAccessibleName(self.tr("The file to write"))
        self.browse.setText(self.tr("&Browse…"))
        self.browse.setToolTip(self.tr("Choose folder and name"))
        self.progress.setAccessibleName(self.tr("Progress of the export"))
        self.export.setText(self.tr("&Export"))
        self.export.setToolTip(self.tr("Write the file"))
        self.show_folder.setText(self.tr("Show in &folder"))
        self.show_folder.setToolTip(self.tr("Open the folder the file is in"))
        self._name_leave()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        if self.is_busy and event is not None:
            event.ignore()
            self.reject()
            return
        super().closeEvent(event)

    def reject(self) -> None:
        """Close; where an export runs, cancel it and close once it has ended."""
        if self.is_busy:
            self._leaving = True
            self._cancel()
            return
        super().reject()

    def stop(self) -> None:
        """Cancel what runs and wait for its end."""
        if self._job is not None:
            self._job.cancel()
            self._job.join()

    def _arrange(self) -> None:
        self.trail.setChecked(True)
        self.message.setWordWrap(True)
        self.message.setMinimumHeight(self.fontMetrics().height() * 2 + 4)
        self.progress.setFixedHeight(6)
        self.progress.setTextVisible(False)
        options = QHBoxLayout()
        options.setSpacing(24)
        options.addWidget(self.trail)
        options.addWidget(self.pixelate)
        options.addStretch(1)
        place = QHBoxLayout()
        place.setSpacing(8)
        self._place_label.setBuddy(self.path)
        place.addWidget(self._place_label)
        place.addWidget(self.path, stretch=1)
        place.addWidget(self.browse)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.targets, stretch=1)
        middle.addWidget(self.range, stretch=1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.show_folder)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.export)
        self.export.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        what = QWidget()
        upper = QVBoxLayout(what)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(12)
        upper.addWidget(self.formats)
        upper.addLayout(options)
        upper.addLayout(middle, stretch=1)
        column.addWidget(Scrolled(what), stretch=1)
        column.addLayout(place)
        column.addWidget(self.message)
        column.addWidget(self.progress)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.formats.changed.connect(self._format_changed)
        for part in (self.targets, self.range):
            part.changed.connect(self._refresh)
        self.path.textChanged.connect(self._refresh)
        self.browse.clicked.connect(self._browse)
        self.export.clicked.connect(self._begin)
        self.leave.clicked.connect(self._leave_clicked)
        self.show_folder.clicked.connect(self._show_folder)

    def _suggestion(self, folder: Path) -> Path:
        return with_ending(folder / f"{file_name(self._source.name)}-tracked", self.formats.chosen)

    def _format_changed(self, name: str) -> None:
        self.path.setText(str(with_ending(Path(self.path.text()), name)))
        self._refresh()

    def _browse(self) -> None:
        endings = " ".join(f"*{ending}" for ending in EXPORTS[self.formats.chosen].endings)
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save as"), self.path.text(), endings,
            options=QFileDialog.Option.DontConfirmOverwrite,
        )  # fmt: skip
        if chosen:
            self.path.setText(str(with_ending(Path(chosen), self.formats.chosen)))

    def _refresh(self) -> None:
        """Offer what fits, and say what would happen."""
        busy = self.is_busy
        format = self.formats.chosen
        self.trail.setEnabled(format == "annotated" and not busy)
        self.pixelate.setEnabled(format.startswith("hide-") and not busy)
        for widget in (self.formats, self.targets, self.range, self.path, self.browse):
            widget.setEnabled(not busy)
        self.show_folder.setVisible(bool(self._done))
        self.progress.setVisible(busy)
        if busy:
            self.export.setEnabled(False)
            return
        self._done = ()
        self.show_folder.hide()
        problem = self._problem()
        self.export.setEnabled(not problem)
        self.message.setText(problem or self._warning())

    def _problem(self) -> str:
        if not self.path.text().strip():
            return self.tr("Give the file a name.")
        try:
            self.request.check(self._document, self._source)
        except InputError as error:
            return worded(str(error))
        return ""

    def _warning(self) -> str:
        request = self.request
        paths = planned_paths(request, request.chosen(self._document))
        there = [path.name for path in paths if path.exists()]
        if there:
            return self.tr("⚠ {names} is there already and will be replaced.").format(
                names=", ".join(there)
            )
        if len(paths) > 1:
            return self.tr("Writes {names}.").format(names=", ".join(p.name for p in paths))
        if EXPORTS[request.format].kind is Kind.VIDEO:
            return self.tr("The source is read again, so this takes a while; videos have no sound.")
        return ""

    def _begin(self) -> None:
        try:
            self._job = ExportJob(self.request, self._document, self._source)
        except InputError as error:
            self.message.setText(worded(str(error)))
            return
        self._done = ()
        self._job.start()
        self.progress.setRange(0, 0)
        self.message.setText(self.tr("Exporting…"))
        self._timer.start()
        self._refresh()
        self._name_leave()
        self.leave.setFocus()

    def _look(self) -> None:
        job = self._job
        if job is None:
            return
        now = job.progress
        if now.total:
            self.progress.setRange(0, now.total)
            self.progress.setValue(now.done)
            if not self._leaving:
                text = self.tr("Exporting… {percent} %")
                self.message.setText(text.format(percent=100 * now.done // now.total))
        if job.result is None:
            return
        job.join()
        self._timer.stop()
        self._end()

    def _end(self) -> None:
        assert self._job is not None
        result, self._job = self._job.result, None
        assert result is not None
        self._refresh()
        self._name_leave()
        if self._leaving:
            super().reject()
            return
        self._done = result.paths
        self.show_folder.setVisible(bool(self._done))
        if result.problem:
            self.message.setText(worded(result.problem))
        elif result.cancelled:
            self.message.setText(self.tr("Cancelled; nothing was written."))
        else:
            names = ", ".join(path.name for path in result.paths)
            text = self.tr("✓ Wrote {names}.").format(names=names)
            self.message.setText(f"{text} {worded(result.notice)}".strip())
            self.show_folder.setFocus()

    def _leave_clicked(self) -> None:
        if self.is_busy:
            self._cancel()
        else:
            self.reject()

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self.message.setText(self.tr("Cancelling…"))

    def _name_leave(self) -> None:
        busy = self.is_busy
        self.leave.setText(self.tr("&Cancel") if busy else self.tr("&Close"))
        self.leave.setToolTip(
            self.tr("Stop; nothing is written") if busy else self.tr("Close this window")
        )

    def _show_folder(self) -> None:
        if self._done:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._done[0].absolute().parent)))
