"""Sessions for tests: tracked by the real tracker around a small random network."""

from pathlib import Path

from typer.testing import CliRunner, Result

from app.cli import app
from model.weights import save
from tests.model.tiny import network

BOX = "40,60,40,40"


def write_weights(path: Path, seed: int = 0) -> Path:
    """Weights of a network that is quick, and wrong."""
    save(network(seed), path, preset="nano")
    return path


def invoke(*args: object) -> Result:
    """Run the command line."""
    return CliRunner().invoke(app, [str(arg) for arg in args])


def track(clip: Path, folder: Path, weights: Path, *more: object) -> Result:
    """Track `clip` into a session in `folder`."""
    settings = ("--weights", weights, "--device", "cpu", "--session", folder)
    return invoke("track", clip, "--box", BOX, *settings, *more)
