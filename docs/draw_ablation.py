"""Draw what the reach of time attention and the frames in the buffer give and cost.

Run from the root of the repository: `python -m docs.draw_ablation`. It reads docs/ablation.csv,
which `python -m tools.ablation` writes, and writes docs/images/ablation.svg.
"""

import csv
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

HERE = Path(__file__).parent
SOURCE, DRAWING = HERE / "ablation.csv", HERE / "images" / "ablation.svg"
NAMES = {
    "no-time": "no time\nattention", "reach-0": "reach 0", "reach-1": "reach 1",
    "reach-2": "reach 2", "reach-none": "reach None", "joint": "joint",
}  # fmt: skip
# Okabe and Ito's colours, told apart by colour-blind readers
ACCURACY, COST = "#0072B2", "#D55E00"

Rows = list[dict[str, str]]


def read(path: Path) -> tuple[Rows, Rows]:
    """Lines of the variants, in the order of `NAMES`, and those of the buffer, by its size."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    order = list(NAMES)
    variants = [row for row in rows if row["name"] in NAMES]
    buffers = [row for row in rows if row["name"] not in NAMES]
    return (
        sorted(variants, key=lambda row: order.index(row["name"])),
        sorted(buffers, key=lambda row: int(row["slots"])),
    )


def draw_bars(axes: Axes, rows: Rows, column: str, digits: int, colour: str) -> None:
    """A column of the table as bars with their values."""
    heights = [float(row[column]) for row in rows]
    axes.bar(range(len(rows)), heights, color=colour, width=0.6)
    for place, height in enumerate(heights):
        text = f"{height:.{digits}f}"
        axes.annotate(text, (place, height), (0, 2), textcoords="offset points", ha="center",
                      va="bottom", fontsize=8)  # fmt: skip
    axes.set_ylim(0, 1.2 * max(heights))
    axes.spines[["top", "right"]].set_visible(False)


def main() -> None:
    """Draw accuracy above time, for the variants and for the buffer."""
    variants, buffers = read(SOURCE)
    mpl.rcParams["svg.hashsalt"] = "ablation"  # the same drawing from the same numbers
    figure = Figure(figsize=(10.5, 4.6), layout="constrained")
    above, below = figure.subplots(2, 2, sharex="col", width_ratios=(1.6, 1))
    halves = (
        (variants, "attention in time", [NAMES[row["name"]] for row in variants]),
        (buffers, "frames in the buffer of small", [row["slots"] for row in buffers]),
    )
    for i, (rows, title, names) in enumerate(halves):
        draw_bars(above[i], rows, ("step_iou", "success_auc")[i], 3, ACCURACY)
        draw_bars(below[i], rows, "ms", 1, COST)
        above[i].set_title(title, fontsize=10)
        labels = [f"{name}\n{row['keys']} keys" for name, row in zip(names, rows, strict=True)]
        below[i].set_xticks(range(len(rows)), labels, fontsize=8)
    above[0].set_ylabel("IoU of a step")
    above[1].set_ylabel("success AUC")
    below[0].set_ylabel("ms per step")
    figure.savefig(DRAWING, metadata={"Date": None})


if __name__ == "__main__":
    main()
