"""Settings of every test: one thread of arithmetic, no clock on properties, a cache of its own."""

import signal
from collections.abc import Iterator

import pytest
import torch
from hypothesis import settings

from model.runtime import cache

torch.set_num_threads(1)
# a run in the background of a shell inherits that Ctrl-C is ignored, and so would what it starts
signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture(scope="session", autouse=True)
def exported_networks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep exported networks of tests out of the user's cache."""
    folder = tmp_path_factory.mktemp("networks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "folder", lambda: folder)
        yield
