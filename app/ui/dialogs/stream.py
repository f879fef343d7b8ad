"""The address of a stream."""

from urllib.parse import urlsplit

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtWidgets import QComboBox, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from app.core.recent import Recent, list_recent
from app.core.sources import STREAM_SCHEMES
from app.ui.background import Background
from app.ui.dialogs.base import Dialog, button

_Button = QDialogButtonBox.StandardButton


class StreamDialog(Dialog):
    """Asks for an address; those that were opened lately are offered, without their passwords."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self.field = QComboBox()
        self.field.setEditable(True)
        self.field.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.field.setMinimumContentsLength(44)
        self.field.editTextChanged.connect(self._check)
        self._label, self._hint, self._fault = QLabel(), QLabel(), QLabel()
        self._label.setBuddy(self.field)
        self._hint.setObjectName("muted")
        self._fault.setObjectName("fault")
        for text in (self._hint, self._fault):
            text.setWordWrap(True)
            # two lines, so that nothing jumps while one types
            text.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
            text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._buttons = QDialogButtonBox(_Button.Open | _Button.Cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self._label, self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addLayout(form)
        column.addWidget(self._hint)
        column.addWidget(self._fault)
        column.addWidget(self._buttons)
        self.retranslate()
        self.field.setFocus()
        self._background.run(list_recent, self._offer, name="recent streams")

    @property
    def address(self) -> str:
        """What was typed, without spaces around it."""
        return self.field.currentText().strip()

    @property
    def fault(self) -> str:
        """What is wrong with the address, a sentence; empty while it is right or empty."""
        return self._fault.text()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setWindowTitle(self.tr("Open stream"))
        self._label.setText(self.tr("&Address:"))
        self.field.setToolTip(
            self.tr(
                "The address of a network camera or of a video on a server, as a player takes it"
            )
        )
        self.field.setAccessibleName(self.tr("Address of the stream"))
        edit = self.field.lineEdit()
        if edit is not None:
            edit.setPlaceholderText("rtsp://192.168.1.10:554/stream1")
        self._hint.setText(
            self.tr(
                "For example rtsp://user:password@camera/stream or https://server/video.m3u8. "
                "Passwords are not kept."
            )
        )
        button(self._buttons, _Button.Open).setToolTip(self.tr("Connect to this address"))
        self._check()

    def _check(self) -> None:
        self._fault.setText(stream_fault(self.address) if self.address else "")
        fine = bool(self.address) and not self._fault.text()
        button(self._buttons, _Button.Open).setEnabled(fine)

    def _offer(self, items: list[Recent]) -> None:
        typed = self.field.currentText()
        self.field.clear()
        self.field.addItems([item.text for item in items if item.kind == "stream"])
        self.field.setEditText(typed)


def stream_fault(address: str) -> str:
    """What is wrong with `address`, a sentence for the user; empty if nothing."""
    translate = QCoreApplication.translate
    known = ", ".join(sorted(STREAM_SCHEMES))
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return translate(
            "StreamDialog", "The server's name or port in this address cannot be; check them."
        )
    if "://" not in address:
        return translate(
            "StreamDialog", "The address begins with its kind, such as rtsp:// or http://."
        )
    if parts.scheme.lower() not in STREAM_SCHEMES:
        text = translate(
            "StreamDialog", "Streams of the kind {kind} cannot be read; known are {known}."
        )
        return text.format(kind=f"{parts.scheme}://", known=known)
    # udp://@:5000 listens at this machine
    if not host and parts.scheme.lower() not in ("udp", "tcp", "srt"):
        return translate(
            "StreamDialog", "The name or number of the server is missing after {kind}."
        ).format(kind=f"{parts.scheme}://")
    if any(c.isspace() for c in address):
        return translate("StreamDialog", "There is a space in the address; write %20 for it.")
    return ""
