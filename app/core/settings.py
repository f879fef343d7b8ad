"""What the user has set in the application, kept between runs in one JSON file."""

import json
import math
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from app.core.files import from_home, replace_text
from app.core.sources.base import reason
from model.errors import InputError
from model.sentences import Sentence

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
LANGUAGES = ("", "en", "zh_CN")
"""Empty is that of the system."""
DRAWINGS = ("auto", "card", "cpu")
THEMES = ("system", "light", "dark")
RECORD_CONTENTS = ("overlay", "clean", "both")

LIMITS: dict[str, tuple[float, float]] = {
    "slots": (0, 32),
    "remember_every": (1, 1000),
    "remember_score": (0.0, 1.0),
    "uncertain_below": (0.0, 0.5),
    "lost_below": (0.0, 0.5),
    "trail_length": (1, 600),
}
"""Least and greatest value of every number."""

_CHOICES: dict[str, tuple[str, ...]] = {
    "precision": PRECISIONS,
    "language": LANGUAGES,
    "theme": THEMES,
    "drawing": DRAWINGS,
    "record_content": RECORD_CONTENTS,
}


@dataclass(frozen=True)
class Settings:
    """Everything that can be set; the defaults are those of a first start."""

    device: str = "auto"
    """One of `DEVICES`, or `cuda:N`."""
    precision: str = "auto"
    preset: str = "small"
    """A preset with shipped weights, or the path of a weights file."""
    slots: int = 0
    """Frames in the rolling buffer of a target; 0 for as many as the preset has."""
    remember_every: int = 25
    """Updates between two frames that enter the buffer."""
    remember_score: float = 0.8
    """Least score of a frame that enters the buffer."""
    uncertain_below: float = 0.35
    """A score under this makes a target uncertain."""
    lost_below: float = 0.1
    """A score under this, for a while, makes a target lost; at most `uncertain_below`."""
    show_trail: bool = True
    trail_length: int = 60
    """Frames over which a trail reaches back."""
    show_search: bool = False
    """Whether the search region is drawn."""
    show_response: bool = False
    """Whether the response map is drawn."""
    show_scores: bool = True
    drawing: str = "auto"
    """What draws the picture, one of `DRAWINGS`."""
    language: str = ""
    """One of `LANGUAGES`."""
    theme: str = "system"
    """One of `THEMES`."""
    record_content: str = "overlay"
    """One of `RECORD_CONTENTS`."""
    record_folder: str = ""
    """Where recordings go; empty for the user's folder of videos."""

    def __post_init__(self) -> None:
        """Check every value.

        Raises:
            InputError: a value of another type, or out of its range; the sentence names it.
        """
        for field in fields(self):
            _check(field.name, getattr(self, field.name), type(field.default))
        if self.lost_below > self.uncertain_below:
            raise InputError(
                "A target cannot be lost below {lost_below:g} and uncertain only below "
                "{uncertain_below:g}; set 'lost below' to at most 'uncertain below'.",
                lost_below=self.lost_below,
                uncertain_below=self.uncertain_below,
            )

    def tracker_options(self) -> dict[str, Any]:
        """Keyword arguments for `model.Tracker.load` besides its name."""
        options: dict[str, Any] = {
            "device": self.device,
            "precision": self.precision,
            "remember_every": self.remember_every,
            "remember_score": self.remember_score,
            "uncertain_below": self.uncertain_below,
            "lost_below": self.lost_below,
        }
        if self.slots:
            options["slots"] = self.slots
        return options

    def recordings_folder(self) -> Path:
        """Where recordings go."""
        if self.record_folder:
            return from_home(self.record_folder)
        return platformdirs.user_videos_path()


def settings_path() -> Path:
    """The file of the settings, in the user's folder for configuration."""
    return platformdirs.user_config_path("spacetime-tracker", appauthor=False) / "settings.json"


def load_settings(path: Path | None = None) -> tuple[Settings, str]:
    """The settings kept in `path`, and a sentence on what of them could not be used.

    A value that cannot be used is replaced by its default, a file that cannot be read by all
    defaults; without a file, or where all is well, the sentence is empty.
    """
    path = path or settings_path()
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Settings(), ""
    except OSError as error:
        return Settings(), Sentence(
            "The settings in {path} cannot be read ({reason}); the defaults are used until you "
            "save settings again.",
            path=path,
            reason=reason(error),
        )
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return Settings(), Sentence(
            "The settings in {path} are damaged; the defaults are used until you save settings "
            "again.",
            path=path,
        )
    return _from(document, path)


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Keep `settings` in `path`, in one step.

    Raises:
        InputError: the system refuses; the former file is untouched.
    """
    path = path or settings_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, json.dumps(asdict(settings), indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise InputError(
            "The settings cannot be written to {path} ({reason}); they hold until the program "
            "ends.",
            path=path,
            reason=reason(error),
        ) from error


def shipped_presets() -> tuple[str, ...]:
    """Names of the presets whose weights come with the application, the default one first."""
    folder = Path(__file__).parents[2] / "assets" / "weights"
    found = sorted(path.stem for path in folder.glob("*.safetensors"))
    default = Settings.preset
    return (default, *(name for name in found if name != default))


def _from(document: dict[str, Any], path: Path) -> tuple[Settings, str]:
    """Every value of `document` that can be used; names of later versions are passed over."""
    settings, refused = Settings(), []
    known = {field.name: field for field in fields(Settings)}
    kept: dict[str, Any] = {}
    for name, value in document.items():
        if name not in known:
            continue
        try:
            kept[name] = _check(name, value, type(known[name].default))
        except InputError:
            refused.append(name)
    try:
        settings = replace(settings, **kept)
    except InputError:
        # each is right by itself, and they contradict each other
        for name in ("lost_below", "uncertain_below"):
            kept.pop(name, None)
            refused.append(name)
        settings = replace(settings, **kept)
    if not refused:
        return settings, ""
    names = ", ".join(refused)
    return settings, Sentence(
        "Some settings in {path} cannot be used ({names}); their defaults are used instead.",
        path=path,
        names=names,
    )


def _check(name: str, value: object, kind: type) -> object:
    """`value` if setting `name` may have it.

    Raises:
        InputError: it may not.
    """
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
        raise InputError("The setting '{name}' cannot be {value!r}.", name=name, value=value)
    if isinstance(value, int | float) and name in LIMITS:
        low, high = LIMITS[name]
        if not low <= value <= high:
            raise InputError(
                "The setting '{name}' must be between {low:g} and {high:g}.",
                name=name,
                low=low,
                high=high,
            )
    if name in _CHOICES and value not in _CHOICES[name]:
        known = ", ".join(choice or "''" for choice in _CHOICES[name])
        raise InputError(
            "The setting '{name}' cannot be {value!r}; choose one of {known}.",
            name=name,
            value=value,
            known=known,
        )
    if name == "device" and not _is_device(str(value)):
        raise InputError(
            "There is no device {name!r}; choose one of {known}.",
            name=value,
            known=", ".join(DEVICES),
        )
    if name == "preset" and not str(value).strip():
        raise InputError("The setting 'preset' is empty; give a preset or a file of weights.")
    return value


def _is_device(name: str) -> bool:
    return name in DEVICES or (name.startswith("cuda:") and name[5:].isdecimal())
