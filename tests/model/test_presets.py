"""The named configurations, `base` being the network of the original question."""

import pytest
import torch

from model.correspondence import aligned
from model.errors import InputError
from model.network import SpaceTimeNetwork
from model.presets import PRESETS, preset


def test_an_unknown_preset_is_told_with_those_there_are() -> None:
    assert preset("nano").name == "nano"
    with pytest.raises(InputError, match=r"'huge'; choose one of nano, small, base"):
        preset("huge")


@pytest.mark.parametrize("name", list(PRESETS))
def test_template_tokens_stand_on_the_central_search_tokens(name: str) -> None:
    config = preset(name).network
    assert aligned(config.search_grid, config.template_grid)
    assert (config.search_grid.width - config.template_grid.width) % 2 == 0


def test_base_is_the_network_of_the_question() -> None:
    config = preset("base").network
    assert (config.dim, config.heads, config.depth, config.mlp_ratio) == (768, 12, 12, 4.0)
    assert (config.template.size, config.search.size, config.template.stride) == (128, 288, 16)
    with torch.device("meta"):  # shapes alone; nothing is allocated
        network = SpaceTimeNetwork(config)
        response = network(
            torch.zeros(2, 2, 128, 128, 3, dtype=torch.uint8), torch.zeros(2, 2, 4),
            torch.zeros(2, 1, 288, 288, 3, dtype=torch.uint8), torch.ones(2, 1, 2),
        )  # fmt: skip
        search = network.features(torch.zeros(2, 1, 288, 288, 3, dtype=torch.uint8))
        template = network.features(torch.zeros(2, 2, 128, 128, 3, dtype=torch.uint8))
    assert search.shape == (2, 1, 18 * 18, 768)
    assert template.shape == (2, 2, 8 * 8, 768)
    assert response.score.shape == response.quality.shape == (2, 1, 18, 18)
    assert response.boxes.shape == (2, 1, 18, 18, 4)
    assert network.stem.weight.shape == (768, 3, 16, 16)
    qkv = [m for name, m in network.named_modules() if name.endswith(".qkv")]
    assert len(qkv) == 2 * 12
    assert {tuple(m.weight.shape) for m in qkv} == {(3 * 768, 768)}
