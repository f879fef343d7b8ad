"""Divided space-time attention over frames of different size.

After TimeSformer (Bertasius, Wang, Torresani: "Is Space-Time Attention All You Need for Video
Understanding?", ICML 2021), whose frames all share one grid. Here a clip is a list of *stacks*:
frames of one grid, `(batch, frames, tokens, channels)`; different stacks may differ in grid. One
block, pre-norm:

    x = x + temporal_fc(TimeAttention(norm_t(x)))
    x = x + SpaceAttention(norm_s(x))                # within each frame alone
    x = x + MLP(norm_m(x))

`temporal_fc` starts at zero, so at initialisation a block is a plain ViT block on each frame.
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from model.correspondence import Correspondence, Grid, correspond
from model.sentences import Sentence

AGE_BUCKETS = 8
"""The oldest holds ages of 64 frames and more, all of which training clips show."""
EPS = 1e-6


def age_bucket(age: Tensor) -> Tensor:
    """Log-spaced bucket of an age in frames: 0, 1, 2-3, 4-7, ... up to `AGE_BUCKETS - 1`."""
    octave = torch.floor(torch.log2(age.clamp(min=1))).long() + 1
    return torch.where(age < 0.5, 0, octave).clamp(max=AGE_BUCKETS - 1)


@dataclass(frozen=True)
class Keys:
    """Keys and values that a stack of query frames may look at in time.

    `k` and `v` are `(batch, heads, frames, tokens, dim)`. `visible` is `(queries, frames)` or
    `(batch, queries, frames)`, bool. `age` is how many frames before the query each key frame
    lies, of the same shape as `visible`, or None for no bias. `inside` is `(batch, frames,
    tokens)`, bool, False at padding; None if there is none. `own` marks the queries' own stack.
    """

    k: Tensor
    v: Tensor
    grid: Grid
    visible: Tensor
    age: Tensor | None = None
    inside: Tensor | None = None
    own: bool = False


@dataclass
class Record:
    """Attention weights of a block, float32, noted while it runs; given to it only to look on."""

    time: list[list[Tensor]] = field(default_factory=list)
    """For each stack of queries and each of its sources `(B, heads, F, N, key frames, key tokens)`;
    the weights of a query sum to 1 over all its sources."""
    space: list[Tensor] = field(default_factory=list)
    """For each stack `(B * F, heads, N, N)`, rows sum to 1; a class token is the first token."""


class TimeAttention(nn.Module):
    """Attention of a token to the corresponding places of its own and earlier frames.

    Args:
        dim: channels.
        heads: attention heads; divides `dim`.
        reach: 0 looks at the same place of every frame (TimeSformer's own), `r` at a window of
            `(2r + 1)**2` cells around it, None at every place of the other frames and at the token
            itself.
        age_bias: whether a learned bias per head and age is added to the logits.
    """

    def __init__(self, dim: int, heads: int, reach: int | None, *, age_bias: bool = True) -> None:
        super().__init__()
        if dim % heads:
            raise ValueError(
                Sentence("{heads} heads do not divide {dim} channels", heads=heads, dim=dim)
            )
        self.heads, self.reach = heads, reach
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.age_bias = nn.Parameter(torch.zeros(heads, AGE_BUCKETS)) if age_bias else None

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys, values `(B, heads, F, N, d)` of normed tokens `(B, F, N, C)`."""
        q, k, v = rearrange(
            self.qkv(x), "b f n (three h d) -> three b h f n d", three=3, h=self.heads
        )
        return q * q.shape[-1] ** -0.5, k, v

    def attend(
        self, q: Tensor, grid: Grid, sources: list[Keys], record: Record | None = None
    ) -> tuple[Tensor, Tensor]:
        """Attend from scaled queries `(B, h, F, N, d)` on `grid` to `sources`.

        Returns:
            Output tokens `(B, F, N, C)`, and the share of attention that each token gives to each
            key frame, `(B, F, N, frames of all sources)`, mean over heads, summing to 1.
        """
        logits, values, frames = [], [], []
        for source in sources:
            for part in self._parts(q, grid, source):
                logits.append(part[0])
                values.append(part[1])
                frames.append(part[2])
        widths = [part.shape[-1] for part in logits]
        weights = torch.cat(logits, -1).float().softmax(-1)  # (B, h, F, N, keys)
        if record is not None:
            record.time.append(self._at_tokens(weights.split(widths, -1), grid, sources))
        out: Tensor | None = None
        shares: list[Tensor] = []
        for p, v, count in zip(weights.to(q.dtype).split(widths, -1), values, frames, strict=True):
            mixed = self._mix(p, v)
            out = mixed if out is None else out + mixed
            share = rearrange(p, "b h f n (g k) -> b h f n g k", g=count).sum(-1).mean(1)
            shares.append(share)
        assert out is not None
        return self.proj(rearrange(out, "b h f n d -> b f n (h d)")), self._merge(sources, shares)

    def _parts(self, q: Tensor, grid: Grid, source: Keys) -> list[tuple[Tensor, Tensor, int]]:
        """Logits `(B, h, F, N, frames * keys)`, values and frame count, one part or two."""
        bias = self._bias(source, q)  # (B or 1, h or 1, F, G)
        if self.reach is None:
            return self._every_place(q, source, bias)
        places = correspond(grid, source.grid, self.reach, device=q.device)
        k = places.gather(source.k)  # (B, h, G, N, K, d)
        v = places.gather(source.v)
        logits = torch.einsum("bhfnd,bhgnkd->bhfngk", q, k)
        logits = logits + rearrange(bias, "b h f g -> b h f 1 g 1")
        ok = self._inside(places, source)
        if ok is not None:
            logits = logits.masked_fill(~ok, float("-inf"))
        return [(logits.flatten(-2), v, source.k.shape[2])]

    @staticmethod
    def _inside(places: Correspondence, source: Keys) -> Tensor | None:
        """Which sampled keys may be looked at, `(B or 1, 1, F or 1, N, G or 1, K)`; None if all."""
        if source.inside is None:
            return None if places.complete else places.inside[None, None, None, :, None]
        ok = rearrange(places.gather_inside(source.inside), "b g n k -> b 1 1 n g k")
        if source.own:
            # a token always sees itself, so that no row of logits is empty
            frames, window = ok.shape[-2:]
            same = torch.eye(frames, dtype=torch.bool, device=ok.device)[:, None, :, None]
            ok = ok | (same & (torch.arange(window, device=ok.device) == window // 2))
        return ok

    def _every_place(
        self, q: Tensor, source: Keys, bias: Tensor
    ) -> list[tuple[Tensor, Tensor, int]]:
        parts: list[tuple[Tensor, Tensor, int]] = []
        frames = source.k.shape[2]
        if source.own:
            itself = (q * source.k).sum(-1, keepdim=True)  # (B, h, F, N, 1)
            own_bias = torch.diagonal(bias, dim1=-2, dim2=-1)[..., None, None]  # (., ., F, 1, 1)
            parts.append((itself + own_bias, source.v, 1))
            if frames == 1:
                return parts
            same = torch.eye(frames, dtype=torch.bool, device=q.device)
            bias = bias.masked_fill(same, float("-inf"))
        b, h, f, n, _ = q.shape
        k = rearrange(source.k, "b h g m d -> b h d (g m)")
        logits = (rearrange(q, "b h f n d -> b h (f n) d") @ k).reshape(b, h, f, n, frames, -1)
        logits = logits + rearrange(bias, "b h f g -> b h f 1 g 1")
        if source.inside is not None:
            ok = rearrange(source.inside, "b g m -> b 1 1 1 g m")
            logits = logits.masked_fill(~ok, float("-inf"))
        parts.append((logits.flatten(-2), rearrange(source.v, "b h g m d -> b h (g m) d"), frames))
        return parts

    def _mix(self, p: Tensor, v: Tensor) -> Tensor:
        """Weighted values `(B, h, F, N, d)`."""
        if v.dim() == 6:  # a window per query: (B, h, G, N, K, d)
            p = rearrange(p, "b h f n (g k) -> b h f n g k", g=v.shape[2])
            return torch.einsum("bhfngk,bhgnkd->bhfnd", p, v)
        if v.dim() == 5:  # the token itself: (B, h, F, N, d)
            return p * v
        b, h, f, n, _ = p.shape
        return (rearrange(p, "b h f n m -> b h (f n) m") @ v).reshape(b, h, f, n, -1)

    def _bias(self, source: Keys, q: Tensor) -> Tensor:
        """Logit bias of each key frame, -inf where it is not visible: `(B or 1, h or 1, F, G)`."""
        visible = source.visible if source.visible.dim() == 3 else source.visible[None]
        if self.age_bias is None or source.age is None:
            bias = q.new_zeros(1, 1, *visible.shape[-2:])
        else:
            age = source.age if source.age.dim() == 3 else source.age[None]
            bias = rearrange(self.age_bias[:, age_bucket(age)], "h b f g -> b h f g")
        return bias.masked_fill(~visible[:, None], float("-inf"))

    def _merge(self, sources: list[Keys], shares: list[Tensor]) -> Tensor:
        """Shares per key frame of each source, `(B, F, N, frames)`, from shares per part."""
        merged = []
        parts = iter(shares)
        for source in sources:
            share = next(parts)
            if self.reach is None and source.own:
                frames = source.k.shape[2]
                diagonal = torch.eye(frames, device=share.device, dtype=share.dtype)
                share = share * diagonal[:, None, :]  # (B, F, N, 1) -> (B, F, N, F)
                if frames > 1:
                    share = share + next(parts)
            merged.append(share)
        return torch.cat(merged, -1)

    def _at_tokens(
        self, weights: tuple[Tensor, ...], grid: Grid, sources: list[Keys]
    ) -> list[Tensor]:
        """Weights of each source at its tokens, `(B, h, F, N, frames, tokens)`, from those by part.

        Where keys are sampled between tokens, a weight is shared out as the key was mixed.
        """
        placed = []
        parts = iter(weights)
        for source in sources:
            frames, tokens = source.k.shape[2:4]
            p = next(parts)
            if self.reach is not None:
                places = correspond(grid, source.grid, self.reach, device=p.device)
                p = rearrange(p, "b h f n (g k) -> b h f g n k", g=frames)
                placed.append(places.spread(p, tokens).movedim(3, 4))
                continue
            if source.own:
                same_frame, itself = (torch.eye(n, device=p.device) for n in (frames, tokens))
                p = torch.einsum("bhfn,fg,nm->bhfngm", p[..., 0], same_frame, itself)
                if frames > 1:
                    p = p + next(parts).unflatten(-1, (frames, tokens))
                placed.append(p)
            else:
                placed.append(p.unflatten(-1, (frames, tokens)))
        return placed


class SpaceAttention(nn.Module):
    """Plain multi-head self-attention within a frame (Dosovitskiy et al., 2021)."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(
        self, x: Tensor, inside: Tensor | None = None, record: Record | None = None
    ) -> Tensor:
        """`x` is `(B, N, C)`; `inside` `(B, N)` bool keeps padding from being looked at."""
        q, k, v = rearrange(self.qkv(x), "b n (three h d) -> three b h n d", three=3, h=self.heads)
        mask = None
        if inside is not None:
            # a frame that is all padding looks at all of it rather than at nothing
            mask = (inside | ~inside.any(-1, keepdim=True))[:, None, None, :]
        if record is not None:
            logits = q.float() @ k.float().mT * q.shape[-1] ** -0.5
            if mask is not None:
                logits = logits.masked_fill(~mask, float("-inf"))
            record.space.append(logits.softmax(-1))
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.proj(rearrange(out, "b h n d -> b n (h d)"))


class Mlp(nn.Module):
    """Two linear layers with exact GELU between them."""

    def __init__(self, dim: int, ratio: float) -> None:
        super().__init__()
        hidden = int(dim * ratio)
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        """`(..., C)` to `(..., C)`."""
        return self.fc2(F.gelu(self.fc1(x)))


@dataclass(frozen=True)
class Stack:
    """What a block must know of a stack of frames besides its tokens."""

    grid: Grid
    inside: Tensor | None = None
    """`(batch, frames, tokens)`, bool, False at padding; None if there is none."""


@dataclass(frozen=True)
class View:
    """Which frames of a stack of keys each frame of a stack of queries sees, and their age.

    `visible` is `(queries, keys)` or `(batch, queries, keys)`, bool; `age` the same in frames, or
    None for no bias. A frame of the queries' own stack must see itself.
    """

    visible: Tensor
    age: Tensor | None = None


@dataclass(frozen=True)
class BlockOutput:
    """Tokens after a block, and what streaming needs of it."""

    tokens: list[Tensor]
    """One `(B, F, N, C)` for each stack."""
    cls: Tensor | None
    """`(B, C)`, or None without a class token."""
    keys: list[tuple[Tensor, Tensor]]
    """Keys and values of time attention of each stack, `(B, heads, F, N, d)`."""
    shares: list[Tensor]
    """For each stack `(B, F, N, key frames)`: attention in time given to each frame: memory first,
    then each stack in order."""


class DividedBlock(nn.Module):
    """One divided space-time block: time, then space, then MLP; each with its residual."""

    def __init__(
        self, dim: int, heads: int, *, reach: int | None, mlp_ratio: float = 4.0,
        age_bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.norm_t = nn.LayerNorm(dim, eps=EPS)
        self.time = TimeAttention(dim, heads, reach, age_bias=age_bias)
        self.temporal_fc = nn.Linear(dim, dim)
        nn.init.zeros_(self.temporal_fc.weight)
        nn.init.zeros_(self.temporal_fc.bias)
        self.norm_s = nn.LayerNorm(dim, eps=EPS)
        self.space = SpaceAttention(dim, heads)
        self.norm_m = nn.LayerNorm(dim, eps=EPS)
        self.mlp = Mlp(dim, mlp_ratio)

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
        """Run the block on a clip.

        Args:
            tokens: one `(B, F, N, C)` per stack.
            stacks: grid and padding of each stack.
            views: `views[s][t]` says what frames of stack `s` see of stack `t`; None for nothing.
            cls: `(B, C)` class token; left out of time attention, repeated for each frame in space
                attention and averaged back (single stack only in TimeSformer; mean over all frames
                of all stacks here).
            memory: cached keys of earlier frames that every stack's queries see as well.
            record: takes the weights of attention, memory before the stacks as in `shares`.
        """
        projected = [self.time.project(self.norm_t(x)) for x in tokens]
        timed, shares = [], []
        for s, x in enumerate(tokens):
            sources = [] if memory is None else [memory]
            for t, view in enumerate(views[s]):
                if view is not None:
                    sources.append(self._keys(projected[t], stacks[t], view, own=s == t))
            out, share = self.time.attend(projected[s][0], stacks[s].grid, sources, record)
            timed.append(x + self.temporal_fc(out))
            shares.append(share)
        spaced, cls = self._space(timed, stacks, cls, record)
        out_tokens = [x + self.mlp(self.norm_m(x)) for x in spaced]
        if cls is not None:
            cls = cls + self.mlp(self.norm_m(cls))
        return BlockOutput(out_tokens, cls, [(k, v) for _, k, v in projected], shares)

    @staticmethod
    def _keys(
        projected: tuple[Tensor, Tensor, Tensor], stack: Stack, view: View, *, own: bool
    ) -> Keys:
        _, k, v = projected
        return Keys(k, v, stack.grid, view.visible, view.age, stack.inside, own)

    def _space(
        self, tokens: list[Tensor], stacks: list[Stack], cls: Tensor | None, record: Record | None
    ) -> tuple[list[Tensor], Tensor | None]:
        out, cls_parts = [], []
        for x, stack in zip(tokens, stacks, strict=True):
            frames = x.shape[1]
            y = rearrange(x, "b f n c -> (b f) n c")
            inside = None if stack.inside is None else stack.inside.flatten(0, 1)
            if cls is not None:
                repeated = cls.repeat_interleave(frames, 0)[:, None]  # (B F, 1, C)
                y = torch.cat([repeated, y], 1)
                if inside is not None:
                    inside = F.pad(inside, (1, 0), value=True)
            y = self.space(self.norm_s(y), inside, record)
            if cls is not None:
                cls_parts.append(rearrange(y[:, 0], "(b f) c -> b f c", f=frames))
                y = y[:, 1:]
            out.append(x + rearrange(y, "(b f) n c -> b f n c", f=frames))
        if cls is not None:
            cls = cls + torch.cat(cls_parts, 1).mean(1)
        return out, cls
