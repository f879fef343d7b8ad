"""The network's two steps rewritten for export: the same function in fewer and cheaper operators.

What differs from `SpaceTimeNetwork.stream`, none of it in the result:
- batch norms are folded into convolutions, `temporal_fc` into the output layer of time attention,
  the scale of attention into its queries, the deviation of pixels into the first convolution;
- padding to "same" is given to the convolution, and the unshuffle of a backbone's finer features
  becomes a 2x2 convolution, so that no layer leaves ONNX Runtime's blocked layout;
- tokens stay `(B * N, C)`: linear layers become one `Gemm` with its bias;
- which keys may be seen, and how old they are, comes as one row of biases for each block.
"""

import copy
from typing import cast

import torch
from timm.layers import Conv2dSame
from torch import Tensor, nn

from model.attention import DividedBlock
from model.backbone import Backbone
from model.network import SEARCH, SpaceTimeNetwork, fuse

BlockMemory = tuple[Tensor, Tensor, Tensor]
"""Keys and values `(B, heads, slots * n, d)` and biases `(B, heads, 1, slots * n)`."""


class SearchGraph(nn.Module):
    """Search regions against the memory of their targets.

    Args:
        network: left as it is; its weights are copied.
        slots: remembered frames for each target.
    """

    def __init__(self, network: SpaceTimeNetwork, slots: int) -> None:
        super().__init__()
        network = _prepared(network)
        self.config = network.config
        self.pixels = _Pixels(network)
        self.place = nn.Parameter(_places(network, self.config.search.grid) + network.role[SEARCH])
        keys = self.config.template_grid.tokens
        self.blocks = nn.ModuleList(_Block(block, slots, keys) for block in _blocks(network))
        self.norm, self.tower, self.out = network.norm, network.head.tower, network.head.out
        self.target = network.head.target
        cells = (torch.arange(self.config.search.grid) + 0.5) * self.config.search.stride
        self.register_buffer("cells", torch.stack(torch.meshgrid(cells, cells, indexing="xy")))

    def forward(
        self, images: Tensor, padding: Tensor, *memory: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Run the step.

        Args:
            images: `(B, 3, S, S)` uint8 RGB.
            padding: `(B, 1, 1, N)`, 0 where a token may be looked at in space, else -inf.
            memory: a `BlockMemory` for each block, flat.

        Returns:
            Score and quality `(B, 2, G, G)` in 0..1; boxes `(B, G, G, 4)`; descriptors `(B, C)`;
            shares `(B, N, slots)`.
        """
        features = self.pixels(images)
        x = (features + self.place).reshape(-1, self.config.dim)
        grid, n = self.config.search.grid, self.config.search_grid.tokens
        shares: list[Tensor] = []
        for block, kept in zip(self.blocks, _by_block(memory), strict=True):
            x, _, share = block(x, n, padding, kept)
            shares.append(share)
        y = self.norm(x).reshape(-1, n, self.config.dim).transpose(1, 2)
        y = self.out(self.tower(y.reshape(-1, self.config.dim, grid, grid)))
        certain, offset, size = y.split(2, 1)
        certain = certain.sigmoid()
        centre = offset * self.config.search.stride + self.cells
        size = size.clamp(-4, 2).exp() * self.target
        boxes = torch.cat([centre - size / 2, size], 1).permute(0, 2, 3, 1)
        weight = certain[:, 0].reshape(-1, n)
        share = sum(shares[1:], shares[0]).mean(1) / len(shares)
        return certain, boxes, _describe(features, weight * weight, n), share


class TemplateGraph(nn.Module):
    """Templates against the memory of their targets."""

    def __init__(self, network: SpaceTimeNetwork, slots: int) -> None:
        super().__init__()
        network = _prepared(network)
        self.config = network.config
        self.pixels = _Pixels(network)
        self.place = nn.Parameter(_places(network, self.config.template.grid) + network.mask[1])
        self.role = nn.Parameter(network.role.detach()[:, None])
        self.marked = nn.Parameter((network.mask[0] - network.mask[1]).detach())
        keys = self.config.template_grid.tokens
        self.blocks = nn.ModuleList(_Block(block, slots, keys) for block in _blocks(network))

    def forward(
        self, images: Tensor, padding: Tensor, target: Tensor, role: Tensor, *memory: Tensor
    ) -> tuple[Tensor, ...]:
        """Run the step.

        Args:
            images, padding, memory: as for `SearchGraph`.
            target: `(B, n)`, how much of each token's cell lies in the target's box.
            role: `(B,)` int64.

        Returns:
            Descriptors `(B, C)`; keys and values `(B, heads, n, d)` of each block, in turn.
        """
        features = self.pixels(images)
        x = features + self.place + self.role[role] + target[..., None] * self.marked
        x = x.reshape(-1, self.config.dim)
        keys: list[Tensor] = []
        for block, kept in zip(self.blocks, _by_block(memory), strict=True):
            x, own, _ = block(x, self.config.template_grid.tokens, padding, kept)
            keys += own
        return _describe(features, target, self.config.template_grid.tokens), *keys


class _Block(nn.Module):
    """A `DividedBlock` of reach None on one new frame."""

    def __init__(self, block: DividedBlock, slots: int, keys: int) -> None:
        super().__init__()
        self.heads, self.slots, self.keys = block.time.heads, slots, keys
        # sizes are plain numbers: taken from tensors they would become operators of the graph
        self.dim = block.time.qkv.in_features
        self.width = self.dim // self.heads
        self.norm_t, self.norm_s, self.norm_m = block.norm_t, block.norm_s, block.norm_m
        self.time = _projections(block.time.qkv, self.heads)
        self.space = _projections(block.space.qkv, self.heads)
        self.time_out = _composed(block.temporal_fc, block.time.proj)
        self.space_out, self.mlp = block.space.proj, block.mlp
        age = block.time.age_bias
        now = torch.zeros(self.heads) if age is None else age.detach()[:, 0]
        self.now = nn.Parameter(now.clone()[:, None, None])

    def forward(
        self, x: Tensor, n: int, padding: Tensor, memory: BlockMemory
    ) -> tuple[Tensor, list[Tensor], Tensor]:
        """Tokens `(B * n, C)`; own keys and values; shares `(B, heads, n, slots)`."""
        y = self.norm_t(x)
        q, k, v = (layer(y) for layer in self.time)
        mixed, share = self._attend_in_time(q, k, v, n, memory)
        own = [self._by_head(k, n), self._by_head(v, n)]
        x = x + self.time_out(mixed)
        y = self.norm_s(x)
        q, k, v = (self._by_head(layer(y), n) for layer in self.space)
        mixed = (q @ k.transpose(-1, -2) + padding).softmax(-1) @ v
        x = x + self.space_out(mixed.transpose(1, 2).reshape(-1, self.dim))
        return x + self.mlp(self.norm_m(x)), own, share

    def _attend_in_time(
        self, q: Tensor, k: Tensor, v: Tensor, n: int, memory: BlockMemory
    ) -> tuple[Tensor, Tensor]:
        keys, values, bias = memory
        shape = (-1, n, self.heads, self.width)
        itself = (q * k).reshape(shape).sum(-1).transpose(1, 2)[..., None]
        logits = torch.cat(
            [self._by_head(q, n) @ keys.transpose(-1, -2) + bias, itself + self.now], -1
        )
        there, here = logits.softmax(-1).split([self.slots * self.keys, 1], -1)
        mixed = (there @ values).transpose(1, 2) + here.transpose(1, 2) * v.reshape(shape)
        share = there.reshape(-1, self.heads, n, self.slots, self.keys).sum(-1)
        return mixed.reshape(-1, self.dim), share

    def _by_head(self, x: Tensor, n: int) -> Tensor:
        return x.reshape(-1, n, self.heads, self.width).transpose(1, 2)


class _Pixels(nn.Module):
    """Images `(B, 3, S, S)` uint8 to stem features `(B, N, C)`."""

    def __init__(self, network: SpaceTimeNetwork) -> None:
        super().__init__()
        self.stem = network.stem
        first = next(m for m in self.stem.modules() if isinstance(m, nn.Conv2d))
        first.weight.data = first.weight / network.pixel_std[:, None, None]
        # the mean stays outside: the convolution's padding is zero after it
        self.mean = nn.Parameter(network.pixel_mean[:, None, None], requires_grad=False)

    def forward(self, images: Tensor) -> Tensor:
        return self.stem(images.float() - self.mean).flatten(2).transpose(1, 2)


class _Strides(nn.Module):
    """A `Backbone` whose two strides are projected by a convolution each."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.early, self.late = backbone.early, backbone.late
        weight = backbone.proj.weight.detach()
        dim, fine = len(weight), self.early(torch.zeros(1, 3, 32, 32)).shape[1]
        coarse = weight.shape[1] - 4 * fine
        self.coarse = nn.Conv2d(coarse, dim, 1)
        self.coarse.weight.data = weight[:, :coarse, None, None].clone()
        self.coarse.bias = backbone.proj.bias
        self.fine = nn.Conv2d(fine, dim, 2, 2, bias=False)
        self.fine.weight.data = weight[:, coarse:].reshape(dim, fine, 2, 2).clone()

    def forward(self, x: Tensor) -> Tensor:
        """`(B, 3, S, S)` to `(B, dim, S/16, S/16)`."""
        fine = self.early(x)
        return self.coarse(self.late(fine)) + self.fine(fine)


class _Same(nn.Module):
    """A `Conv2dSame` on sizes that its stride divides, where its padding is known beforehand."""

    def __init__(self, conv: Conv2dSame) -> None:
        super().__init__()
        kernel, stride = conv.kernel_size[0], conv.stride[0]
        total = max(kernel - stride, 0)
        before, after = total // 2, total - total // 2
        self.pad = nn.ZeroPad2d((before, after, before, after))
        self.conv = nn.Conv2d(
            conv.in_channels, conv.out_channels, kernel, stride, groups=conv.groups,
            bias=conv.bias is not None,
        )  # fmt: skip
        self.conv.weight, self.conv.bias = conv.weight, conv.bias

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.pad(x))


def _prepared(network: SpaceTimeNetwork) -> SpaceTimeNetwork:
    """A copy on the CPU, in float32, with batch norms folded and convolutions fit for export."""
    network = fuse(copy.deepcopy(network).float().cpu()).requires_grad_(False)
    network = network.to(memory_format=torch.contiguous_format)
    if isinstance(network.stem, Backbone):
        _replace_same(network.stem)
        network.stem = _Strides(network.stem)
    return network


def _replace_same(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, Conv2dSame):
            setattr(module, name, _Same(child))
        else:
            _replace_same(child)


def _projections(qkv: nn.Linear, heads: int) -> nn.ModuleList:
    """Queries (scaled), keys and values as three layers: splitting one's output would copy it."""
    dim = qkv.in_features
    layers = nn.ModuleList()
    for i, scale in enumerate(((dim // heads) ** -0.5, 1.0, 1.0)):
        layer = nn.Linear(dim, dim)
        layer.weight.data = qkv.weight[i * dim : (i + 1) * dim] * scale
        layer.bias.data = qkv.bias[i * dim : (i + 1) * dim] * scale
        layers.append(layer)
    return layers


def _composed(outer: nn.Linear, inner: nn.Linear) -> nn.Linear:
    """One layer that does `outer(inner(x))`."""
    layer = nn.Linear(inner.in_features, outer.out_features)
    # in double precision, so that folding costs no accuracy
    weight = outer.weight.double()
    layer.weight.data = (weight @ inner.weight.double()).float()
    layer.bias.data = (weight @ inner.bias.double() + outer.bias.double()).float()
    return layer


def _blocks(network: SpaceTimeNetwork) -> list[DividedBlock]:
    return [cast(DividedBlock, block) for block in network.blocks]


def _by_block(memory: tuple[Tensor, ...]) -> list[BlockMemory]:
    return [(memory[i], memory[i + 1], memory[i + 2]) for i in range(0, len(memory), 3)]


def _describe(features: Tensor, weight: Tensor, n: int) -> Tensor:
    """`torch_runner.describe`, as one product."""
    share = weight / weight.sum(-1, keepdim=True).clamp(min=1e-6) - 1 / n
    apart = (share[:, None] @ features)[:, 0]
    return apart / (apart * apart).sum(-1, keepdim=True).sqrt().clamp(min=1e-12)


def _places(network: SpaceTimeNetwork, grid: int) -> Tensor:
    """Positions of the central `grid` x `grid` cells, `(grid * grid, C)`."""
    margin = (network.position.shape[-1] - grid) // 2
    place = network.position.detach()[:, margin : margin + grid, margin : margin + grid]
    return place.flatten(1).T
