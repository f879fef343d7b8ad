"""The doctor: what it tries, what it says, and when it fails."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from app import doctor
from app.cli import app
from app.doctor import Check, Status
from model.errors import TrackerError


def test_encoder_that_works_and_one_that_does_not_exist() -> None:
    assert doctor.encoder_problem("libx264") is None
    assert doctor.encoder_problem("libnone") is not None


def test_missing_libraries_are_named_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    libraries = {"libgood0": "libc.so.6", "libbad0": "libno-such-thing.so.1"}
    monkeypatch.setattr(doctor, "QT_LIBRARIES", libraries)
    monkeypatch.setattr(doctor, "_loads", lambda library: library == "libc.so.6")
    assert doctor.missing_libraries() == ["libbad0"]
    check = doctor.check_qt()
    assert check.status is Status.MISSING
    assert "libno-such-thing.so.1" in check.detail
    assert check.fix == "sudo apt-get install -y libbad0"


@pytest.mark.parametrize("dead", [[], [1], [0, 1]])
def test_cards_that_do_not_answer_can_be_done_without(
    monkeypatch: pytest.MonkeyPatch, dead: list[int]
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda i: f"Card {i}")
    monkeypatch.setattr("model.device.answers", lambda device: device.index not in dead)
    _, device = doctor.check_torch()
    assert "Card 0, Card 1" in device.detail
    assert (device.status is Status.ABSENT) == bool(dead)
    assert ("--device cpu" in device.fix) == bool(dead)


def test_no_display_is_a_sentence_that_names_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "window_problem", lambda: "There is no display.")
    assert doctor.check_display().status is Status.ABSENT
    with pytest.raises(TrackerError, match="track"):
        doctor.require_window()


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("print('[\"Card 5\", true]')", Status.OK, "Card 5"),
        ("print('[\"llvmpipe\", false]')", Status.ABSENT, "llvmpipe is no graphics card"),
        ("print('[null, false]')", Status.ABSENT, "no OpenGL"),
        ("import os; os.abort()", Status.ABSENT, "the driver of the graphics card fails"),
    ],
)
def test_card_that_draws_or_fails_to(
    monkeypatch: pytest.MonkeyPatch, code: str, status: Status, words: str
) -> None:
    monkeypatch.setattr(doctor, "_CARD", code)
    check = doctor.check_drawing()
    assert check.status is status
    assert words in check.detail


@pytest.mark.parametrize(
    ("status", "code"), [(Status.OK, 0), (Status.ABSENT, 0), (Status.MISSING, 1)]
)
def test_exit_code_is_1_only_where_something_needed_is_missing(
    monkeypatch: pytest.MonkeyPatch, status: Status, code: int
) -> None:
    def checks() -> Iterator[Check]:
        yield Check("python", Status.OK, "3.11")
        yield Check("camera [0]", status, "as found", "mend it")

    monkeypatch.setattr(doctor, "run_checks", checks)
    plain = CliRunner().invoke(app, ["doctor"])
    assert plain.exit_code == code
    assert "camera [0]" in plain.stdout
    assert "mend it" in plain.stdout
    listed = CliRunner().invoke(app, ["doctor", "--json"])
    assert listed.exit_code == code
    assert [item["status"] for item in json.loads(listed.stdout)] == ["ok", str(status)]


def test_each_check_of_this_machine_gives_a_finding() -> None:
    checks = [doctor.check_python(), *doctor.check_torch(), *doctor.check_cameras()]
    names = [check.name.split()[0] for check in checks]
    assert names[:3] == ["python", "torch", "device"]
    assert "camera" in names
    assert all(check.detail for check in checks)
