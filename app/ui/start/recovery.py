"""Sessions that did not come to their end, offered for recovery."""

from datetime import datetime
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QEvent, QFile, QLocale, QObject, Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.recovery import Recovery, UnfinishedSession, recover_session, unfinished_sessions
from app.ui.background import Background
from app.ui.sentences import worded

_LIST_HEIGHT = 132


class RecoveryPanel(QFrame):
    """A notice above everything else; hidden while there is nothing to recover."""

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._background = Background(self)
        self._reader = background
        self._background.failed.connect(self._failed)
        self._sessions: list[UnfinishedSession] = []
        self._put_off: set[Path] = set()
        self._last: Recovery | None = None
        self._fault = ""
        self._title = QLabel()
        self._title.setObjectName("heading")
        self._hint = QLabel()
        self._hint.setWordWrap(True)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self._report = QLabel()
        self._report.setWordWrap(True)
        self._report.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._report.hide()
        self.open_folder = QPushButton()
        self.open_folder.clicked.connect(self._open_folder)
        self.open_folder.hide()
        self.not_now = QPushButton()
        self.not_now.clicked.connect(self._dismiss)
        self._lay_out()
        self.hide()
        self.retranslate()

    @property
    def report(self) -> str:
        """What was said of the last recovery."""
        return self._report.text()

    def refresh(self) -> None:
        """Look for unfinished sessions, in the background."""
        self._reader.run(unfinished_sessions, self.show_sessions, name="unfinished sessions")

    def close_background(self, timeout_s: float) -> None:
        """Wait until nothing is recovered any more, at most so many seconds."""
        self._background.join(timeout_s)

    def show_sessions(self, sessions: list[UnfinishedSession]) -> None:
        """Offer `sessions` but those that were put off."""
        self._sessions = [s for s in sessions if s.folder not in self._put_off]
        self._fill()

    def retranslate(self) -> None:
        """Set all texts."""
        self._title.setText(self.tr("Unfinished sessions"))
        self._hint.setText(
            self.tr(
                "The program ended before these did. What they recorded can be saved: a playable "
                "video and a table of boxes."
            )
        )
        self.open_folder.setText(self.tr("Open folder"))
        self.open_folder.setToolTip(self.tr("Show what was saved in the system's file manager"))
        self._fill()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Break names elsewhere once the list has another width."""
        if watched is self._area and event is not None and event.type() == QEvent.Type.Resize:
            self._size_list()
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        rows = QWidget()
        rows.setLayout(self._rows)
        # the ground of the notice shows through
        rows.setObjectName("rows")
        self._rows.setContentsMargins(0, 0, 8, 0)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidget(rows)
        self._area.installEventFilter(self)
        self._area.setStyleSheet("QScrollArea, #rows { background: transparent; }")
        below = QHBoxLayout()
        below.addWidget(self._report, stretch=1)
        below.addStretch()
        below.addWidget(self.open_folder, alignment=Qt.AlignmentFlag.AlignBottom)
        below.addWidget(self.not_now, alignment=Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._hint)
        column.addWidget(self._area)
        column.addLayout(below)

    def _fill(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for session in self._sessions:
            row = self._row(session)
            self._rows.addWidget(row)
            # what is not shown yet takes no room
            row.show()
        self._size_list()
        for widget in (self._title, self._hint, self._area):
            widget.setVisible(bool(self._sessions))
        self.not_now.setText(self.tr("Not now") if self._sessions else self.tr("Done"))
        self.not_now.setToolTip(
            self.tr("Hide this; what can be recovered is offered again at the next start")
            if self._sessions
            else self.tr("Hide this")
        )
        self._show_report()
        self.setVisible(bool(self._sessions or self._report.text()))

    def _size_list(self) -> None:
        """Give the list the height of its rows, whose names may take several lines."""
        self._rows.activate()
        height = self._rows.heightForWidth(self._area.width())
        self._area.setFixedHeight(min(height + 2, _LIST_HEIGHT))

    def _row(self, session: UnfinishedSession) -> QWidget:
        text = QLabel(self._describe(session))
        text.setToolTip(str(session.folder))
        text.setWordWrap(True)
        recover, delete = QPushButton(self.tr("Recover")), QPushButton(self.tr("Delete…"))
        recover.setObjectName("recover")
        recover.setToolTip(self.tr("Save what this session recorded, in its folder"))
        recover.setEnabled(not session.problem and not self._background.is_busy)
        recover.clicked.connect(partial(self._recover, session))
        delete.setObjectName("delete")
        delete.setToolTip(self.tr("Move this session and all it recorded to the system's trash"))
        delete.clicked.connect(partial(self._delete, session))
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(text, stretch=1)
        line.addWidget(recover)
        line.addWidget(delete)
        return row

    def _describe(self, session: UnfinishedSession) -> str:
        if session.problem:
            return f"{session.folder.name}: {worded(session.problem)}"
        parts = [session.source or session.folder.name]
        if session.created:
            began = datetime.fromisoformat(session.created).astimezone()
            parts.append(f"{began:%Y-%m-%d %H:%M}")
        if session.last_frame is not None:
            frame = QLocale().toString(session.last_frame)
            parts.append(self.tr("up to frame {frame}").format(frame=frame))
        return " · ".join(parts)

    def _recover(self, session: UnfinishedSession) -> None:
        self._last, self._fault = None, ""
        self._background.run(
            partial(recover_session, session.folder), self._recovered, name="recovery"
        )
        self._fill()
        self._report.setText(self.tr("Saving what {name} recorded…").format(
            name=session.source or session.folder.name))  # fmt: skip
        self._report.show()

    def _recovered(self, recovery: Recovery) -> None:
        self._background.join()
        self._last = recovery
        self._sessions = [s for s in self._sessions if s.folder != recovery.folder]
        self._fill()

    def _failed(self, sentence: str) -> None:
        self._background.join()
        self._fault = sentence
        self._fill()

    def _show_report(self) -> None:
        text = worded(self._fault)
        if self._last is not None:
            saved = self.tr("Saved in {folder}: {rows} boxes of {frames} frames, {videos} videos.")
            lines = [
                saved.format(
                    folder=self._last.folder,
                    rows=QLocale().toString(self._last.rows),
                    frames=QLocale().toString(self._last.frames),
                    videos=len(self._last.videos),
                )
            ]
            lines += map(worded, (*self._last.problems, *self._last.notices))
            text = "\n".join(lines)
        self._report.setText(text)
        self._report.setVisible(bool(text))
        self.open_folder.setVisible(self._last is not None)

    def _open_folder(self) -> None:
        if self._last is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._last.folder)))

    def _delete(self, session: UnfinishedSession) -> None:
        name = session.source or session.folder.name
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(self.tr("Delete session"))
        box.setText(self.tr("Move the session {name} to the trash?").format(name=name))
        box.setInformativeText(
            self.tr("Its boxes and its recordings in {folder} go with it.").format(
                folder=session.folder
            )
        )
        delete = box.addButton(self.tr("Move to trash"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        if box.clickedButton() is not delete:
            return
        if QFile.moveToTrash(str(session.folder))[0]:
            self._sessions.remove(session)
        else:
            self._last = None
            self._fault = self.tr(
                "{folder} cannot be moved to the trash; delete it in the system's file manager."
            ).format(folder=session.folder)
        self._fill()

    def _dismiss(self) -> None:
        self._put_off.update(session.folder for session in self._sessions)
        self._sessions, self._last, self._fault = [], None, ""
        self._fill()
