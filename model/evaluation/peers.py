"""Trackers behind one protocol: ours by preset or weights file, and OpenCV's by name."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import cv2

from model.errors import InputError
from model.geometry import Box, clip_box
from model.images import Frame, as_rgb
from model.presets import PRESETS
from model.tracker import Tracker

_log = logging.getLogger(__name__)


class Contender(Protocol):
    """A tracker of one target, as the evaluation runs it; `init` starts it over."""

    @property
    def name(self) -> str:
        """What reports call it."""

    @property
    def ours(self) -> bool:
        """Whether it is one of this project, rather than a peer to compare with."""

    @property
    def score(self) -> float | None:
        """Confidence of the last update; None where the tracker has none."""

    @property
    def state(self) -> str:
        """State of the last update; empty where the tracker has none."""

    def init(self, bgr: Frame, box: Box) -> None:
        """Start on `box` of the frame `(H, W, 3)` uint8 BGR."""

    def update(self, bgr: Frame) -> tuple[bool, Box]:
        """Whether there is a box in the next frame, and the box, which means nothing if not."""


class OwnTracker:
    """This project's tracker; converting a frame to RGB is part of its update."""

    ours = True

    def __init__(
        self, weights: str, *, name: str | None = None, device: str = "auto",
        precision: str = "auto",
    ) -> None:  # fmt: skip
        """Load a preset by name or weights by path.

        Raises:
            WeightsError: no such preset or file, or weights that cannot be used.
            InputError: unknown device or precision.
        """
        self.name = name or weights
        self.score: float | None = None
        self.state = ""
        self._tracker = Tracker.load(weights, device=device, precision=precision)
        self._frame = 0

    def init(self, bgr: Frame, box: Box) -> None:
        """Start over on `box`; raises InputError for one that cannot be tracked."""
        self._tracker.reset()
        self.score, self.state = None, ""
        self._frame = 0
        self._tracker.add(as_rgb(bgr, bgr=True), box, time=0.0)

    def update(self, bgr: Frame) -> tuple[bool, Box]:
        """Always gives a box: while the target is lost, the last one held."""
        self._frame += 1
        # benchmarks carry no time stamps; 25 frames per second is what most were filmed at
        result = self._tracker.update(as_rgb(bgr, bgr=True), time=self._frame / 25)[0]
        self.score, self.state = result.score, str(result.state)
        return True, result.box


class OpenCVTracker:
    """A `cv2.Tracker`, made anew at each start."""

    ours = False
    state = ""

    def __init__(self, name: str, create: Callable[[], Any]) -> None:
        self.name = name
        self.score: float | None = None
        self._create = create
        self._tracker: Any = None

    def init(self, bgr: Frame, box: Box) -> None:
        """Start over on `box` in whole pixels, clipped to the frame: they take no other."""
        height, width = bgr.shape[:2]
        x, y, w, h = clip_box(box, width, height, margin=1.0)
        start = (round(x), round(y), max(1, round(w)), max(1, round(h)))
        self._tracker = self._create()
        try:
            self._tracker.init(bgr, start)
        except cv2.error as error:
            _log.warning("%s cannot start on %s: %s", self.name, start, error.err)
            self._tracker = None

    def update(self, bgr: Frame) -> tuple[bool, Box]:
        """A tracker that raised at the start or raises now gives no box."""
        self.score = None
        if self._tracker is None:
            return False, (0.0, 0.0, 0.0, 0.0)
        try:
            found, box = self._tracker.update(bgr)
        except cv2.error as error:
            _log.warning("%s failed: %s", self.name, error.err)
            return False, (0.0, 0.0, 0.0, 0.0)
        self.score = _score(self._tracker)
        x, y, w, h = (float(v) for v in box)
        return bool(found), (x, y, w, h)


@dataclass(frozen=True)
class Peer:
    """A tracker of OpenCV: the function that makes it, `Class` or `legacy.Class`."""

    factory: str
    what: str
    contrib: bool = True
    weights: tuple[str, str] | None = None
    """Files of backbone and head, below the folder of peers' weights."""


PEERS: dict[str, Peer] = {
    "kcf": Peer("TrackerKCF", "kernelised correlation filters (Henriques et al. 2015)"),
    "csrt": Peer("TrackerCSRT", "correlation filter with reliability (Lukežič et al. 2017)"),
    "mil": Peer("TrackerMIL", "multiple instance learning (Babenko et al. 2009)", contrib=False),
    "mosse": Peer("legacy.TrackerMOSSE", "adaptive correlation filter (Bolme et al. 2010)"),
    "nanotrack1": Peer(
        "TrackerNano", "NanoTrack v1, a Siamese network; needs peers' weights", contrib=False,
        weights=("nanotrack_v1_backbone.onnx", "nanotrack_v1_head.onnx"),
    ),
    "nanotrack2": Peer(
        "TrackerNano", "NanoTrack v2, a Siamese network; needs peers' weights", contrib=False,
        weights=("nanotrack_v2_backbone.onnx", "nanotrack_v2_head.onnx"),
    ),
}  # fmt: skip
"""OpenCV's trackers by the name `--trackers` takes."""


ALL_PEERS = "peers"
"""Stands for every tracker of OpenCV that can run here, where a name of one is taken."""


def open_trackers(
    names: Sequence[str],
    *,
    weights: Sequence[Path] = (),
    peer_weights: Path | None = None,
    device: str = "auto",
    precision: str = "auto",
) -> list[Contender]:
    """The trackers of these names, in this order, then one per weights file.

    A file is reported by its stem; where that is another's name too, by folder and stem,
    `run2-best`.

    Args:
        names: names of `PEERS`, presets of this project, or paths of weights.
        weights: further weights of this project.
        peer_weights: folder with the ONNX files of NanoTrack.
        device, precision: for this project's trackers, as `Tracker.load` takes them.

    Raises:
        InputError: no name, an unknown one, one twice, or a tracker the installed OpenCV lacks.
        WeightsError: weights that are missing or cannot be used.
    """
    named = [*names, *(str(path) for path in weights)]
    if not named:
        raise InputError("There is no tracker to evaluate; name one or give weights.")
    for name in names:
        if name not in PEERS and name not in PRESETS and not Path(name).suffix:
            raise InputError(
                f"There is no tracker named {name}; name a preset ({', '.join(PRESETS)}), one of "
                f"OpenCV's ({', '.join(PEERS)}) or all of them ({ALL_PEERS}), or the path of a "
                ".safetensors file."
            )
    shown = shown_names(named)
    twice = sorted({n for n in shown if shown.count(n) > 1})
    if twice:
        raise InputError(
            f"Two trackers would be reported as {', '.join(twice)}; name each once, and give "
            "weights files different names."
        )
    # peers first: what one lacks is known before weights are loaded
    peers = {n: open_peer(n, peer_weights) for n in names if n in PEERS}
    return [
        peers[name] if name in peers
        else OwnTracker(name, name=label, device=device, precision=precision)
        for name, label in zip(named, shown, strict=True)
    ]  # fmt: skip


def shown_names(named: Sequence[str]) -> list[str]:
    """What reports call trackers named so: a file by its stem, told from others by its folder."""
    short = [n if _is_name(n) else Path(n).stem for n in named]
    return [
        s if _is_name(n) or short.count(s) == 1 else f"{Path(n).resolve().parent.name}-{s}"
        for n, s in zip(named, short, strict=True)
    ]


def expand_peers(names: Sequence[str], peer_weights: Path | None) -> tuple[list[str], list[str]]:
    """`names` with `peers` replaced by those that can run here and are not named anyway.

    Returns:
        The names, and a sentence for each peer left out.
    """
    expanded: list[str] = []
    left_out: list[str] = []
    for name in names:
        if name != ALL_PEERS:
            expanded.append(name)
            continue
        for peer in PEERS:
            if peer in names or peer in expanded:
                continue
            try:
                open_peer(peer, peer_weights)
                expanded.append(peer)
            except InputError as error:
                left_out.append(f"{peer} is left out: {error}")
    return expanded, left_out


def _is_name(text: str) -> bool:
    return text in PEERS or text in PRESETS


def open_peer(name: str, peer_weights: Path | None = None) -> OpenCVTracker:
    """OpenCV's tracker of this name.

    Raises:
        InputError: the installed OpenCV has no such tracker, or its weights are missing.
    """
    peer = PEERS[name]
    factory = _factory(name, peer)
    if peer.weights is not None:
        factory = _with_weights(name, peer.weights, peer_weights)
    return OpenCVTracker(name, factory)


def _factory(name: str, peer: Peer) -> Callable[[], Any]:
    owner: Any = cv2
    *modules, cls = peer.factory.split(".")
    for module in modules:
        owner = getattr(owner, module, None)
    create: Callable[[], Any] | None = getattr(owner, f"{cls}_create", None)
    if create is None:
        if peer.contrib:
            # any build of the same OpenCV fits: 5.0.0 is also 5.0.0.93 in the package index
            remedy = f'pip install --no-deps "opencv-contrib-python=={cv2.__version__}.*"'
        else:
            remedy = "pip install --upgrade opencv-python"
        raise InputError(
            f"The installed OpenCV {cv2.__version__} has no {name} tracker; install one that "
            f"has it with `{remedy}`."
        )
    return create


def _with_weights(name: str, files: tuple[str, str], folder: Path | None) -> Callable[[], Any]:
    if folder is None:
        raise InputError(
            f"{name} needs its weights; give the folder with {files[0]} and {files[1]} "
            "as --peer-weights."
        )
    for file in files:
        if not (folder / file).is_file():
            raise InputError(
                f"{folder / file} is missing; {name} needs it, so give the folder that holds it "
                "as --peer-weights."
            )
    return partial(_create_nano, folder / files[0], folder / files[1])


def _create_nano(backbone: Path, head: Path) -> Any:
    api: Any = cv2  # OpenCV's own stubs lack TrackerNano
    params = api.TrackerNano_Params()
    params.backbone, params.neckhead = str(backbone), str(head)
    # at every start it warns twice of a DNN target that nobody chose
    level = api.utils.logging.getLogLevel()
    api.utils.logging.setLogLevel(api.utils.logging.LOG_LEVEL_ERROR)
    try:
        return api.TrackerNano_create(params)
    finally:
        api.utils.logging.setLogLevel(level)


def _score(tracker: Any) -> float | None:
    """OpenCV answers -1 for a tracker without a score; those of `legacy` lack the function."""
    if not hasattr(tracker, "getTrackingScore"):
        return None
    score = float(tracker.getTrackingScore())
    return score if score >= 0 else None
