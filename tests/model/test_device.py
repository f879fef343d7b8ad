"""Names of devices and number formats."""

import pytest
import torch

from model.device import answers, resolve_device, resolve_precision
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


def test_a_dead_device_is_not_taken_by_itself_and_told_when_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr("model.device.answers", lambda device: device.type != "cuda")
    assert resolve_device("auto").type != "cuda"
    with pytest.raises(InputError, match=r"^The device 'cuda:0' does not answer; start the"):
        resolve_device("cuda:0")


def test_a_device_answers_unless_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = torch.device("cpu")
    assert answers(cpu)

    def fail(error: RuntimeError) -> None:
        def ones(*args: object, **kwargs: object) -> None:
            raise error

        monkeypatch.setattr(torch, "ones", ones)

    fail(torch.OutOfMemoryError("CUDA out of memory."))
    assert answers(cpu)
    fail(RuntimeError("CUDA error: unspecified launch failure"))
    assert not answers(cpu)


def test_number_formats() -> None:
    cpu = torch.device("cpu")
    assert resolve_precision("auto", cpu) is torch.float32
    assert resolve_precision("float32", cpu) is torch.float32
    assert resolve_precision("bfloat16", cpu) is torch.bfloat16
    assert resolve_precision("float16", cpu) is torch.float16
    for name in ("", "float64", "nn", "int8"):
        with pytest.raises(InputError, match="precision"):
            resolve_precision(name, cpu)
