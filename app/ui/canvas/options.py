"""What the canvas shows beside the picture and the boxes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ViewOptions:
    """Choices of the user; all can change at any time."""

    show_scores: bool = True
    """The score beside the id and the label."""
    show_trail: bool = True
    """Where the centre of each target was before."""
    trail_length: int = 60
    """Frames that a trail reaches back; 0 for none."""
    show_search: bool = False
    """The region in which the tracker looked for each target."""
    show_response: bool = False
    """The tracker's map of where it sees the target, over the search region."""
