"""How several networks learn from the same clips: narrower crops, shorter networks, features."""

from dataclasses import fields
from pathlib import Path

import pytest
import torch

from model.attention import DividedBlock
from model.geometry import CropShape
from model.network import SpaceTimeNetwork
from model.presets import PRESETS
from model.training.clips import Batch
from model.training.samples import ClipConfig
from model.training.steps import respond
from tests.model.tiny import config as tiny_network
from tests.model.tiny import randomise
from tools.features import Features, Replay, blank, measure
from tools.networks import VARIANTS, make_network
from tools.train_together import narrowed, shortened


def batch(boxes: list[tuple[float, float, float, float]], side: int = 128) -> Batch:
    """Clips whose search region shows a white target on black; one without a target is absent."""
    count = len(boxes)
    search = torch.zeros(count, side, side, 3, dtype=torch.uint8)
    for picture, (x, y, w, h) in zip(search, boxes, strict=True):
        picture[int(y) : int(y + h), int(x) : int(x + w)] = 255
    generator = torch.Generator().manual_seed(0)
    return Batch(
        torch.randint(0, 256, (count, 2, 64, 64, 3), dtype=torch.uint8, generator=generator),
        torch.tensor([[[16.0, 16, 32, 32]] * 2] * count),
        torch.ones(count, 2, 4, 4, dtype=torch.bool), torch.tensor([[9.0, 4.0]] * count),
        search, torch.tensor(boxes), torch.ones(count, side // 16, side // 16, dtype=torch.bool),
        torch.tensor([w > 0 for *_, w, _ in boxes]),
    )  # fmt: skip


def test_a_narrower_region_still_shows_the_target_where_its_box_says() -> None:
    wide = batch([(48.0, 48.0, 32.0, 32.0), (0.0, 100.0, 20.0, 24.0), (0.0, 0.0, 0.0, 0.0)])
    narrow = narrowed(wide, CropShape(96, 3.0))
    assert narrow.search.shape == (3, 96, 96, 3)
    assert narrow.search_inside.shape == (3, 6, 6)
    # the middle where the target is there, else as far aside as it takes
    assert narrow.search_box[0].tolist() == [32.0, 32.0, 32.0, 32.0]
    assert narrow.search_box[1].tolist() == [0.0, 68.0, 20.0, 24.0]
    for picture, (x, y, w, h) in zip(narrow.search[:2], narrow.search_box.int(), strict=False):
        assert (picture[y : y + h, x : x + w] == 255).all()
    assert narrow.search_box[2].tolist() == [0.0, 0.0, 0.0, 0.0]


def test_a_shorter_network_takes_the_first_and_the_last_block_and_the_central_places() -> None:
    long = randomise(SpaceTimeNetwork(tiny_network(depth=3)))
    made = tiny_network(depth=2)
    short = SpaceTimeNetwork(
        type(made)(**{**vars(made), "search": CropShape(96, 3.0)})  # 6 tokens a side of 8
    )
    found = shortened(long.state_dict(), short)
    assert found.keys() == short.state_dict().keys()
    short.load_state_dict(found)
    for mine, theirs in zip(short.blocks, (long.blocks[0], long.blocks[2]), strict=True):
        assert isinstance(mine, DividedBlock)
        assert torch.equal(mine.mlp.fc1.weight, theirs.get_parameter("mlp.fc1.weight"))
    assert torch.equal(short.position, long.position[:, 1:-1, 1:-1])


def test_features_come_back_from_their_file(tmp_path: Path) -> None:
    made = Features(torch.randn(3, 2, 5, 4, 4).half(), torch.randn(3, 5, 8, 8).half(),
                    batch([(8.0, 8.0, 16.0, 16.0)] * 3))  # fmt: skip
    made.save(tmp_path / "features.safetensors")
    found = Features.load(tmp_path / "features.safetensors").first(2)
    rest, templates, search = found.batch(torch.tensor([1, 0]))
    assert torch.equal(templates, made.templates[[1, 0]].float())
    assert torch.equal(search, made.search[[1, 0]].float())
    for field in fields(Batch):
        assert len(getattr(rest, field.name)) == 2


@torch.no_grad()
def test_a_network_answers_features_as_it_answers_the_pictures_they_are_of() -> None:
    torch.manual_seed(0)
    network = make_network("nano").eval()
    shape = PRESETS["nano"].network
    shapes = ClipConfig(template_shape=shape.template, search_shape=shape.search)
    clips = batch([(48.0, 48.0, 32.0, 32.0)] * 2, shape.search.size)
    templates = torch.randint(0, 256, (2, 2, 128, 128, 3), dtype=torch.uint8)
    inside = torch.ones(2, 2, 8, 8, dtype=torch.bool)
    clips = type(clips)(**{**vars(clips), "templates": templates, "template_inside": inside})
    stem = network.stem

    def features(images: torch.Tensor) -> torch.Tensor:
        x = (images.float() - network.pixel_mean) / network.pixel_std
        return stem.merge(stem.early(x.permute(0, 3, 1, 2)))  # type: ignore[operator]

    expected = respond(network, clips, 1)
    replay = Replay()
    replay.templates = features(templates.flatten(0, 1)).unflatten(0, (2, 2))
    replay.search = features(clips.search)
    stem.run_both = replay  # type: ignore[assignment]
    pictureless = type(clips)(
        **{**vars(clips), "templates": templates[..., :1, :1, :],
           "search": clips.search[..., :1, :1, :]}
    )  # fmt: skip
    found = respond(network, blank(pictureless, shapes), 1)
    torch.testing.assert_close(found.score, expected.score, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(found.boxes, expected.boxes, atol=1e-2, rtol=1e-4)


def test_losses_on_features_are_those_of_all_clips_whatever_the_batch() -> None:
    torch.manual_seed(0)
    network = make_network("nano").eval()
    shape = PRESETS["nano"].network
    clips = batch([(48.0, 48.0, 32.0, 32.0), (30.0, 60.0, 40.0, 20.0), (70.0, 20.0, 16.0, 48.0)],
                  shape.search.size)  # fmt: skip
    channels = network.stem.channels
    made = Features(torch.randn(3, 2, channels, 8, 8).half(),
                    torch.randn(3, channels, 10, 10).half(),
                    type(clips)(**{
                        **vars(clips),
                        "templates": torch.zeros(3, 2, 1, 1, 3, dtype=torch.uint8),
                        "search": clips.search[..., :1, :1, :],
                        "template_inside": torch.ones(3, 2, 8, 8, dtype=torch.bool),
                    }))  # fmt: skip
    one, all_ = (measure(network, made, size) for size in (1, 3))
    assert one.giou.item() == pytest.approx(all_.giou.item(), rel=1e-4)
    assert one.iou.item() == pytest.approx(all_.iou.item(), rel=1e-4)
    assert 0 < all_.iou.item() < 1


def test_variants_differ_in_their_attention_in_time_alone() -> None:
    shapes = {
        name: {
            key: value.shape
            for key, value in make_network(name).state_dict().items()
            if ".space" not in key
        }
        for name in VARIANTS
    }
    assert all(each == shapes["reach-none"] for each in shapes.values())
