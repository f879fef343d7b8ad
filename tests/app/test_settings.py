"""Settings and recent sources: what is kept, what a damaged file leads to."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.recent import KEPT, forget, kind_of, list_recent, remember, without_secrets
from app.core.settings import LIMITS, Settings, load_settings, save_settings, shipped_presets
from model.errors import InputError
from model.presets import PRESETS, TrackerConfig

OTHER = Settings(
    device="cuda:1", precision="float16", preset="/weights/mine.safetensors", slots=4,
    remember_every=7, remember_score=0.5, uncertain_below=0.3, lost_below=0.15, show_trail=False,
    trail_length=9, show_search=True, show_response=True, show_scores=False, language="zh_CN",
    theme="dark", drawing="cpu", record_content="both", record_folder="/录像",
)  # fmt: skip


def test_everything_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.json"
    assert all(getattr(OTHER, f.name) != f.default for f in fields(Settings))
    save_settings(OTHER, path)
    assert load_settings(path) == (OTHER, "")
    assert [p.name for p in path.parent.iterdir()] == ["settings.json"]


def test_first_start_has_defaults_and_nothing_to_say(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.json") == (Settings(), "")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_damaged_file_gives_defaults_and_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    settings, sentence = load_settings(path)
    assert settings == Settings()
    assert str(path) in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("device", "gpu"), ("device", 3), ("slots", -1), ("slots", 2.5), ("slots", True),
        ("theme", "pink"), ("drawing", "gpu"), ("remember_score", 1.5), ("language", "xx"),
        ("remember_score", float("nan")), ("show_trail", 1), ("preset", " "),
        ("record_content", None),
    ],
)  # fmt: skip
def test_wrong_value_is_named_and_the_others_kept(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"trail_length": 33, name: value, "of_a_later_version": 1}))
    settings, sentence = load_settings(path)
    assert settings == Settings(trail_length=33)
    assert name in sentence
    assert "of_a_later_version" not in sentence
    with pytest.raises(InputError, match=r"\.$"):
        replace(Settings(), **{name: value})  # type: ignore[arg-type]


def test_thresholds_that_contradict_each_other_fall_back_together(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"lost_below": 0.4, "uncertain_below": 0.3, "theme": "dark"}))
    settings, sentence = load_settings(path)
    assert settings == Settings(theme="dark")
    assert "lost_below" in sentence


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)


@given(document=st.dictionaries(st.sampled_from([f.name for f in fields(Settings)]), values))
def test_any_values_give_settings_within_their_limits(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_text(json.dumps(document))
    settings, sentence = load_settings(path)
    for name, (low, high) in LIMITS.items():
        assert low <= getattr(settings, name) <= high
    for name, value in document.items():
        assert name in sentence or getattr(settings, name) == value


def test_refused_write_is_one_sentence_and_keeps_the_former_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InputError, match="cannot be written"):
        save_settings(Settings(), tmp_path / "file" / "settings.json")


def test_defaults_are_those_of_the_tracker() -> None:
    options = Settings().tracker_options()
    config = TrackerConfig()
    names = {f.name for f in fields(TrackerConfig)}
    assert {n: v for n, v in options.items() if n in names} == {
        n: getattr(config, n) for n in options if n in names
    }
    assert set(options) - names == {"device", "precision"}
    assert replace(Settings(), slots=7).tracker_options()["slots"] == 7


def test_shipped_presets_exist() -> None:
    assert shipped_presets()[0] == "small"
    assert set(shipped_presets()) <= set(PRESETS)
    assert len(shipped_presets()) >= 2


def test_recent_are_newest_first_without_repeats(tmp_path: Path) -> None:
    store, video = tmp_path / "recent.json", tmp_path / "片 段.mp4"
    video.touch()
    for text in (str(video), "0", "screen:0,0,64,64", str(tmp_path), str(video)):
        remember(text, path=store)
    remember(str(tmp_path / "work.stt"), "project", store)
    found = [(item.text, item.kind, item.is_missing) for item in list_recent(store)]
    assert found == [
        (str(tmp_path / "work.stt"), "project", True),
        (str(video), "video", False),
        (str(tmp_path), "folder", False),
        ("screen:0,0,64,64", "screen", False),
        ("0", "camera", False),
    ]
    video.unlink()
    assert list_recent(store)[1].is_missing
    assert list_recent(store)[1].name == "片 段.mp4"
    forget(str(video), store)
    assert [item.kind for item in list_recent(store)] == ["project", "folder", "screen", "camera"]
    forget(path=store)
    assert list_recent(store) == []


def test_recent_list_is_bounded(tmp_path: Path) -> None:
    store = tmp_path / "recent.json"
    for number in range(KEPT + 3):
        remember(str(number), path=store)
    assert [item.text for item in list_recent(store)] == [
        str(n) for n in reversed(range(3, KEPT + 3))
    ]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("rtsp://ann:s3cret@10.0.0.2:554/cam?channel=1&subtype=0",
         "rtsp://ann@10.0.0.2:554/cam?channel=1&subtype=0"),
        ("rtsp://:s3cret@host/cam", "rtsp://host/cam"),
        ("https://host/a.m3u8?access_token=s3cret&x=1", "https://host/a.m3u8?x=1"),
        ("http://host/v?pwd=s3cret", "http://host/v"),
        ("http://[::1]:8080/v", "http://[::1]:8080/v"),
    ],
)  # fmt: skip
def test_no_password_is_kept(tmp_path: Path, url: str, kept: str) -> None:
    store = tmp_path / "recent.json"
    remember(url, path=store)
    assert "s3cret" not in store.read_text()
    assert [item.text for item in list_recent(store)] == [kept]
    assert kind_of(url) == "stream"
    assert without_secrets(kept) == kept


@pytest.mark.parametrize(
    "content", ["", "{", "{}", '[1, {"text": 5}, {"text": "a", "kind": "b", "opened": "c"}]']
)
def test_damaged_list_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    store = tmp_path / "recent.json"
    store.write_text(content)
    assert list_recent(store) == []
    remember("1", path=store)
    assert [item.text for item in list_recent(store)] == ["1"]
