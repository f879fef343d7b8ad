"""How long the line is that was drawn, and in which unit."""

import math

from PyQt6.QtCore import QCoreApplication, QLocale, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.player.document import Point, Scale
from app.ui.dialogs.base import Dialog, button

UNITS = ("m", "cm", "mm", "ft", "in")
_LONGEST_UNIT = 12
_GREATEST = 1e9
_Button = QDialogButtonBox.StandardButton


class ScaleDialog(Dialog):
    """Asks for the length of a line in the picture."""

    chosen = pyqtSignal(object)
    """A `Scale`, or None where there is to be none any more."""

    def __init__(
        self, a: Point, b: Point, now: Scale | None = None, parent: QWidget | None = None
    ) -> None:
        """Ask.

        Args:
            a: one end of the line, pixels of the frame.
            b: the other end, elsewhere.
            now: the scale there is, whose unit is offered; also its length where it is this line's.
            parent: the window.
        """
        super().__init__(parent)
        self._a, self._b, self._now = a, b, now
        self.length, self.unit = QLineEdit(), QComboBox()
        self.fault, self._told = QLabel(), QLabel()
        self._length_label = QLabel()
        self.buttons = QDialogButtonBox(_Button.Ok | _Button.Cancel)
        self.remove = QPushButton()
        self._arrange()
        self.unit.setEditable(True)
        self.unit.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.unit.addItems(UNITS)
        self.unit.setCurrentText(now.unit if now is not None else UNITS[0])
        if now is not None and (now.a, now.b) == (a, b):
            self.length.setText(QLocale().toString(now.length, "g", 10))
        self.length.textChanged.connect(self._check)
        self.unit.editTextChanged.connect(self._check)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        self.remove.clicked.connect(self._remove)
        self.retranslate()
        self.length.setFocus()
        self.length.selectAll()

    @property
    def scale(self) -> Scale | None:
        """What is asked for; None while it cannot be."""
        length, unit = length_of(self.length.text()), self.unit.currentText().strip()
        if length is None or unit_fault(unit):
            return None
        return Scale(self._a, self._b, length, unit)

    def retranslate(self) -> None:
        """Set all texts."""
        self.setWindowTitle(self.tr("Scale"))
        self._length_label.setText(self.tr("&Length of the line:"))
        self.length.setToolTip(self.tr("How long what the line spans is in reality"))
        self.length.setAccessibleName(self.tr("Length"))
        self.unit.setToolTip(self.tr("The unit of the length: one of these, or any other name"))
        self.unit.setAccessibleName(self.tr("Unit"))
        self.remove.setText(self.tr("&Remove the scale"))
        self.remove.setToolTip(self.tr("Measure in pixels again"))
        button(self.buttons, _Button.Ok).setToolTip(self.tr("Measure in this unit from now on"))
        self._check()

    def _arrange(self) -> None:
        self._told.setObjectName("muted")
        self.fault.setObjectName("fault")
        self.fault.setWordWrap(True)
        # room for it, so that nothing jumps while one types
        self.fault.setMinimumHeight(self.fontMetrics().lineSpacing())
        self._length_label.setBuddy(self.length)
        self.unit.setMinimumContentsLength(6)
        fields = QHBoxLayout()
        fields.setSpacing(8)
        fields.addWidget(self.length, stretch=1)
        fields.addWidget(self.unit)
        form = QFormLayout()
        form.addRow(self._length_label, fields)
        if self._now is not None:
            self.buttons.addButton(self.remove, QDialogButtonBox.ButtonRole.ResetRole)
        else:
            self.remove.setParent(self)
            self.remove.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addLayout(form)
        column.addWidget(self._told)
        column.addWidget(self.fault)
        column.addWidget(self.buttons)
        self.setMinimumWidth(380)

    def _check(self) -> None:
        scale, pixels = self.scale, math.dist(self._a, self._b)
        text = self.length.text().strip()
        fault = ""
        if text and length_of(text) is None:
            fault = self.tr("The length must be a number above 0.")
        elif text:
            fault = unit_fault(self.unit.currentText().strip())
        self.fault.setText(fault)
        if scale is None:
            told = self.tr("The line is {pixels} pixels long.").format(pixels=f"{pixels:.1f}")
        else:
            told = self.tr("The line is {pixels} pixels long: a pixel is {amount} {unit}.").format(
                pixels=f"{pixels:.1f}", amount=f"{scale.per_pixel:.4g}", unit=scale.unit
            )
        self._told.setText(told)
        button(self.buttons, _Button.Ok).setEnabled(scale is not None)

    def _accept(self) -> None:
        scale = self.scale
        if scale is not None:
            self.accept()
            self.chosen.emit(scale)

    def _remove(self) -> None:
        self.accept()
        self.chosen.emit(None)


def length_of(text: str) -> float | None:
    """The number that `text` is in the language of now, or else with a decimal point or comma; None
    where it is none above 0."""
    text = text.strip()
    value, is_number = QLocale().toDouble(text)
    if not is_number:
        value, is_number = QLocale.c().toDouble(text.replace(",", ".", 1))
    # a number beyond any length is a slip of the finger
    return value if is_number and 0 < value <= _GREATEST else None


def unit_fault(unit: str) -> str:
    """What is wrong with the name of a unit, a sentence; empty if nothing."""
    translate = QCoreApplication.translate
    if not unit:
        return translate("ScaleDialog", "Give the unit a name, such as m or cm.")
    if unit.lower() in ("px", "pixel", "pixels", "像素"):
        return translate("ScaleDialog", "Without a scale everything is in pixels already.")
    if len(unit) > _LONGEST_UNIT:
        return translate("ScaleDialog", "The name of a unit has {count} letters at most.").format(
            count=_LONGEST_UNIT
        )
    return ""
