"""Draw which tokens a search token looks at in time, for reach 0, 1 and None.

Run from the root of the repository: `python -m docs.draw_reach`. It writes docs/images/reach.svg.
"""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from model.correspondence import Grid, correspond

TEMPLATE = Grid(8, 8, 2.0)
SEARCH = Grid(18, 18, 4.5)
FRAMES = (
    ("template 1\n8 × 8 tokens, factor 2", TEMPLATE, 3.05),
    ("template 2\n8 × 8 tokens, factor 2", TEMPLATE, 5.4),
    ("search region\n18 × 18 tokens, factor 4.5", SEARCH, 8.95),
)
"""Title, grid, and where the frame's centre stands in the drawing, in target sizes."""
REACHES = (
    (0, "reach 0", "the same place\nin every frame"),
    (1, "reach 1", "a 3 × 3 window\naround the place"),
    (None, "reach None", "every place of\nthe other frames,\nand itself"),
)
# Okabe and Ito's colours, told apart by colour-blind readers; the marks differ in shape as well
TOKENS = (("A", (7, 10), "#0072B2", "o", -0.18), ("B", (10, 4), "#D55E00", "s", 0.18))
"""Name, row and column, colour, mark, and the shift, in cells, that keeps two marks apart."""
WIDTH, ROW, TOP = 11.4, 5.05, 1.7
"""Of the drawing, of a row and of the heading, in target sizes."""


def looked_at(token: tuple[int, int], key: Grid, reach: int | None) -> NDArray[np.bool_]:
    """Cells of `key`, `(H, W)`, that the search token at a row and column looks at."""
    query = token[0] * SEARCH.width + token[1]
    seen = np.zeros(key.tokens, np.bool_)
    # with reach None a token meets its own frame at its own place alone
    if reach is None and key is not SEARCH:
        seen[:] = True
    else:
        window = correspond(SEARCH, key, reach or 0)
        seen[window.index[query, window.inside[query], 0].numpy()] = True
    return seen.reshape(key.height, key.width)


def draw_frame(axes: Axes, grid: Grid, x: float, y: float, reach: int | None) -> None:
    """One frame around `(x, y)`, with the keys of each token and their number."""
    half, pitch = grid.factor / 2, grid.pitch
    edges = np.linspace(-half, half, grid.width + 1)
    axes.hlines(y + edges, x - half, x + half, color="#D4D4D4", lw=0.5, zorder=1)
    axes.vlines(x + edges, y - half, y + half, color="#D4D4D4", lw=0.5, zorder=1)
    outline(axes, x, y, grid.factor, "-")
    if grid is SEARCH:
        outline(axes, x, y, TEMPLATE.factor, "--")
    centres = (edges[:-1] + edges[1:]) / 2
    seen = [looked_at(place, grid, reach) for _, place, *_ in TOKENS]
    shared = bool((seen[0] & seen[1]).any())
    for (name, place, colour, mark, shift), cells in zip(TOKENS, seen, strict=True):
        shown = cells.copy()
        if grid is SEARCH:
            shown[place] = False
            at = (x + centres[place[1]], y + centres[place[0]])
            corner = (at[0] - pitch / 2, at[1] - pitch / 2)
            axes.add_patch(Rectangle(corner, pitch, pitch, color=colour, zorder=2))
            axes.text(
                *at, name, color="white", weight="bold", size=9, ha="center", va="center_baseline",
                zorder=3,
            )  # fmt: skip
        rows, columns = np.nonzero(shown)
        apart = shift * pitch * shared
        axes.scatter(
            x + centres[columns] + apart, y + centres[rows] + apart, s=14 if shared else 30,
            c=colour, marker=mark, linewidths=0, zorder=3,
        )  # fmt: skip
    words = ",  ".join(
        f"{name}: {cells.sum()} key{'' if cells.sum() == 1 else 's'}"
        for (name, *_), cells in zip(TOKENS, seen, strict=True)
    )
    axes.text(x, y + half + 0.07, words, ha="center", va="top", size=10)


def outline(axes: Axes, x: float, y: float, side: float, style: str) -> None:
    """A square around `(x, y)`."""
    corner = (x - side / 2, y - side / 2)
    axes.add_patch(Rectangle(corner, side, side, fill=False, lw=1.3, ls=style, zorder=2))


def draw() -> Figure:
    """The whole drawing: a row for each reach, a column for each frame, one scale for all."""
    height = TOP + ROW * len(REACHES)
    figure = Figure(figsize=(WIDTH * 0.9, height * 0.9))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.axis("off")
    axes.text(
        0.2, 0.25, "Where two tokens of the search region look in time attention", size=16,
        weight="bold", va="top",
    )  # fmt: skip
    axes.text(
        0.2, 0.62, "A stands on the target, B just outside of what the templates cover (dashed). "
        "Marks are keys: ● those of A, ■ those of B.", size=10.5, va="top",
    )  # fmt: skip
    for i, (reach, name, words) in enumerate(REACHES):
        y = TOP + ROW * i + SEARCH.factor / 2
        axes.text(0.2, y - 0.08, name, size=14, weight="bold", va="bottom")
        axes.text(0.2, y, words, size=10.5, va="top", linespacing=1.35)
        for title, grid, x in FRAMES:
            draw_frame(axes, grid, x, y, reach)
            if i == 0:
                top = y - grid.factor / 2 - 0.08
                axes.text(x, top, title, ha="center", va="bottom", size=10.5, linespacing=1.3)
    return figure


def main() -> None:
    """Write the drawing beside the documents; the same file each time."""
    mpl.rcParams["svg.hashsalt"] = "reach"
    path = Path(__file__).parent / "images" / "reach.svg"
    path.parent.mkdir(exist_ok=True)
    draw().savefig(path, metadata={"Date": None}, facecolor="white")


if __name__ == "__main__":
    main()
