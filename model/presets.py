"""Named configurations of network and tracker."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from model.correspondence import Grid
from model.errors import InputError
from model.geometry import CropShape


@dataclass(frozen=True)
class NetworkConfig:
    """Shape of a network. Everything that changes the state dict stands here."""

    dim: int
    """Channels of a token."""
    depth: int
    """Divided space-time blocks."""
    heads: int
    mlp_ratio: float
    stem: tuple[int, ...]
    """Channels after each stride-2 convolution of the stem; empty for a plain patch embedding."""
    head_channels: int
    backbone: str | None = None
    """Name of a timm backbone that is the stem (`model.backbone.STAGES`), instead of `stem`."""
    reach: int | None = None
    """Reach of time attention: 0, r, or None for every place of the other frames."""
    template: CropShape = field(default=CropShape(128, 2.0))
    search: CropShape = field(default=CropShape(256, 4.0))

    @property
    def template_grid(self) -> Grid:
        """Token grid of a template."""
        return Grid(self.template.grid, self.template.grid, self.template.factor)

    @property
    def search_grid(self) -> Grid:
        """Token grid of a search region."""
        return Grid(self.search.grid, self.search.grid, self.search.factor)


@dataclass(frozen=True)
class TrackerConfig:
    """How the tracker uses its network. Changes no weight."""

    slots: int = 2
    """Frames in the rolling buffer, the pinned first template included; training shows two."""
    remember_every: int = 25
    """Updates between two new templates."""
    remember_score: float = 0.8
    """Least score of a frame that enters the buffer."""
    window: float = 0.3
    """Weight of the Hann window in the choice of the peak, 0..1."""
    scale_step: float = 1.35
    """Largest ratio of the size (square root of area) of two successive boxes."""
    aspect_step: float = 1.35
    """Largest ratio of the aspect of two successive boxes."""
    calibrate: float = 0.5
    """Share of the difference between the user's box and the network's on the same frame by which
    later boxes are resized."""
    smooth: float = 0.35
    """Share of the old size kept at a score of 0.5; less at higher scores."""
    uncertain_below: float = 0.35
    """A score under this makes the target uncertain."""
    sure_above: float = 0.5
    """A score over this makes it certain again."""
    lost_below: float = 0.1
    """A score under this counts towards being lost."""
    lost_after: int = 12
    """Updates in a row under `lost_below` until the target is lost."""
    recover_above: float = 0.45
    """Score at which a target that was lost for long counts as found."""
    recover_soon: float = 0.75
    """Score at which one that was lost just now does."""
    recover_after: int = 40
    """Updates from the one to the other."""
    widen: float = 1.5
    """Search factor of an uncertain target, over the usual one."""
    unlike_below: float = 0.2
    """A likeness to the first template under this makes the target uncertain."""
    lost_crops: int = 2
    """Search regions looked at in each update while lost, every other time the last place too."""
    distractor_ratio: float = 0.85
    """A second peak this high relative to the first is a distractor."""


_MOST_SLOTS = 1000
_NOT_BELOW_1 = ("scale_step", "aspect_step", "widen")


def with_settings(config: TrackerConfig, settings: Mapping[str, Any]) -> TrackerConfig:
    """`config` with other values for some of its fields.

    Raises:
        InputError: no such field, or a value that it cannot have.
    """
    for name, value in settings.items():
        old = getattr(config, name, None) if name in TrackerConfig.__dataclass_fields__ else None
        if old is None:
            raise InputError("There is no setting {name!r} of the tracker.", name=name)
        if not _is_usable(name, old, value):
            raise InputError(
                "The setting {name} of the tracker cannot be {value!r}; {usual} is usual.",
                name=name,
                value=value,
                usual=old,
            )
    return replace(config, **settings)


def _is_usable(name: str, usual: float, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(usual, int):  # numbers of frames, updates or regions
        most = _MOST_SLOTS if name == "slots" else math.inf
        return isinstance(value, int) and 1 <= value <= most
    return math.isfinite(value) and (value >= 1 or name not in _NOT_BELOW_1)


@dataclass(frozen=True)
class Preset:
    """A named network with the tracker settings that suit it."""

    name: str
    network: NetworkConfig
    tracker: TrackerConfig
    timm_weights: str | None = None
    """Name of the timm ViT that initialises it, if any."""


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "nano",
            NetworkConfig(
                dim=128, depth=1, heads=4, mlp_ratio=2.0, stem=(), head_channels=96,
                backbone="tf_efficientnet_lite0.mid", search=CropShape(160, 2.5),
            ),
            TrackerConfig(),
        ),
        Preset(
            "small",
            NetworkConfig(
                dim=128, depth=3, heads=4, mlp_ratio=2.0, stem=(), head_channels=96,
                backbone="tf_efficientnet_lite0", search=CropShape(192, 3.0),
            ),
            TrackerConfig(),
        ),
        Preset(
            "base",
            NetworkConfig(
                dim=768, depth=12, heads=12, mlp_ratio=4.0, stem=(), head_channels=256,
                search=CropShape(288, 4.5),
            ),
            TrackerConfig(slots=5),
            timm_weights="vit_base_patch16_224.augreg_in21k",
        ),
    )
}  # fmt: skip


def preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        InputError: there is none.
    """
    if name not in PRESETS:
        raise InputError(
            "There is no preset {name!r}; choose one of {known}.",
            name=name,
            known=", ".join(PRESETS),
        )
    return PRESETS[name]
