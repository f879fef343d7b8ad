"""Videos of five containers that were cut, overwritten, or had bits turned."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.clips import encode, noise

REPOSITORY = Path(__file__).parents[2]
FRAMES = 30
CONTAINERS = {
    "mp4": "libx264", "mkv": "libx264", "webm": "libvpx", "avi": "mpeg4", "ts": "libx264",
}  # fmt: skip
PATIENCE_S = 120
"""Seconds for all files of a container together; it takes one."""


def damages(whole: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    """Damaged copies of a file, each with a name."""
    rng = random.Random(seed)
    size = len(whole)
    yield "empty", b""
    yield "one-byte", whole[:1]
    for share in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        end = int(size * share)
        # in the middle of a packet of MPEG-TS: that it was cut between two cannot be seen
        yield f"cut-{share}", whole[: end - end % 188 + 94]
    for number in range(12):
        turned = bytearray(whole)
        # few bits over all of it, and many in its head, where the structure of most of them is
        for _ in range(rng.choice((1, 10, 100))):
            place = rng.randrange(size if number % 2 else min(size, 1500))
            turned[place] ^= 1 << rng.randrange(8)
        yield f"bits-{number:02}", bytes(turned)
    for name, start, end in (("head", 0, 64), ("middle", size // 3, size // 2), ("tail", -900, -1)):
        zeroed = bytearray(whole)
        zeroed[start:end] = bytes(len(zeroed[start:end]))
        yield f"zeroed-{name}", bytes(zeroed)
    yield "halves-exchanged", whole[size // 2 :] + whole[: size // 2]
    yield "twice", whole + whole
    yield "random", rng.randbytes(5000)
    yield "head-then-random", whole[:400] + rng.randbytes(5000)


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_damaged_video_ends_in_frames_or_one_sentence(tmp_path: Path, suffix: str) -> None:
    whole = encode(
        tmp_path / f"whole.{suffix}", noise(FRAMES, 64, 48), codec=CONTAINERS[suffix]
    ).read_bytes()
    folder = tmp_path / "damaged"
    folder.mkdir()
    (folder / f"whole.{suffix}").write_bytes(whole)
    for name, data in damages(whole, sorted(CONTAINERS).index(suffix)):
        (folder / f"{name}.{suffix}").write_bytes(data)
    # in a process of its own, for a fault of a decoder would end it
    process = subprocess.run(
        [sys.executable, "-m", "tests.faults.damaged", str(folder)],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert (process.returncode, process.stderr) == (0, "")
    told = [json.loads(line) for line in process.stdout.splitlines()]
    ends = {name.removesuffix(f".{suffix}"): (frames, said) for name, frames, said in told}
    assert len(ends) == len(list(folder.iterdir()))
    assert ends["whole"] == (FRAMES, "")
    for frames, said in ends.values():
        assert frames or said
        assert "\n" not in said
        assert not said or said.endswith(".")
    for name in ("empty", "one-byte", "random"):
        assert ends[name][0] == 0
    # a part of the file gives a part of its frames, and is not taken for all of it
    assert any(0 < ends[f"cut-{share}"][0] < FRAMES for share in (0.3, 0.5, 0.7, 0.9, 0.99)) or (
        suffix == "mp4"  # its index stands at its end
    )
    for share in (0.3, 0.5, 0.7):
        assert ends[f"cut-{share}"][1], (share, ends[f"cut-{share}"], len(whole))
