"""How the window is arranged, kept between runs beside the settings."""

import json
import logging
from pathlib import Path

from app.core.files import replace_text
from app.core.settings import settings_path

_log = logging.getLogger(__name__)


def layout_path() -> Path:
    """The file, in the user's folder for configuration."""
    return settings_path().with_name("layout.json")


def load_layout() -> dict[str, str]:
    """What was kept; empty where there is nothing that can be used."""
    try:
        document = json.loads(layout_path().read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {str(name): value for name, value in document.items() if isinstance(value, str)}


def save_layout(layout: dict[str, str]) -> None:
    """Keep `layout`; where the system refuses, the next start has the default."""
    path = layout_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, json.dumps(layout, indent=1) + "\n")
    except OSError as error:
        _log.warning("the arrangement of the window cannot be kept: %s", error)
