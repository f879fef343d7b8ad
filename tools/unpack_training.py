"""Make of a pack (`tools.pack_training`) a folder that training reads.

    python -m tools.unpack_training pack data

Needs OpenCV alone, and uses every core.
"""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import cv2
import typer

from model.errors import InputError, TrackerError

VIDEO = "img.mp4"
"""The pictures of a sequence in a pack."""
_QUALITY = 95


def unpack(pack: Path, into: Path) -> int:
    """Copy a pack to the new folder `into`, each video as pictures; returns how many.

    Raises:
        InputError: `into` is there already, or the pack cannot be read.
    """
    if into.exists():
        raise InputError(f"{into} is there already; remove it, or unpack into another folder.")
    try:
        shutil.copytree(pack, into, ignore=shutil.ignore_patterns(VIDEO))
    except (OSError, shutil.Error) as error:
        raise InputError(f"The pack {pack} cannot be copied to {into} ({error}).") from error
    videos = sorted(pack.rglob(VIDEO))
    folders = [into / video.parent.relative_to(pack) / "img" for video in videos]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(write_pictures, videos, folders))


def write_pictures(video: Path, folder: Path) -> int:
    """Write the frames of a video as `00001.jpg` and so on; returns how many.

    Raises:
        InputError: it cannot be read.
    """
    folder.mkdir()
    reader = cv2.VideoCapture(str(video))
    count = 0
    while True:
        more, image = reader.read()
        if not more:
            break
        count += 1
        cv2.imwrite(str(folder / f"{count:05d}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    reader.release()
    if not count:
        raise InputError(f"No frame of {video} can be read; pack the data again.")
    return count


def main(
    pack: Annotated[Path, typer.Argument(help="Folder that tools.pack_training made.")],
    into: Annotated[Path, typer.Argument(help="Folder to make.")],
) -> None:
    """Make of a pack a folder that training reads."""
    try:
        typer.echo(f"{into}: {unpack(pack, into)} frames")
    except TrackerError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)
