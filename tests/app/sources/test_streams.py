"""Streams from real servers on the loopback: played, hung, killed, restarted, and refused."""

import itertools
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.core.sources import Health, Stream, Watch, open_source, open_stream
from app.core.sources.live import LiveSource
from app.core.sources.stream import _Pace
from model.errors import InputError
from tests.app.clips import cut_off, encode, noise
from tests.app.sources.numbered import Recipe, number_of, write
from tests.app.sources.servers import (
    RtspServer,
    Switch,
    free_port,
    http_server,
    send_file,
    send_mjpeg,
    send_nothing,
    send_text,
    send_transport,
    serve,
)

QUICK = Watch(open_s=8, stalled_s=0.6, pause_s=0.05, longest_pause_s=0.2, give_up_s=60)
KINDS: dict[str, tuple[str, Callable[..., object]]] = {
    "mjpeg": ("http", lambda switch, port=0: http_server(send_mjpeg, switch, port)),
    "transport": ("http", lambda switch, port=0: http_server(send_transport, switch, port)),
    "rtsp": ("rtsp", RtspServer),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> tuple[str, Callable[..., object]]:
    return KINDS[request.param]


def wait_for(source: LiveSource, health: Health) -> None:
    """Fetch frames until the source is as it should be."""
    end = time.monotonic() + 30
    while source.state().health is not health:
        assert time.monotonic() < end, f"never {health}: {source.state()}"
        source.next(0.05)


def test_stream_gives_its_newest_pictures_in_order(kind) -> None:
    scheme, make = kind
    switch = Switch()
    with serve(make(switch), switch) as port, open_source(f"{scheme}://127.0.0.1:{port}/a") as live:
        assert isinstance(live, Stream)
        assert live.info.is_live
        assert (live.info.width, live.info.height) == (128, 64)
        assert not live.seekable
        frames = list(itertools.islice(live, 20))
        time.sleep(0.5)
        late = list(itertools.islice(live, 2))
        state = live.state()
    numbers = [number_of(frame.rgb) for frame in frames + late]
    assert numbers == sorted(set(numbers))
    assert np.all(np.diff([frame.time_s for frame in frames + late]) > 0)
    assert np.all(np.diff([frame.index for frame in frames + late]) > 0)
    # what was not fetched in time was let go, but for the one that waited
    assert number_of(late[1].rgb) - number_of(frames[-1].rgb) > 4
    assert state.dropped > 0
    assert state.health is Health.OK


def test_stream_that_hangs_is_told_and_opened_anew(kind) -> None:
    scheme, make = kind
    switch = Switch()
    with (
        serve(make(switch), switch) as port,
        open_stream(f"{scheme}://127.0.0.1:{port}/a", watch=QUICK) as live,
    ):
        next(iter(live))
        switch.hang.set()
        wait_for(live, Health.STALLED)
        assert "127.0.0.1" in live.state().reason
        while switch.connections < 2:
            live.next(0.05)
        switch.hang.clear()
        wait_for(live, Health.OK)
        numbers = [frame.index for frame in itertools.islice(live, 3)]
        assert numbers == sorted(set(numbers))
        assert live.state().reopened >= 1


def test_stream_whose_server_is_killed_and_restarted_goes_on(kind) -> None:
    scheme, make = kind
    first, second = Switch(), Switch()
    port = free_port()
    with serve(make(first, port), first):
        live = open_stream(f"{scheme}://127.0.0.1:{port}/a", watch=QUICK)
        seen = list(itertools.islice(live, 3))
    with live:
        wait_for(live, Health.ENDED)
        assert live.state().reason.endswith(".")
        with serve(make(second, port), second):
            wait_for(live, Health.OK)
            seen += itertools.islice(live, 3)
    assert np.all(np.diff([frame.time_s for frame in seen]) > 0)
    assert np.all(np.diff([frame.index for frame in seen]) > 0)


def test_server_that_never_comes_back_is_given_up_in_one_sentence() -> None:
    switch = Switch()
    quick = Watch(open_s=8, stalled_s=0.5, pause_s=0.05, longest_pause_s=0.1, give_up_s=0.8)
    with serve(http_server(send_mjpeg, switch), switch) as port:
        live = open_stream(f"http://127.0.0.1:{port}/a", watch=quick)
        seen = list(itertools.islice(live, 3))
    with live, pytest.raises(InputError, match=r"gave no picture .* after frame \d+;"):
        seen += live
    assert len(seen) >= 3


def test_server_that_never_answers_is_left_in_time() -> None:
    switch = Switch()
    quick = Watch(open_s=0.5)
    with serve(http_server(send_nothing, switch), switch) as port:
        url = f"http://viewer:secret@127.0.0.1:{port}/live?token=abc"
        with pytest.raises(InputError, match="no answer in time") as caught:
            open_stream(url, watch=quick)
    assert "secret" not in str(caught.value)
    assert "abc" not in str(caught.value)


def test_video_on_a_web_server_gives_every_frame_with_its_time(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", Recipe("clip.mp4", options={"bf": "2"}), 60)
    switch = Switch()
    with (
        serve(http_server(send_file(path), switch), switch) as port,
        open_source(f"http://127.0.0.1:{port}/clip.mp4") as source,
    ):
        frames = list(source)
        assert not source.info.is_live
        assert source.info.frames == 60
    assert [number_of(frame.rgb) for frame in frames] == list(range(60))
    assert [frame.time_s for frame in frames] == pytest.approx([k / 25 for k in range(60)])


def test_video_on_a_web_server_that_breaks_off_says_where(tmp_path: Path) -> None:
    whole = write(
        tmp_path / "clip.mp4", Recipe("clip.mp4", container={"movflags": "faststart"}), 60
    )
    path = cut_off(whole, 0.7)
    switch = Switch()
    seen = []
    with (
        serve(http_server(send_file(path), switch), switch) as port,
        open_source(f"http://127.0.0.1:{port}/clip.mp4") as source,
        pytest.raises(InputError, match=r"broke off after frame \d+ of 60"),
    ):
        seen.extend(frame.index for frame in source)
    assert seen == list(range(len(seen)))
    assert seen


def test_video_that_its_server_cannot_give_in_pieces_is_to_be_downloaded(tmp_path: Path) -> None:
    # larger than what is read ahead, with its index at the end
    path = encode(tmp_path / "clip.mp4", noise(30, 320, 240))
    switch = Switch()
    with (
        serve(http_server(send_file(path, jumps=False), switch), switch) as port,
        pytest.raises(InputError, match=r"clip.mp4 cannot be played .* download it"),
    ):
        open_source(f"http://127.0.0.1:{port}/clip.mp4")


def test_playlist_cannot_open_files_of_this_machine(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.ts", Recipe("secret.ts"), 10)
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret.as_uri()}\n#EXT-X-ENDLIST\n"
    switch = Switch()
    server = http_server(send_text(playlist, "audio/mpegurl"), switch)
    with serve(server, switch) as port, pytest.raises(InputError, match="stream"):
        open_source(f"http://127.0.0.1:{port}/a.m3u8")


def test_page_that_is_no_video_is_refused() -> None:
    switch = Switch()
    server = http_server(send_text("<html>hello</html>", "text/html"), switch)
    with serve(server, switch) as port, pytest.raises(InputError, match="cannot be opened"):
        open_source(f"http://127.0.0.1:{port}/")


def test_pictures_that_are_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.sources.stream.MAX_PIXELS", 128 * 64 - 1)
    switch = Switch()
    server = http_server(send_mjpeg, switch)
    with serve(server, switch) as port, pytest.raises(InputError, match="too large"):
        open_source(f"http://127.0.0.1:{port}/")


def test_closing_a_stream_leaves_no_thread() -> None:
    switch = Switch()
    with serve(http_server(send_mjpeg, switch), switch) as port:
        for _ in range(3):
            with open_source(f"http://127.0.0.1:{port}/") as live:
                next(iter(live))
        end = time.monotonic() + 10
        while any(t.name.startswith(("read", "watch")) for t in threading.enumerate()):
            assert time.monotonic() < end, threading.enumerate()
            time.sleep(0.02)


def test_bursts_are_spread_and_late_pictures_are_not_kept_waiting() -> None:
    pace = _Pace()
    waits = [pace.wait_s(k / 25, 100.0) for k in range(250)]
    assert waits[:13] == [0.0] * 13
    assert waits[-1] == pytest.approx(249 / 25 - 0.5)
    assert pace.wait_s(10.0, 200.0) == 0
    # a clock that starts anew does not stop the picture
    assert pace.wait_s(0.0, 201.0) == 0
    assert pace.wait_s(5000.0, 202.0) == 0
    assert pace.wait_s(None, 202.0) == 0
