"""Small servers on the loopback that stream numbered pictures, and can be made to fail."""

import contextlib
import io
import re
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import cv2

from tests.app.sources.numbered import picture

STEP_S = 0.02


class Switch:
    """What a test does to a server while it streams."""

    def __init__(self) -> None:
        self.hang = threading.Event()
        """Say nothing more for as long as it is set."""
        self.stop = threading.Event()
        self.connections = 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is no fault."""


@contextlib.contextmanager
def serve(server: socketserver.BaseServer, switch: Switch) -> Iterator[int]:
    """Run `server`; gives its port. At the end all its connections are cut."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        switch.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _pace(switch: Switch) -> bool:
    """Wait for the time of the next picture; False when the server stops."""
    while switch.hang.is_set() and not switch.stop.is_set():
        time.sleep(STEP_S)
    time.sleep(STEP_S)
    return not switch.stop.is_set()


def http_server(
    send: Callable[[BaseHTTPRequestHandler, Switch], None], switch: Switch, port: int = 0
) -> _Server:
    """A server whose every answer is made by `send`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            switch.connections += 1
            self.close_connection = True
            with contextlib.suppress(OSError):
                send(self, switch)

        def log_message(self, format: str, *args: Any) -> None:
            """Tests are quiet."""

    return _Server(("127.0.0.1", port), Handler)


def send_mjpeg(handler: BaseHTTPRequestHandler, switch: Switch) -> None:
    """Pictures as `multipart/x-mixed-replace`, as network cameras send them."""
    handler.send_response(200)
    handler.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
    handler.end_headers()
    number = 0
    while True:
        data = cv2.imencode(".jpg", picture(number % 1024)[:, :, ::-1])[1].tobytes()
        head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
        handler.wfile.write(head.encode() + data + b"\r\n")
        number += 1
        if not _pace(switch):
            return


class _Chunks(io.RawIOBase):
    """A file that sends what is written into it as HTTP chunks."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._handler = handler

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        size = len(data)
        self._handler.wfile.write(b"%x\r\n" % size + bytes(data) + b"\r\n")
        return size


def send_transport(handler: BaseHTTPRequestHandler, switch: Switch) -> None:
    """H.264 in MPEG-TS, chunked, without an end."""
    handler.send_response(200)
    handler.send_header("Content-Type", "video/mp2t")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for data in transport_packets(switch):
        _Chunks(handler).write(data)


def transport_packets(switch: Switch) -> Iterator[bytes]:
    """MPEG-TS, each piece whole packets of 188 bytes, at the pace of the pictures."""
    parts: list[bytes] = []

    class Sink(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            parts.append(bytes(data))
            return len(data)

    options = {"flush_packets": "1"}
    with av.open(Sink(), "w", format="mpegts", options=options) as container:
        stream = container.add_stream("libx264", rate=round(1 / STEP_S))
        stream.height, stream.width, _ = picture(0).shape
        stream.pix_fmt = "yuv420p"
        stream.options = {"tune": "zerolatency", "preset": "ultrafast", "g": "10"}
        number = 0
        left = b""
        while True:
            frame = av.VideoFrame.from_ndarray(picture(number % 1024), format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
            number += 1
            data = left + b"".join(parts)
            parts.clear()
            whole = len(data) // 188 * 188
            left = data[whole:]
            if whole:
                yield data[:whole]
            if not _pace(switch):
                return


def send_file(
    path: Path, *, jumps: bool = True
) -> Callable[[BaseHTTPRequestHandler, Switch], None]:
    """Answers with a file, from the byte that is asked for, or always from its beginning."""
    data = path.read_bytes()

    def send(handler: BaseHTTPRequestHandler, switch: Switch) -> None:
        asked = re.match(r"bytes=(\d+)-", handler.headers.get("Range", "")) if jumps else None
        start = int(asked[1]) if asked else 0
        handler.send_response(206 if asked else 200)
        if jumps:
            handler.send_header("Accept-Ranges", "bytes")
        handler.send_header("Content-Length", str(len(data) - start))
        if asked:
            handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        handler.end_headers()
        handler.wfile.write(data[start:])

    return send


def send_text(text: str, kind: str) -> Callable[[BaseHTTPRequestHandler, Switch], None]:
    """Answers with a short text."""

    def send(handler: BaseHTTPRequestHandler, switch: Switch) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return send


def send_nothing(handler: BaseHTTPRequestHandler, switch: Switch) -> None:
    """Takes the question and never answers."""
    switch.stop.wait()


class RtspServer(socketserver.ThreadingTCPServer):
    """RTSP 1.0 (RFC 2326) with MPEG-TS over RTP (RFC 2250), interleaved in the connection."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, switch: Switch, port: int = 0) -> None:
        self.switch = switch
        super().__init__(("127.0.0.1", port), _RtspHandler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is no fault."""


class _RtspHandler(socketserver.StreamRequestHandler):
    server: RtspServer

    def handle(self) -> None:
        self.server.switch.connections += 1
        with contextlib.suppress(OSError):
            while (method := self._answer()) and method != "PLAY":
                pass
            if method:
                self._stream()

    def _answer(self) -> str:
        """Answer one question; gives its method, empty where the client has left."""
        lines: list[str] = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) or not lines:
            if not line:
                return ""
            lines.append(line)
        method, url, _ = lines[0].split(" ")
        fields = dict(line.split(": ", 1) for line in lines[1:])
        head, body = ["RTSP/1.0 200 OK", f"CSeq: {fields['CSeq']}", "Session: 1"], ""
        if method == "OPTIONS":
            head.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        elif method == "DESCRIBE":
            body = (
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=numbers\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                "m=video 0 RTP/AVP 33\r\na=control:track\r\n"
            )
            head += [f"Content-Base: {url}/", "Content-Type: application/sdp"]
            head.append(f"Content-Length: {len(body)}")
        elif method == "SETUP":
            if "TCP" not in fields["Transport"]:
                head[0] = "RTSP/1.0 461 Unsupported Transport"
            head.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        self.wfile.write(("\r\n".join(head) + "\r\n\r\n" + body).encode())
        return method

    def _stream(self) -> None:
        number = 0
        for data in transport_packets(self.server.switch):
            for start in range(0, len(data), 7 * 188):
                part = data[start : start + 7 * 188]
                stamp = int(time.monotonic() * 90000) % 2**32
                packet = struct.pack("!BBHII", 0x80, 33, number % 2**16, stamp, 1) + part
                self.wfile.write(struct.pack("!cBH", b"$", 0, len(packet)) + packet)
                number += 1


def free_port() -> int:
    """A port on the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
