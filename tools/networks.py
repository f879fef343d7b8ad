"""Networks by name for training side by side: the presets, and variants of them.

wide       `small` with half as many channels again in its tokens
reach-0, reach-1, reach-2, reach-none   divided attention whose time attention reaches so far
joint      one attention over all places of all frames, in place of time and then space
no-time    space attention alone: no frame sees another
"""

from dataclasses import replace

import torch
from torch import Tensor

from model.attention import BlockOutput, DividedBlock, Keys, Record, Stack, View
from model.network import SpaceTimeNetwork, start_as_matching
from model.presets import PRESETS, NetworkConfig, preset

_REACHES = {"reach-0": 0, "reach-1": 1, "reach-2": 2, "reach-none": None}
VARIANTS = ("no-time", *_REACHES, "joint")
"""Of attention in a `nano` of two blocks."""


class JointBlock(DividedBlock):
    """Every token looks at every place of its own and of earlier frames at once.

    The variant that TimeSformer calls joint space-time attention, causal in time.
    """

    @staticmethod
    def _keys(
        projected: tuple[Tensor, Tensor, Tensor], stack: Stack, view: View, *, own: bool
    ) -> Keys:
        _, k, v = projected
        # not its own: a frame is seen as a whole, itself among them
        return Keys(k, v, stack.grid, view.visible, view.age, stack.inside, own=False)

    def _space(
        self, tokens: list[Tensor], stacks: list[Stack], cls: Tensor | None, record: Record | None
    ) -> tuple[list[Tensor], Tensor | None]:
        return tokens, cls


class SpaceBlock(DividedBlock):
    """Space attention alone."""

    def forward(
        self,
        tokens: list[Tensor],
        stacks: list[Stack],
        views: list[list[View | None]],
        *,
        cls: Tensor | None = None,
        memory: Keys | None = None,
        record: Record | None = None,
    ) -> BlockOutput:
        """As a divided block without its time attention."""
        spaced, cls = self._space(tokens, stacks, cls, record)
        out = [x + self.mlp(self.norm_m(x)) for x in spaced]
        keys = [self.time.project(x)[1:] for x in tokens]
        shares = []
        for x, row in zip(tokens, views, strict=True):
            frames = sum(view.visible.shape[-1] for view in row if view is not None)
            frames += 0 if memory is None else memory.k.shape[2]
            shares.append(x.new_zeros(*x.shape[:3], frames))
        return BlockOutput(out, cls, [(k, v) for k, v in keys], shares)


def config_of(name: str) -> NetworkConfig:
    """The configuration of a network of that name.

    Raises:
        InputError: there is none.
    """
    if name in VARIANTS:
        return replace(PRESETS["nano"].network, depth=2, reach=_REACHES.get(name))
    if name == "wide":
        return replace(PRESETS["small"].network, dim=192, heads=6)
    return preset(name).network


def preset_of(name: str) -> str:
    """The preset that a network is a variant of."""
    if name == "wide":
        return "small"
    return name if name in PRESETS else "nano"


def make_network(name: str) -> SpaceTimeNetwork:
    """A network as training starts.

    Raises:
        InputError: there is none of that name.
    """
    config = config_of(name)
    network = SpaceTimeNetwork(config)
    kind = {"joint": JointBlock, "no-time": SpaceBlock}.get(name)
    if kind is not None:
        blocks = [
            kind(config.dim, config.heads, reach=config.reach, mlp_ratio=config.mlp_ratio)
            for _ in network.blocks
        ]
        for ours, theirs in zip(blocks, network.blocks, strict=True):
            ours.load_state_dict(theirs.state_dict())
        network.blocks = torch.nn.ModuleList(blocks)
    if kind is JointBlock:
        for block in network.blocks:
            assert isinstance(block, DividedBlock)
            start_as_matching(block.time)
            assert block.time.age_bias is not None
            # its own frame is no longer the token itself alone
            torch.nn.init.zeros_(block.time.age_bias)
    return network
