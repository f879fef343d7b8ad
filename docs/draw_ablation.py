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


def draw_bars(axes: Axes, labels: list[str], rows: Rows, title: str) -> None:
    """Success AUC as bars, and the time of a step as marks on an axis of its own."""
    places = range(len(rows))
    heights = [float(row["success_auc"]) for row in rows]
    axes.bar(places, heights, color=ACCURACY, width=0.6)
    for place, height in zip(places, heights, strict=True):
        axes.text(place, height + 0.008, f"{height:.3f}", ha="center", va="bottom", fontsize=8)
    axes.set_xticks(list(places), labels, fontsize=8)
    axes.set_ylim(0, 1.18 * max(heights))
    axes.set_ylabel("success AUC", color=ACCURACY)
    axes.set_title(title, fontsize=10)
    axes.spines["top"].set_visible(False)
    times = axes.twinx()
    values = [float(row["ms"]) for row in rows]
    times.plot(places, values, color=COST, marker="o", lw=1, ms=5)
    times.set_ylim(0, 1.25 * max(values))
    times.set_ylabel("ms per step", color=COST)
    times.spines["top"].set_visible(False)


def main() -> None:
    """Draw both halves."""
    variants, buffers = read(SOURCE)
    mpl.rcParams["svg.hashsalt"] = "ablation"  # the same drawing from the same numbers
    figure = Figure(figsize=(10.5, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.6, 1))
    labels = [f"{NAMES[row['name']]}\n{row['keys']} keys" for row in variants]
    draw_bars(left, labels, variants, "time attention")
    labels = [f"{row['slots']}\n{row['keys']} keys" for row in buffers]
    draw_bars(right, labels, buffers, "frames in the buffer of small")
    figure.savefig(DRAWING, metadata={"Date": None})


if __name__ == "__main__":
    main()
