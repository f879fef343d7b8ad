"""How the window is arranged, kept between runs beside the settings."""

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QByteArray
from PyQt6.QtWidgets import QWidget

from app.core.files import replace_text
from app.core.measures import Quantity
from app.core.settings import settings_path
from app.ui.plots import PlotsPanel
from app.ui.window.sources import SourceQuestions
from app.ui.window.workspace import Workspace

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Layout:
    """What of a window is kept."""

    window: QWidget
    workspace: Workspace
    plots: PlotsPanel
    sources: SourceQuestions

    def restore(self) -> None:
        """Arrange all as it was; where nothing was kept, it stays as it is."""
        kept = _read()
        geometry = QByteArray.fromBase64(kept.get("window", "").encode("ascii", "ignore"))
        self.window.restoreGeometry(geometry)
        self.workspace.restore(kept)
        if Path(kept.get("folder", "")).is_absolute():
            self.sources.folder = kept["folder"]
        if "plots" in kept:
            known = [Quantity(name) for name in kept["plots"].split() if name in list(Quantity)]
            self.plots.set_quantities(known)

    def keep(self) -> None:
        """Keep how all is arranged; where the system refuses, the next start has the default."""
        layout = {
            "window": self.window.saveGeometry().toBase64().data().decode("ascii"),
            "folder": self.sources.folder,
            "plots": " ".join(self.plots.quantities),
            **self.workspace.state(),
        }
        path = layout_path()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_text(path, json.dumps(layout, indent=1) + "\n")
        except OSError as error:
            _log.warning("the arrangement of the window cannot be kept: %s", error)


def layout_path() -> Path:
    """The file, in the user's folder for configuration."""
    return settings_path().with_name("layout.json")


def _read() -> dict[str, str]:
    """What was kept; empty where there is nothing that can be used."""
    try:
        document = json.loads(layout_path().read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {str(name): value for name, value in document.items() if isinstance(value, str)}
