"""What clips are drawn from: tracks, pictures and cut-outs."""

from dataclasses import dataclass, field

import cv2

from model.images import Frame
from model.training.cutouts import Cutout, Pyramid
from model.training.track import Track


@dataclass(frozen=True)
class Library:
    """Sources of clips, ready to be shared by forked workers."""

    tracks: list[Track] = field(default_factory=list)
    backgrounds: list[Pyramid] = field(default_factory=list)
    mean_colours: list[tuple[float, float, float]] = field(default_factory=list)
    """Of the backgrounds."""
    objects: list[Cutout] = field(default_factory=list)
    """Instances and segments of photographs."""
    patches: list[Cutout] = field(default_factory=list)
    """Rectangles and ellipses of photographs."""
    unlabelled: list[Track] = field(default_factory=list)
    """Tracks found in plain videos: boxes by motion, not by hand."""

    @property
    def deforming(self) -> list[Track]:
        """Tracks with cut-outs."""
        return [track for track in self.tracks if track.cutouts]

    def add_background(self, image: Frame) -> int:
        """Add a picture; returns its index."""
        self.backgrounds.append(Pyramid(image, 64))
        r, g, b = cv2.mean(image[::4, ::4])[:3]
        self.mean_colours.append((r, g, b))
        return len(self.backgrounds) - 1

    def describe(self) -> str:
        """What it holds, in one line."""
        frames = sum(len(t.frames) for t in self.tracks)
        return (
            f"{len(self.tracks)} tracks ({frames} frames, {len(self.deforming)} with masks), "
            f"{len(self.backgrounds)} backgrounds, {len(self.objects)} objects, "
            f"{len(self.patches)} patches, {len(self.unlabelled)} unlabelled tracks"
        )
