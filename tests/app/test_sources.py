"""Sources: times, orientation, kinds of images, and what cannot be read."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from app.core.sources import Camera, Health, ImageFolder, Screen, VideoFile, open_source
from model.errors import InputError
from tests.app.clips import container_times, cut_off, encode, noise, quarters, sound_only


def test_times_of_variable_rate_are_those_of_the_container(tmp_path: Path) -> None:
    times = [0.0, 0.033, 0.2, 0.21, 0.5, 1.3, 1.34]
    path = encode(tmp_path / "vfr.mp4", noise(7), times=times, bf="2")
    with VideoFile(path) as source:
        found = [(frame.index, frame.time_s) for frame in source]
    assert [index for index, _ in found] == list(range(7))
    assert [time for _, time in found] == pytest.approx(times, abs=1e-4)
    assert [time for _, time in found] == pytest.approx(container_times(path), abs=1e-9)


def test_times_that_do_not_begin_at_zero_are_kept(tmp_path: Path) -> None:
    path = encode(tmp_path / "late.mkv", noise(3), times=[2.5, 2.6, 2.9])
    with VideoFile(path) as source:
        assert [frame.time_s for frame in source] == pytest.approx([2.5, 2.6, 2.9])


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_rotated_video_is_shown_upright(tmp_path: Path, rotation: int) -> None:
    still = quarters(96, 64)
    path = encode(tmp_path / "turned.mp4", [still] * 3, rotation=rotation)
    with VideoFile(path) as source:
        frames = [frame.rgb for frame in source]
        info = source.info
    # a positive rotation turns counter-clockwise, as in FFmpeg's display matrix
    expected = np.rot90(still, rotation // 90)
    assert (info.height, info.width) == expected.shape[:2]
    assert frames[1].shape == expected.shape
    difference = np.abs(frames[1].astype(int) - expected.astype(int)).mean()
    assert difference < 12


def test_odd_size_keeps_its_size(tmp_path: Path) -> None:
    images = [image[:63, :95] for image in noise(3)]
    path = tmp_path / "odd.mkv"
    encode(path, [np.ascontiguousarray(image) for image in images], codec="ffv1")
    with VideoFile(path) as source:
        assert (source.info.width, source.info.height) == (95, 63)
        assert [frame.rgb.shape for frame in source] == [(63, 95, 3)] * 3


@pytest.mark.parametrize(
    ("name", "options"),
    [("cut.mp4", {"movflags": "faststart"}), ("cut.mkv", {}), ("cut.flv", {})],
)
def test_video_cut_off_gives_its_frames_then_one_sentence(
    tmp_path: Path, name: str, options: dict[str, str]
) -> None:
    path = cut_off(encode(tmp_path / name, noise(40), **options), 0.6)
    frames = []
    with VideoFile(path) as source, pytest.raises(InputError) as caught:
        frames.extend(frame.index for frame in source)
    assert 15 <= len(frames) < 40
    assert frames == list(range(len(frames)))
    assert f"cut off after frame {frames[-1]}" in str(caught.value)


def test_damage_in_the_middle_does_not_end_a_video(tmp_path: Path) -> None:
    path = encode(tmp_path / "scratched.ts", noise(40), g="5")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 188 * 188
    del data[middle : middle + 40 * 188]
    path.write_bytes(data)
    with VideoFile(path) as source:
        times = [frame.time_s for frame in source]
    assert 30 <= len(times) < 40
    assert times[-1] - times[0] == pytest.approx(39 / 25, abs=0.01)


def _missing(folder: Path) -> Path:
    return folder / "none.mp4"


def _empty(folder: Path) -> Path:
    path = folder / "empty.mp4"
    path.touch()
    return path


def _text(folder: Path) -> Path:
    path = folder / "text.mp4"
    path.write_text("not a video " * 50)
    return path


def _headless(folder: Path) -> Path:
    return cut_off(encode(folder / "headless.mp4", noise(20)), 0.5)


def _sound(folder: Path) -> Path:
    return sound_only(folder / "sound.m4a")


def _no_images(folder: Path) -> Path:
    (folder / "readme.txt").write_text("no picture here")
    return folder


def _bad_image(folder: Path) -> Path:
    (folder / "0001.png").write_bytes(b"\x89PNG but no more")
    return folder


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_missing, "no file"),
        (_empty, "is empty"),
        (_text, "cannot be read as a video"),
        (_headless, "cannot be read as a video"),
        (_sound, "no video, only sound"),
        (_no_images, "holds no images"),
        (_bad_image, "damaged or not an image"),
    ],
)
def test_what_cannot_be_opened_says_so_in_one_sentence(tmp_path: Path, make, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        open_source(str(make(tmp_path)))
    assert str(caught.value).count("\n") == 0


def test_folder_is_read_in_natural_order_at_its_rate(tmp_path: Path) -> None:
    for number in (10, 9, 1, 100):
        cv2.imwrite(str(tmp_path / f"f{number}.png"), np.full((8, 8, 3), number, np.uint8))
    (tmp_path / ".f0.png").write_bytes(b"hidden")
    with ImageFolder(tmp_path, rate=10) as source:
        frames = list(source)
        assert source.info.frames == 4
    assert [int(frame.rgb[0, 0, 0]) for frame in frames] == [1, 9, 10, 100]
    assert [frame.time_s for frame in frames] == pytest.approx([0, 0.1, 0.2, 0.3])


def test_folder_goes_to_any_image_and_refuses_others(tmp_path: Path) -> None:
    for number in range(12):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((8, 8, 3), number, np.uint8))
    with open_source(str(tmp_path), rate=4) as source:
        assert source.seekable
        assert [frame.index for frame in source] == list(range(12))
        assert source.state().health is Health.ENDED
        for aim in (7, 0, 11, 10):
            source.seek(aim)
            frame = next(iter(source))
            assert (frame.index, int(frame.rgb[0, 0, 0]), frame.time_s) == (aim, aim, aim / 4)
        for wrong in (-1, 12):
            with pytest.raises(InputError, match=f"no frame {wrong} in .*; it has 12"):
                source.seek(wrong)
        assert next(iter(source)).index == 11


def test_images_of_mixed_sizes_are_noticed_on_opening(tmp_path: Path) -> None:
    for number in range(5):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.zeros((48, 64, 3), np.uint8))
    with ImageFolder(tmp_path) as source:
        assert source.info.notice == ""
    cv2.imwrite(str(tmp_path / "5.png"), np.zeros((64, 48, 3), np.uint8))
    with ImageFolder(tmp_path) as source:
        assert "2 sizes, most often 64×48 (5 of 6)" in source.info.notice
        shapes = {frame.rgb.shape for frame in source}
    assert shapes == {(48, 64, 3), (64, 48, 3)}


def test_orientation_of_a_photo_is_no_other_size(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.jpg"), np.zeros((48, 64, 3), np.uint8))
    turned = Image.new("RGB", (48, 64))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "2.jpg", exif=exif)
    with ImageFolder(tmp_path) as source:
        assert source.info.notice == ""
        assert {frame.rgb.shape for frame in source} == {(48, 64, 3)}


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_grey_alpha_and_16_bit_images_become_rgb(tmp_path: Path, suffix: str) -> None:
    colour = cv2.cvtColor(quarters(), cv2.COLOR_RGB2BGR)
    kinds = {
        "a-grey": np.full((64, 96), 77, np.uint8),
        "b-grey16": np.full((64, 96), 77 << 8, np.uint16),
        "c-alpha": np.dstack([colour, np.full((64, 96), 9, np.uint8)]),
        "d-colour16": colour.astype(np.uint16) << 8,
    }
    for name, image in kinds.items():
        cv2.imwrite(str(tmp_path / f"{name}.{suffix}"), image)
    with ImageFolder(tmp_path) as source:
        grey, grey16, alpha, colour16 = (frame.rgb for frame in source)
    assert grey.shape == grey16.shape == (64, 96, 3)
    assert np.all(grey == 77)
    assert np.all(grey16 == 77)
    assert np.array_equal(alpha, quarters())
    assert np.array_equal(colour16, quarters())


def test_image_that_breaks_midway_comes_after_those_before_it(tmp_path: Path) -> None:
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "2.png").write_bytes(b"broken")
    seen = []
    with ImageFolder(tmp_path) as source, pytest.raises(InputError, match=r"2\.png"):
        seen.extend(frame.index for frame in source)
    assert seen == [0, 1]


def test_pixels_that_are_not_finite_name_their_image(tmp_path: Path) -> None:
    image = np.full((8, 8, 3), 0.5, np.float32)
    cv2.imwrite(str(tmp_path / "1.tif"), image)
    image[3, 3] = np.nan
    cv2.imwrite(str(tmp_path / "2.tif"), image)
    seen = []
    with ImageFolder(tmp_path) as source, pytest.raises(InputError, match=r"2\.tif.*not finite"):
        seen.extend(int(frame.rgb[0, 0, 0]) for frame in source)
    assert seen == [128]


def test_text_decides_the_kind_of_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "walk" / "img").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "walk" / "img" / "1.jpg"), np.zeros((8, 8, 3), np.uint8))
    video = encode(tmp_path / "clip.mp4", noise(2))
    opened: list[tuple[str, object]] = []
    monkeypatch.setattr(Camera, "__init__", lambda self, index, **_: opened.append(("cam", index)))
    monkeypatch.setattr(Screen, "__init__", lambda self, part, **_: opened.append(("part", part)))
    monkeypatch.setattr("app.core.sources.open_stream", lambda url: opened.append(("url", url)))
    assert isinstance(open_source(str(video)), VideoFile)
    assert isinstance(open_source(video.as_uri()), VideoFile)
    assert open_source(str(tmp_path / "walk")).info.name == "walk"
    assert open_source(str(tmp_path / "walk" / "img")).info.name == "walk"
    open_source("0")
    open_source("rtsp://cam.local/live")
    open_source("screen:")
    open_source("screen: 1,2,3,4")
    assert opened == [
        ("cam", 0), ("url", "rtsp://cam.local/live"), ("part", None), ("part", (1, 2, 3, 4)),
    ]  # fmt: skip


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf"), 1e6])
def test_unusable_rates_are_refused(tmp_path: Path, rate: float) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(InputError, match="frames per second"):
        ImageFolder(tmp_path, rate=rate)


def test_absent_camera_and_silent_stream_say_so() -> None:
    with pytest.raises(InputError, match=r"[Cc]amera 97"):
        Camera(97)
    with pytest.raises(InputError, match="There is no camera 99999999999999999999;"):
        open_source("9" * 20)
    with pytest.raises(InputError, match="cannot be opened") as caught:
        open_source("http://viewer:secret@127.0.0.1:9/live.m3u8?token=abc")
    assert "secret" not in str(caught.value)
    assert "abc" not in str(caught.value)
