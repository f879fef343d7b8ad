"""Frames of the embedded clip, for tests that want a real picture."""

from itertools import islice

import av
import pytest

from assets.demo import clip_path
from model.images import Frame


@pytest.fixture(scope="session")
def demo() -> list[Frame]:
    """The first frames of the embedded clip."""
    with av.open(str(clip_path())) as video:
        return [frame.to_ndarray(format="rgb24") for frame in islice(video.decode(video=0), 16)]
