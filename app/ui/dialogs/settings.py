"""Everything that can be set, each explained in its tooltip."""

from pathlib import Path
from typing import Any

from PyQt6.QtCore import QEvent, QSize, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.settings import (
    DEVICES,
    DRAWINGS,
    LANGUAGES,
    LIMITS,
    PRECISIONS,
    RECORD_CONTENTS,
    THEMES,
    Settings,
    shipped_presets,
)
from app.ui.dialogs.base import Dialog, button, plain
from app.ui.dialogs.settings_texts import SettingsTexts
from model.errors import InputError

_Button = QDialogButtonBox.StandardButton

TABS: dict[str, tuple[str, ...]] = {
    "model": ("device", "precision", "preset"),
    "memory": ("slots", "remember_every", "remember_score", "uncertain_below", "lost_below"),
    "picture": (
        "show_scores",
        "show_trail",
        "trail_length",
        "show_search",
        "show_response",
        "drawing",
    ),
    "recording": ("record_content", "record_folder"),
    "look": ("language", "theme"),
}
"""Names of the settings on each tab."""
_CHOICES = {
    "device": DEVICES,
    "precision": PRECISIONS,
    "record_content": RECORD_CONTENTS,
    "language": LANGUAGES,
    "theme": THEMES,
    "drawing": DRAWINGS,
}


class SettingsDialog(Dialog):
    """Shows settings, and hands over what was chosen by `applied`."""

    applied = pyqtSignal(object)
    """`Settings`, on OK and on Apply, if they differ from those before."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._applied = settings
        self._texts = SettingsTexts(self)
        self.fields: dict[str, QWidget] = {}
        self._labels: dict[str, QLabel] = {}
        self._notes: dict[str, QLabel] = {}
        self.tabs = QTabWidget()
        for tab, names in TABS.items():
            self.tabs.addTab(self._page(tab, names), "")
        self._fault = QLabel()
        self._fault.setObjectName("fault")
        self._fault.setWordWrap(True)
        self._fault.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self._buttons = QDialogButtonBox(
            _Button.Ok | _Button.Apply | _Button.Cancel | _Button.RestoreDefaults
        )
        self._buttons.accepted.connect(self._accept)
        self._buttons.rejected.connect(self.reject)
        button(self._buttons, _Button.Apply).clicked.connect(self._apply)
        button(self._buttons, _Button.RestoreDefaults).clicked.connect(
            lambda: self.show_settings(Settings())
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.tabs)
        column.addWidget(self._fault)
        column.addWidget(self._buttons)
        self.retranslate()
        self.show_settings(settings)

    @property
    def fault(self) -> str:
        """Why what is shown cannot be applied, a sentence; empty if it can."""
        return self._fault.text()

    def shown(self) -> Settings:
        """What the fields say.

        Raises:
            InputError: they contradict each other.
        """
        return Settings(**{name: _value(field) for name, field in self.fields.items()})

    def show_settings(self, settings: Settings) -> None:
        """Let the fields say `settings`; nothing is applied yet."""
        for name, field in self.fields.items():
            _set_value(field, getattr(settings, name))
        self._check()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Wide enough for the notes to stay short."""
        return super().sizeHint().expandedTo(QSize(520, 0))

    def retranslate(self) -> None:
        """Set all texts."""
        texts = self._texts
        self.setWindowTitle(self.tr("Settings"))
        for number, (tab, names) in enumerate(TABS.items()):
            self.tabs.setTabText(number, texts.tab(tab))
            self._notes[tab].setText(texts.note(tab))
            for name in names:
                self._translate_field(name)
        for which, tip in (
            (_Button.Ok, self.tr("Apply these settings, keep them, and close")),
            (_Button.Apply, self.tr("Apply these settings and keep them")),
            (_Button.Cancel, self.tr("Close without applying anything further")),
            (_Button.RestoreDefaults, self.tr("Show the settings of a first start in every tab")),
        ):
            button(self._buttons, which).setToolTip(tip)
        self._check()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the language, after Qt's own buttons did."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.adjustSize()

    def _translate_field(self, name: str) -> None:
        texts, field = self._texts, self.fields[name]
        tip = texts.tip(name)
        if isinstance(field, QCheckBox):
            field.setText(texts.label(name))
        else:
            self._labels[name].setText(texts.label(name))
            self._labels[name].setToolTip(tip)
        field.setToolTip(tip)
        field.setAccessibleName(plain(texts.label(name)).rstrip(":："))
        if isinstance(field, QComboBox):
            for number in range(field.count()):
                field.setItemText(number, texts.choice(name, field.itemData(number)))
        elif isinstance(field, QSpinBox):
            field.setSuffix(texts.suffix(name))
            if name == "slots":
                field.setSpecialValueText(self.tr("As the model has"))
        elif isinstance(field, _FolderField):
            field.retranslate()

    def _page(self, tab: str, names: tuple[str, ...]) -> QWidget:
        page, note = QWidget(), QLabel()
        note.setObjectName("muted")
        note.setWordWrap(True)
        self._notes[tab] = note
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(8)
        for name in names:
            field = self._field(name)
            if isinstance(field, QAbstractSpinBox):
                # as tall as the lists: letters of some scripts are taller than those of the font
                field.setMinimumHeight(QComboBox().sizeHint().height())
            self.fields[name] = field
            if isinstance(field, QCheckBox):
                form.addRow(field)
                continue
            label = QLabel()
            label.setBuddy(field)
            self._labels[name] = label
            form.addRow(label, field)
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(form)
        column.addStretch()
        column.addWidget(note)
        return page

    def _field(self, name: str) -> QWidget:
        default = getattr(Settings, name)
        if isinstance(default, bool):
            box = QCheckBox()
            box.toggled.connect(self._check)
            return box
        if name in LIMITS:
            low, high = LIMITS[name]
            if isinstance(default, int):
                number = QSpinBox()
                number.setRange(int(low), int(high))
                number.valueChanged.connect(self._check)
                return number
            share = QDoubleSpinBox()
            share.setRange(low, high)
            share.setSingleStep(0.05)
            share.setDecimals(2)
            share.valueChanged.connect(self._check)
            return share
        if name == "record_folder":
            return _FolderField(self)
        choice = QComboBox()
        for value in shipped_presets() if name == "preset" else _CHOICES[name]:
            choice.addItem("", value)
        choice.currentIndexChanged.connect(self._check)
        return choice

    def _check(self) -> None:
        try:
            shown = self.shown()
        except InputError:
            # the fields keep to their limits; only these two can contradict each other
            self._fault.setText(
                self.tr("'Lost below' is above 'uncertain below'; lower it to that or less.")
            )
        else:
            self._fault.setText("")
            button(self._buttons, _Button.Apply).setEnabled(shown != self._applied)
        fine = not self._fault.text()
        button(self._buttons, _Button.Ok).setEnabled(fine)
        if not fine:
            button(self._buttons, _Button.Apply).setEnabled(False)

    def _apply(self) -> None:
        shown = self.shown()
        if shown != self._applied:
            self._applied = shown
            self.applied.emit(shown)
        self._check()

    def _accept(self) -> None:
        self._apply()
        self.accept()


class _FolderField(QWidget):
    """A folder: typed, or chosen in the system's dialog; empty for the default."""

    def __init__(self, dialog: SettingsDialog) -> None:
        super().__init__()
        self.edit, self.choose = QLineEdit(), QPushButton()
        self.edit.setClearButtonEnabled(True)
        self.edit.textChanged.connect(dialog._check)
        self.choose.setAutoDefault(False)
        self.choose.clicked.connect(self._choose)
        self.setFocusProxy(self.edit)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.edit, stretch=1)
        row.addWidget(self.choose)

    def retranslate(self) -> None:
        """Set all texts."""
        self.edit.setPlaceholderText(str(Settings().recordings_folder()))
        self.edit.setAccessibleName(self.accessibleName())
        self.choose.setText(self.tr("Choose…"))
        self.choose.setToolTip(self.tr("Choose the folder in the system's dialog"))

    def _choose(self) -> None:
        folder = str(Path(self.edit.text() or Settings().recordings_folder()))
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder of recordings"), folder)
        if chosen:
            self.edit.setText(chosen)


def _value(field: QWidget) -> Any:
    if isinstance(field, QCheckBox):
        return field.isChecked()
    if isinstance(field, QSpinBox):
        return field.value()
    if isinstance(field, QDoubleSpinBox):
        return round(field.value(), 2)
    if isinstance(field, QComboBox):
        return field.currentData()
    assert isinstance(field, _FolderField)
    return field.edit.text().strip()


def _set_value(field: QWidget, value: Any) -> None:
    if isinstance(field, QCheckBox):
        field.setChecked(bool(value))
    elif isinstance(field, QSpinBox | QDoubleSpinBox):
        field.setValue(value)
    elif isinstance(field, QComboBox):
        if field.findData(value) < 0:
            # of a settings file: another graphics card, a file of weights
            field.addItem(str(value), value)
        field.setCurrentIndex(field.findData(value))
    elif isinstance(field, _FolderField):
        field.edit.setText(str(value))
