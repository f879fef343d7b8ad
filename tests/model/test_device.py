"""Names of devices and number formats."""

import pytest
import torch

from model.device import resolve_device, resolve_precision
from model.errors import InputError


def test_cpu_is_everywhere_and_auto_finds_a_device() -> None:
    assert resolve_device("cpu") == torch.device("cpu")
    found = resolve_device("auto")
    torch.zeros(1, device=found)


@pytest.mark.parametrize(
    "name", ["", "tpu", "cuda:99", "cuda:", "cuda:x", "cpu:x", "mps:99", "CPU", "auto:0"]
)
def test_a_device_that_is_not_there_is_told_in_one_sentence(name: str) -> None:
    with pytest.raises(InputError, match="device") as caught:
        resolve_device(name)
    assert repr(name) in str(caught.value)


def test_number_formats() -> None:
    cpu = torch.device("cpu")
    assert resolve_precision("auto", cpu) is torch.float32
    assert resolve_precision("float32", cpu) is torch.float32
    assert resolve_precision("bfloat16", cpu) is torch.bfloat16
    assert resolve_precision("float16", cpu) is torch.float16
    for name in ("", "float64", "nn", "int8"):
        with pytest.raises(InputError, match="precision"):
            resolve_precision(name, cpu)
