"""The divided block against Hugging Face's TimeSformer, the same weights in both."""

from typing import TYPE_CHECKING

import pytest
import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from model.attention import DividedBlock, Stack, View
from model.correspondence import Grid
from tests.model.tiny import randomise, tokens

if TYPE_CHECKING:
    from transformers import TimesformerModel

NAMES = {
    "norm_t": "temporal_layernorm", "time.qkv": "temporal_attention.attention.qkv",
    "time.proj": "temporal_attention.output.dense", "temporal_fc": "temporal_dense",
    "norm_s": "layernorm_before", "space.qkv": "attention.attention.qkv",
    "space.proj": "attention.output.dense", "norm_m": "layernorm_after",
    "mlp.fc1": "intermediate.dense", "mlp.fc2": "output.dense",
}  # fmt: skip
DIM, HEADS, PATCH, SIDE, LAYERS = 48, 4, 8, 4, 3


def oracle(frames: int) -> "TimesformerModel":
    # each process of tests would import it with the module, which takes a second
    from transformers import TimesformerConfig, TimesformerModel

    model = TimesformerModel(
        TimesformerConfig(
            image_size=SIDE * PATCH, patch_size=PATCH, num_frames=frames, hidden_size=DIM,
            num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=2 * DIM,
            attention_probs_dropout_prob=0.0, hidden_dropout_prob=0.0,
        )
    )  # fmt: skip
    return randomise(model).eval()


def our_block(layer: nn.Module) -> DividedBlock:
    block = DividedBlock(DIM, HEADS, reach=0, mlp_ratio=2.0, age_bias=False)
    theirs = layer.state_dict()
    parts = ("weight", "bias")
    block.load_state_dict(
        {f"{a}.{part}": theirs[f"{b}.{part}"] for a, b in NAMES.items() for part in parts}
    )
    return block


def embed(model: "TimesformerModel", video: Tensor) -> tuple[Tensor, Tensor]:
    """Tokens `(B, F, N, C)` and class token `(B, C)`, from the oracle's own embeddings."""
    e = model.embeddings
    places = rearrange(e.position_embeddings[:, 1:], "b (i j) c -> b c i j", i=SIDE)
    rows, columns = (n // PATCH for n in video.shape[-2:])
    places = F.interpolate(places, size=(rows, columns), mode="nearest")
    images = F.conv2d(
        video.flatten(0, 1), e.patch_embeddings.projection.weight,
        e.patch_embeddings.projection.bias, stride=PATCH,
    )  # fmt: skip
    x = rearrange(images + places, "(b f) c i j -> b f (i j) c", f=video.shape[1])
    cls = (e.cls_token + e.position_embeddings[:, :1]).expand(len(video), -1, -1)[:, 0]
    return x + e.time_embeddings[:, :, None], cls


@torch.no_grad()
def run_ours(model: "TimesformerModel", video: Tensor, visible: Tensor) -> Tensor:
    x, cls = embed(model, video)
    stack = Stack(Grid(video.shape[-2] // PATCH, video.shape[-1] // PATCH, 2.0))
    for layer in model.encoder.layer:
        out = our_block(layer)([x], [stack], [[View(visible)]], cls=cls)
        x, cls = out.tokens[0], out.cls
    # the original keeps tokens patch by patch, time fastest, behind the class token
    return model.layernorm(torch.cat([cls[:, None], rearrange(x, "b f n c -> b (n f) c")], 1))


@pytest.mark.parametrize("frames", [1, 2, 5])
@pytest.mark.parametrize("rows", [4, 6])
def test_blocks_equal_timesformer(frames: int, rows: int) -> None:
    model = oracle(frames)
    video = tokens(2, frames, 3, rows * PATCH, SIDE * PATCH)
    with torch.no_grad():
        expected = model(video).last_hidden_state
    ours = run_ours(model, video, torch.ones(frames, frames, dtype=torch.bool))
    assert ours.shape == expected.shape == (2, 1 + rows * SIDE * frames, DIM)
    assert (ours - expected).abs().max() <= 1e-5


def test_the_oracle_notices_a_missing_frame() -> None:
    model = oracle(3)
    video = tokens(1, 3, 3, SIDE * PATCH, SIDE * PATCH)
    causal = torch.ones(3, 3, dtype=torch.bool).tril()
    with torch.no_grad():
        expected = model(video).last_hidden_state
    assert (run_ours(model, video, causal) - expected).abs().max() > 1e-2
