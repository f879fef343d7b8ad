"""A process that opens videos, plays and seeks them, and says on its output how each ended.

    python -m tests.faults.damaged FOLDER

One line of JSON per file, in order of name: `[name, frames, sentence]`.
"""

import faulthandler
import json
import sys
from pathlib import Path

from app.core.sources import VideoFile
from model.errors import InputError

MOST = 500
"""Frames after which a small file counts as endless."""


def outcome(path: Path) -> tuple[int, str]:
    """Frames that could be played, and the sentence it ended in."""
    frames = 0
    try:
        with VideoFile(path) as source:
            for frame in source:
                frames += 1
                assert frame.rgb.dtype == "uint8"
                if frames > MOST:
                    raise AssertionError("it never ends")
            source.seek(frames // 2)
            next(iter(source))
    except InputError as error:
        return frames, str(error)
    return frames, ""


if __name__ == "__main__":
    faulthandler.enable()
    for path in sorted(Path(sys.argv[1]).iterdir()):
        print(json.dumps([path.name, *outcome(path)]), flush=True)
