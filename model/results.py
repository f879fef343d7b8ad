"""What a tracker says of its targets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.geometry import Box
from model.images import Frame
from model.states import State


@dataclass(frozen=True)
class SlotInfo:
    """One remembered frame of a target."""

    index: int
    """Slot in the buffer."""
    time: float
    """Seconds, as given with the frame."""
    score: float
    """Score when it entered, 0..1; 1 for a template drawn by the user."""
    pinned: bool
    share: float
    """Share of time attention that the target's tokens gave it in this update, 0..1."""


@dataclass(frozen=True)
class TrackResult:
    """Where a target is in one frame."""

    id: int
    box: Box
    """`(x, y, w, h)` in pixels of the frame; the last sure one while lost."""
    score: float
    """Predicted IoU of the box, 0..1."""
    state: State
    reason: str
    """Why the state is what it is, in words; empty while tracking."""
    slots: tuple[SlotInfo, ...]
    """The frames in the target's memory."""


@dataclass(frozen=True, eq=False)
class LastLook:
    """Where a target was searched in the last update, and what the network answered."""

    region: Box
    """The square that was searched, `(x, y, w, h)` in pixels of the frame; it may reach beyond."""
    response: NDArray[np.float32]
    """`(G, G)` in 0..1: the target's centre lies in the cell; the peak was picked from this."""
    box: Box
    """What was found at the peak, in pixels of the frame; not limited as the target's box is."""


@dataclass(frozen=True, eq=False)
class Attention:
    """What one search step looked at.

    L blocks, H heads, G tokens along the search region, T remembered frames, g tokens along a
    template. Tokens are numbered row by row. All numbers are in 0..1.
    """

    search: Frame
    """`(S, S, 3)` uint8 RGB: the crop that was searched."""
    slots: tuple[int, ...]
    """T slots of the buffer, rising."""
    templates: tuple[Frame, ...]
    """T template crops, `(s, s, 3)` uint8 RGB."""
    time: NDArray[np.float32]
    """`(L, H, G*G, T, g*g)`: time attention of each search token to each place of each frame."""
    own: NDArray[np.float32]
    """`(L, H, G*G)`: time attention that stays in the search frame: with the token itself, with
    reach r also with the places around it. `time.sum((-2, -1)) + own` is 1."""
    space: NDArray[np.float32]
    """`(L, H, G*G, G*G)`: space attention of each token (third axis) to each; rows sum to 1."""
    box: Box
    """The target as found, in pixels of the search crop."""
