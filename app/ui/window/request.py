"""What is to be opened, and how."""

from dataclasses import dataclass, field
from pathlib import Path

from app.core.files import from_home
from app.core.player.document import DocumentState, default_colour
from app.core.recent import kind_of, without_secrets
from app.core.sources import Source, open_source
from app.core.studio.no_pictures import NoPictures
from app.core.studio.project_source import ProjectSource
from model.geometry import Box


@dataclass(frozen=True)
class OpenRequest:
    """A source as the user asked for it."""

    text: str
    """As `open_source` takes it."""
    rate: float | None = None
    """Frames per second asked of a folder of images, a camera or the screen."""
    size: tuple[int, int] | None = None
    """`(width, height)` asked of a camera."""
    mirror: bool = False
    boxes: tuple[Box, ...] = ()
    """Targets on the first frame."""
    loop: bool = False
    is_demo: bool = False

    def open(self) -> Source:
        """Open it, which may take a while.

        Raises:
            InputError: nothing there, or nothing that can be read as video.
        """
        return open_source(self.text, rate=self.rate, size=self.size, mirror=self.mirror)

    @property
    def can_be_tried(self) -> bool:
        """Whether opening it takes it from nobody, and a moment only."""
        return self.kind in ("video", "folder")

    def check(self) -> None:
        """Open it and let it go.

        Raises:
            InputError: as in `open`.
        """
        self.open().close()

    @property
    def kind(self) -> str:
        """One of `recent.KINDS`."""
        return kind_of(self.text)

    @property
    def folder(self) -> Path | None:
        """Where it lies; None for what is no file or folder of the user's."""
        if self.is_demo or not self.text or self.kind not in ("video", "folder"):
            return None
        return from_home(self.text).absolute().parent

    @property
    def name(self) -> str:
        """What to call it in a title; holds no password. Empty for the demo, a camera, a screen."""
        if self.is_demo or self.text.isdecimal() or self.text.startswith("screen:"):
            return ""
        if "://" in self.text:
            return without_secrets(self.text)
        return Path(self.text).name or self.text


def demo_request() -> OpenRequest:
    """The embedded clip, played over and over, its target chosen."""
    from assets.demo import clip_path, truth

    x, y, w, h = (float(value) for value in truth()[0])
    return OpenRequest(str(clip_path()), boxes=((x, y, w, h),), loop=True, is_demo=True)


@dataclass(frozen=True)
class BoxesOnly(OpenRequest):
    """A project whose source is gone: its boxes on grey pictures."""

    source: ProjectSource = field(default_factory=lambda: ProjectSource("live", ""))
    document: DocumentState = field(default_factory=DocumentState)

    def open(self) -> Source:
        """Open the stand-in."""
        return NoPictures(self.source, self.document)

    @property
    def name(self) -> str:
        """Of the source that is gone."""
        return self.source.name


def is_untouched(state: DocumentState) -> bool:
    """Whether nothing was done to the demo's own target."""
    plain = len(state.targets) == 1 and state.scale is None
    return plain and all(
        target.visible
        and not target.label
        and len(target.corrections) <= 1
        and target.colour == default_colour(target.id)
        for target in state.targets
    )
