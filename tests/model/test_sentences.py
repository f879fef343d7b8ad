"""Sentences: what they say, and what is still known of them wherever they are carried."""

import copy
import json
import pickle
import queue

import pytest

from model.errors import InputError, TrackerError, WeightsError
from model.sentences import Sentence

NESTED = Sentence(
    "The table {path} cannot be read: {why}.", path="a.csv", why=Sentence("it is not text")
)


def test_sentence_reads_as_the_english_text_it_is() -> None:
    assert NESTED == "The table a.csv cannot be read: it is not text."
    assert f"{NESTED} Go on." == "The table a.csv cannot be read: it is not text. Go on."
    assert json.dumps(NESTED) == f'"{NESTED}"'
    assert NESTED in {"The table a.csv cannot be read: it is not text."}


@pytest.mark.parametrize("kind", [TrackerError, InputError, WeightsError])
def test_error_gives_its_sentence_back(kind: type[TrackerError]) -> None:
    said = str(kind("There is no file {path}; look again.", path="{x} {0}"))
    assert said == "There is no file {x} {0}; look again."
    assert isinstance(said, Sentence)
    assert said.template == "There is no file {path}; look again."
    assert said.values == {"path": "{x} {0}"}


def test_ready_text_is_said_as_it_stands() -> None:
    assert str(InputError("{not} a {field")) == "{not} a {field"
    assert str(InputError(NESTED)) is NESTED


def test_error_within_an_error_stays_a_sentence() -> None:
    inner = InputError("A frame of type {kind} cannot be read.", kind="str")
    said = str(InputError("The image {path} cannot be used: {error}", path="x.png", error=inner))
    assert said == "The image x.png cannot be used: A frame of type str cannot be read."
    assert isinstance(said, Sentence)
    assert isinstance(said.values["error"], Sentence)


def test_template_is_filled_in_later() -> None:
    template = Sentence("{name} has ended.")
    said = Sentence(template, name="The screen")
    assert said == "The screen has ended."
    assert said.template == template


def test_values_are_written_as_the_template_asks() -> None:
    assert Sentence("{a:.1f} s, {b!r}, {c:g}", a=1.25, b="x", c=3.0) == "1.2 s, 'x', 3"


@pytest.mark.parametrize("carry", [
    lambda s: pickle.loads(pickle.dumps(s)),  # noqa: S301
    lambda s: str(pickle.loads(pickle.dumps(InputError(s)))),  # noqa: S301
    copy.copy,
    copy.deepcopy,
    lambda s: str(OSError(s)),
    lambda s: OSError(21, s, "path").strerror,
])  # fmt: skip
def test_sentence_survives_being_carried(carry: object) -> None:
    assert callable(carry)
    said = carry(NESTED)
    assert isinstance(said, Sentence)
    assert (said, said.template, said.values) == (NESTED, NESTED.template, NESTED.values)
    assert isinstance(said.values["why"], Sentence)


def test_sentence_passes_through_a_queue_as_it_is() -> None:
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    told.put(NESTED)
    assert told.get() is NESTED
