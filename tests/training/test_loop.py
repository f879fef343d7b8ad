"""A run learns, stops at any step, goes on as if it had not stopped, and leaves usable weights."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from model.errors import InputError, WeightsError
from model.presets import PRESETS, Preset, TrackerConfig
from model.training.clips import ClipConfig
from model.training.datasets import Library, Track
from model.training.loop import CHECKPOINT, Progress, TrainConfig, learning_rate, train
from model.weights import load
from tests.model.tiny import config as tiny_network

CONFIG = TrainConfig(
    preset="tiny", steps=4, batch=2, workers=0, warmup=2, validate_every=2, validate_clips=2,
    device="cpu",
    clips=ClipConfig(real=1.0, real_distractor=0, real_occluder=0, lookalike=0),
)  # fmt: skip


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRESETS, "tiny", Preset("tiny", tiny_network(), TrackerConfig()))


@pytest.fixture(scope="module")
def library() -> Library:
    """One track: a bright disc over a noisy picture."""
    rng = np.random.default_rng(0)
    ground = cv2.GaussianBlur(rng.integers(0, 120, (200, 240, 3), dtype=np.uint8), (0, 0), 2)
    images, boxes = [], []
    for i in range(12):
        image = ground.copy()
        cv2.circle(image, (60 + 8 * i, 90), 20, (250, 200, 40), -1, cv2.LINE_AA)
        images.append(image)
        boxes.append((40.0 + 8 * i, 70.0, 41.0, 41.0))
    library = Library(tracks=[Track("disc", images, np.array(boxes), [])])
    library.add_background(ground)
    return library


def state(path: Path) -> dict[str, torch.Tensor]:
    return load(path)[0].state_dict()


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(library: Library, tmp_path: Path) -> None:
    whole = train(library, tmp_path / "whole", CONFIG)

    def stop(progress: Progress) -> None:
        if progress.step == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(library, tmp_path / "cut", CONFIG, report=stop)
    seen: list[int] = []
    resumed = train(library, tmp_path / "cut", CONFIG, report=lambda p: seen.append(p.step))

    assert seen == [3, 4]
    for name, value in state(whole).items():
        torch.testing.assert_close(state(resumed)[name], value, rtol=1e-4, atol=1e-6)


def test_a_run_leaves_log_samples_and_weights(library: Library, tmp_path: Path) -> None:
    out = train(library, tmp_path, replace(CONFIG, steps=2))
    assert load(out)[1] == "tiny"
    assert cv2.imread(str(tmp_path / "samples.png")) is not None
    names = {line.split(",")[1] for line in (tmp_path / "log.csv").read_text().splitlines()}
    assert names >= {"val/iou", "train/total", "rate"}


def test_the_loss_falls_on_one_scene(library: Library, tmp_path: Path) -> None:
    seen: list[float] = []
    config = replace(CONFIG, steps=40, batch=4, warmup=3, validate_every=100, lr=5e-3)
    train(library, tmp_path, config, report=lambda p: seen.append(p.loss))
    assert np.mean(seen[-8:]) < 0.8 * np.mean(seen[:3])


def test_a_checkpoint_of_something_else_is_refused(library: Library, tmp_path: Path) -> None:
    out = train(library, tmp_path, replace(CONFIG, steps=1))
    out.replace(tmp_path / CHECKPOINT)
    with pytest.raises(WeightsError, match="no checkpoint"):
        train(library, tmp_path, CONFIG)


def test_a_folder_that_cannot_be_made_is_one_sentence(library: Library, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        train(library, tmp_path / "file" / "run", CONFIG)


def test_learning_rate_warms_up_and_ends_at_zero() -> None:
    config = TrainConfig(steps=100, warmup=10, lr=1.0)
    rates = [learning_rate(step, config) for step in range(101)]
    assert max(rates) == pytest.approx(1.0, abs=0.01)
    assert rates[0] == pytest.approx(0.1)
    assert rates[-1] == pytest.approx(0)
    assert all(a >= b for a, b in pairwise(rates[10:]))
