"""A frozen part of a network in ONNX Runtime: on CPUs several times faster than in torch."""

import copy
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from model.backbone import Backbone, fuse_norms


class FrozenPart:
    """A module whose weights stay, as a function of tensors `(B, C, H, W)`; no gradient flows.

    Raises:
        ImportError: ONNX or ONNX Runtime is not installed.
    """

    def __init__(self, module: nn.Module, channels: int, threads: int) -> None:
        import onnx  # noqa: F401  (the exporter needs it, and says so less clearly)
        import onnxruntime

        module = copy.deepcopy(module).cpu().eval()
        fuse_norms(module)
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter speaks of its own future
            path = Path(folder) / "part.onnx"
            torch.onnx.export(
                module, (torch.zeros(2, channels, 64, 64),), path, dynamo=False, opset_version=17,
                input_names=["x"], output_names=["y"],
                dynamic_axes={"x": {0: "b", 2: "h", 3: "w"}, "y": {0: "b"}},
            )  # fmt: skip
            graph = path.read_bytes()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # spinning threads would take the cores from torch and from the loader
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, x: Tensor) -> Tensor:
        """The module's output for a batch."""
        (y,) = self._session.run(None, {"x": np.ascontiguousarray(x.detach().numpy())})
        return torch.from_numpy(y)


class _Merge(nn.Module):
    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, x: Tensor) -> Tensor:
        return self.backbone.merge(self.backbone.early(x))


def hold(backbone: Backbone, frozen: str) -> None:
    """Keep a part of the backbone from training.

    Args:
        frozen: `early` (to stride 8) or `all` (to stride 16).
    """
    parts = {"early": [backbone.early], "all": [backbone.early, backbone.late]}[frozen]
    for part in parts:
        part.requires_grad_(False)


def freeze(backbone: Backbone, frozen: str, device: torch.device, threads: int) -> None:
    """Keep a part of the backbone from training, and run that part as fast as may be.

    Its weights have to be in place: what runs is a copy.

    Args:
        frozen: `early` (to stride 8) or `all` (to stride 16).
    """
    hold(backbone, frozen)
    if device.type != "cpu":
        return
    if frozen == "early":
        backbone.run_early = FrozenPart(backbone.early, 3, threads)
    else:
        backbone.run_both = FrozenPart(_Merge(backbone), 3, threads)
