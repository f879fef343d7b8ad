"""Settings of every test: one thread of arithmetic, no clock on properties, a cache of its own."""

import gc
import signal
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

# a run in the background of a shell inherits that Ctrl-C is ignored, and so would what it starts
signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Half as many again as there are cores: tests wait for a third of their time."""
    cores = yield
    return cores * 3 // 2


@pytest.fixture(scope="session", autouse=True)
def process_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One thread of arithmetic; exported networks are kept out of the user's cache."""
    # not above: the process that hands the tests out needs no torch, which takes seconds to import
    import torch

    from model.runtime import cache

    torch.set_num_threads(1)
    # modules stay; without this each collection of garbage would take a second to look them through
    gc.freeze()
    folder = tmp_path_factory.mktemp("networks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "folder", lambda: folder)
        yield
