"""`spacetime-tracker convert`: a table of boxes from one format into another."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from app.core.exchange import (
    ONE_TARGET,
    BoxSet,
    read_boxes,
    table_format,
    write_boxes,
)
from app.core.files import is_same
from app.core.sources.base import check_rate
from model.errors import InputError


def convert(
    given: Annotated[Path, typer.Argument(metavar="IN", help="Table of boxes to read.")],
    wanted: Annotated[Path, typer.Argument(metavar="OUT", help="Table to write.")],
    from_: Annotated[
        str | None, typer.Option("--from", metavar="FORMAT", help="Format of IN.  \\[by content]")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="FORMAT", help="Format of OUT.  \\[by ending]")
    ] = None,
    target: Annotated[
        int | None, typer.Option("--target", metavar="ID", help="Take this target only.")
    ] = None,
    keep_lost: Annotated[
        bool,
        typer.Option("--keep-lost", help="Count the last sure box of a lost target as a box."),
    ] = False,
    rate: Annotated[
        float | None, typer.Option("--rate", help="Frames per second where IN has no times.")
    ] = None,
    size: Annotated[
        str | None, typer.Option("--size", metavar="WxH", help="Size of the pictures, for COCO.")
    ] = None,
) -> None:
    """Write a table of boxes in another format, for other tools and for ground truth.

    Formats are csv, jsonl, mot (results of MOTChallenge), mot-gt (its ground truth), coco, otb and
    got10k. The format of IN is found in the file; that of OUT goes by its ending: .csv, .jsonl,
    .txt (mot) or .json (coco).

    [bold]Where a target is lost or absent[/bold]

    csv, jsonl: lost rows stay; a frame without any box has one row, id 0, state absent.

    mot: no line. mot-gt: a lost target has a line that does not count and is not visible.

    coco: the image has no annotation of it.

    otb: nan,nan,nan,nan. got10k: 1 in absence.label, 0 in cover.label; both files stand beside OUT.

    otb and got10k hold one target; choose it with --target where there are more.

    [bold]Examples[/bold]

      spacetime-tracker convert boxes.csv gt/gt.txt --to mot-gt

      spacetime-tracker convert race.csv red.txt --to otb --target 1

      spacetime-tracker convert OTB/Basketball/groundtruth.txt truth.json --size 576x432 --rate 25

      spacetime-tracker convert boxes.json.part boxes.json --size 1280x720
    """
    name = table_format(wanted, to)
    if is_same(wanted, given):
        raise InputError(f"Writing {wanted} would replace what is read; choose another name.")
    boxes = read_boxes(given, chosen=from_, rate=check_rate(rate))
    boxes = choose(boxes, target, name)
    if size is not None:
        width, height = parse_size(size)
        boxes = replace(boxes, info=replace(boxes.info, width=width, height=height))
    if name == "coco" and not boxes.info.width:
        raise InputError("COCO states the size of the pictures; give it with --size WxH.")
    if keep_lost:
        rows = [replace(r, state="uncertain") if r.state == "lost" else r for r in boxes.rows]
        boxes = replace(boxes, rows=rows)
    write_boxes(wanted, boxes, chosen=name)
    targets = len(boxes.ids)
    typer.echo(
        f"Written: {wanted} ({name}), {len(boxes.times)} frames, {targets} "
        f"target{'' if targets == 1 else 's'}, {len(boxes.rows)} boxes."
    )


def choose(boxes: BoxSet, target: int | None, name: str) -> BoxSet:
    """`boxes` with those of `target` alone, or all of them for None.

    Raises:
        InputError: no such target, or no choice where format `name` has room for one.
    """
    known = ", ".join(str(number) for number in boxes.ids[:20])
    if target is None:
        if name in ONE_TARGET and len(boxes.ids) > 1:
            raise InputError(f"{name} can hold one target; choose with --target among {known}.")
        return boxes
    if target not in boxes.ids:
        raise InputError(f"There is no target {target}; those in the table are {known or 'none'}.")
    return replace(boxes, rows=[row for row in boxes.rows if row.id == target])


def parse_size(text: str) -> tuple[int, int]:
    """Width and height from `640x480`.

    Raises:
        InputError: not two whole numbers above 0.
    """
    width, _, height = text.lower().replace("×", "x").partition("x")
    try:
        size = (int(width), int(height))
    except ValueError:
        size = (0, 0)
    if min(size) < 1:
        raise InputError(f"The size {text!r} is not WxH in pixels, for example 1280x720.")
    return size
