"""Training clips: right boxes, right shapes, the same clip from the same number."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from model.errors import InputError
from model.geometry import Crop
from model.training.augment import Light, flip, paint_padding
from model.training.clips import Clip, ClipConfig, ClipDataset, collate, contact_sheet
from model.training.cutouts import bounds, draw, make_cutout, transform, translation
from model.training.datasets import Library, Track, random_patch
from model.training.real import pick_moments
from model.training.samples import Border, search_crop, template_box

MAGENTA = (255, 0, 255)
PLAIN = ClipConfig(
    absent=0, distractors=0, lookalike=0, occluder=0, real_distractor=0, real_occluder=0,
    smallest_target=64, search_scale=0.2, grey=0, blur=0, motion_blur=0, noise=0, jpeg=0,
    low_resolution=0, convention=0, part=0,
)  # fmt: skip


def grey_texture(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    small = rng.integers(40, 215, (height // 8, width // 8), dtype=np.uint8)
    return cv2.cvtColor(cv2.resize(small, (width, height)), cv2.COLOR_GRAY2RGB)


def coloured_track(rng: np.random.Generator, frames: int = 40) -> Track:
    """A magenta square on a grey picture, absent from the last five frames."""
    picture = grey_texture(rng, 240, 320)
    images, boxes = [], np.full((frames, 4), np.nan)
    for i in range(frames):
        image = picture.copy()
        if i < frames - 5:
            x, y, w, h = 40 + 4 * i, 90 + i, 40, 30
            image[y : y + h, x : x + w] = MAGENTA
            boxes[i] = (x, y, w, h)
        images.append(image)
    return Track("square", images, boxes, [])


@pytest.fixture(scope="module")
def library() -> Library:
    """Grey pictures, one magenta object with a curved outline, one magenta track."""
    rng = np.random.default_rng(3)
    library = Library(tracks=[coloured_track(rng)])
    for _ in range(4):
        image = grey_texture(rng, 320, 480)
        index = library.add_background(image)
        patch = random_patch(rng, image, index)
        assert patch is not None
        library.patches.append(patch)
    canvas = np.full((300, 300, 3), MAGENTA, np.uint8)
    mask = np.zeros((300, 300), np.uint8)
    cv2.ellipse(mask, (150, 150), (110, 60), 25, 0, 360, 1, -1)
    cv2.rectangle(mask, (150, 150), (280, 170), 1, -1)
    cutout = make_cutout(canvas, mask > 0)
    assert cutout is not None
    library.objects.append(cutout)
    return library


def magenta(image: np.ndarray) -> np.ndarray:
    """How magenta each pixel is, 0..1 of the most magenta one."""
    levels = image.astype(np.float32)
    strength = (levels[:, :, 0] + levels[:, :, 2]) / 2 - levels[:, :, 1]
    return strength / 255


def coloured_box(image: np.ndarray) -> np.ndarray:
    strength = magenta(image)
    ys, xs = np.nonzero(strength > 0.5 * strength.max())
    return np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1], float)


def corners(box: np.ndarray, side: int) -> np.ndarray:
    """Corners of a box, cut at the crop's border."""
    return np.clip([box[0], box[1], box[0] + box[2], box[1] + box[3]], 0, side)


@pytest.mark.parametrize("real", [0.0, 1.0])
def test_search_box_is_the_bounding_box_of_the_target(library: Library, real: float) -> None:
    config = dataclasses.replace(PLAIN, real=real, patch=0)
    dataset = ClipDataset(library, config, seed=1)
    for i in range(25):
        clip = dataset[i]
        assert clip.present
        expected = corners(clip.search_box, 256)
        assert np.abs(coloured_box(clip.search) - expected).max() <= 1.5 * (1 + real), i


def test_a_template_is_centred_on_its_box_and_the_first_box_is_tight(library: Library) -> None:
    dataset = ClipDataset(library, dataclasses.replace(PLAIN, real=0.0, patch=0), seed=2)
    for i in range(15):
        clip = dataset[i]
        centres = clip.template_boxes[:, :2] + clip.template_boxes[:, 2:] / 2
        assert np.allclose(centres, 64, atol=1e-3)
        sizes = np.sqrt(clip.template_boxes[:, 2] * clip.template_boxes[:, 3])
        assert np.allclose(sizes, 64, atol=1e-3)
        found = coloured_box(clip.templates[0])
        # 1 % of jitter in place and size, four sigmas of it
        assert np.abs(found - corners(clip.template_boxes[0], 128)).max() <= 7


def test_a_clip_has_one_convention_of_what_its_target_is(library: Library) -> None:
    config = dataclasses.replace(PLAIN, real=1.0, convention=0.5, part=0.5)
    dataset = ClipDataset(library, config, seed=8)
    ratios = []
    for i in range(25):
        clip = dataset[i]
        sides = []
        for image, box in (
            (clip.templates[0], clip.template_boxes[0]),
            (clip.search, clip.search_box),
        ):
            found = coloured_box(image)
            if found.min() > 4 and found.max() < image.shape[0] - 4:
                sides.append(box[2:] / (found[2:] - found[:2]))
        if len(sides) == 2:
            assert np.allclose(*sides, rtol=0.12), i
            ratios.append(sides[0])
    assert len(ratios) >= 8
    assert np.ptp(np.array(ratios)) > 0.3


def test_a_border_cuts_the_target_and_its_box_in_some_frames_of_a_clip(library: Library) -> None:
    config = dataclasses.replace(PLAIN, real=1.0, border=1.0)
    dataset = ClipDataset(library, config, seed=9)
    shapes = []
    for i in range(40):
        clip = dataset[i]
        expected = corners(clip.search_box, 256)
        assert np.abs(coloured_box(clip.search) - expected).max() <= 3, i
        found = coloured_box(clip.templates[0])
        assert np.abs(found - corners(clip.template_boxes[0], 128)).max() <= 7, i
        shapes.append([box[2] / box[3] for box in (clip.template_boxes[0], clip.search_box)])
    # of the square in the track, 40 by 30 pixels
    first, last = np.abs(np.log(np.array(shapes).T / (40 / 30))) < 0.1
    assert (last & ~first).sum() >= 3  # enters
    assert (first & ~last).sum() >= 1  # leaves


@given(
    st.integers(0, 3), st.floats(0.05, 0.9),
    st.tuples(*[st.floats(20, 150)] * 2, *[st.floats(12, 60)] * 2),
)  # fmt: skip
def test_what_a_border_leaves_of_a_frame_shows_the_same_in_its_boxes(
    side: int, hidden: float, box: tuple[float, float, float, float]
) -> None:
    rows, columns = np.mgrid[:200, :240]
    frame = np.stack([rows, columns, rows * 0], 2).astype(np.uint8)
    wide = (box[0] - 3, box[1] - 2, box[2] + 5, box[3] + 4)
    cut, (truth, drawn) = Border(side, (0.0, hidden)).cut(frame, 1, box, wide)
    y, x = cut[0, 0, :2]  # the place of its corner in the frame
    assert (truth[0] + x, truth[1] + y) == pytest.approx(box[:2])
    assert truth[2:] == box[2:]
    height, width = cut.shape[:2]
    ends = (drawn[0], drawn[1], width - drawn[0] - drawn[2], height - drawn[1] - drawn[3])
    if cut.shape != frame.shape:
        assert ends[side] >= -1e-6
        assert drawn[2] * drawn[3] < wide[2] * wide[3]
        beyond = (-truth[0], -truth[1], truth[0] + box[2] - width, truth[1] + box[3] - height)
        assert beyond[side] == pytest.approx(hidden * box[2 + side % 2], abs=0.51)
    whole, (same, _) = Border(side, (0.0, hidden)).cut(frame, 0, box, wide)
    assert whole.shape == frame.shape
    assert same == box


@pytest.mark.parametrize("real", [0.0, 1.0])
@pytest.mark.parametrize("templates", [1, 3])
def test_shapes_types_and_ranges(library: Library, real: float, templates: int) -> None:
    config = ClipConfig(real=real, templates=templates, absent=0.3)
    dataset = ClipDataset(library, config, seed=4)
    clips = [dataset[i] for i in range(20)]
    for clip in clips:
        assert clip.templates.shape == (templates, 128, 128, 3)
        assert clip.templates.dtype == clip.search.dtype == np.uint8
        assert clip.search.shape == (256, 256, 3)
        assert clip.template_boxes.dtype == clip.search_box.dtype == np.float32
        assert clip.template_inside.shape == (templates, 8, 8)
        assert clip.search_inside.shape == (16, 16)
        assert clip.template_inside.dtype == clip.search_inside.dtype == np.bool_
        assert (clip.template_ages >= 1).all()
        if clip.present:
            centre = clip.search_box[:2] + clip.search_box[2:] / 2
            assert ((centre > 0) & (centre < 256)).all()
        else:
            assert not clip.search_box.any()
    assert {clip.present for clip in clips} == {True, False}


def test_templates_come_the_oldest_first(library: Library) -> None:
    for real in (0.0, 1.0):
        dataset = ClipDataset(library, ClipConfig(real=real, templates=3), seed=5)
        for i in range(10):
            assert (np.diff(dataset[i].template_ages) <= 0).all()


@pytest.mark.parametrize("real", [0.0, 1.0])
def test_an_absent_target_is_not_to_be_seen(library: Library, real: float) -> None:
    config = dataclasses.replace(PLAIN, real=real, absent=1.0, patch=0)
    if real:
        # the objects at hand are magenta too, and one may stand where the target was
        library = dataclasses.replace(library, objects=[])
    dataset = ClipDataset(library, config, seed=6)
    for i in range(15):
        clip = dataset[i]
        assert not clip.present
        assert not clip.search_box.any()
        # a target has some 64 x 64 pixels, less where the crop is wide
        assert (magenta(clip.search) > 0.3).sum() < 0.25 * 64 * 64, i


def test_a_clip_depends_on_seed_and_number_alone(library: Library) -> None:
    config = ClipConfig()
    first, again = ClipDataset(library, config, seed=7), ClipDataset(library, config, seed=7)
    backwards = {i: again[i] for i in reversed(range(6))}
    resumed = ClipDataset(library, config, seed=7, start=4)
    other = ClipDataset(library, config, seed=8)
    for i in range(6):
        assert_same(first[i], backwards[i])
        assert not np.array_equal(first[i].search, other[i].search)
    assert_same(resumed[1], backwards[5])
    assert not np.array_equal(backwards[0].search, backwards[1].search)


def assert_same(a: Clip, b: Clip) -> None:
    for field in dataclasses.fields(Clip):
        assert np.array_equal(getattr(a, field.name), getattr(b, field.name)), field.name


def test_flipping_twice_changes_nothing_and_once_mirrors_the_box(library: Library) -> None:
    dataset = ClipDataset(library, dataclasses.replace(PLAIN, real=0.0, patch=0), seed=9)
    for i in range(5):
        clip = dataset[i]
        mirrored = flip(clip)
        expected = corners(mirrored.search_box, 256)
        assert np.abs(coloured_box(mirrored.search) - expected).max() <= 1.5
        assert np.array_equal(mirrored.search_inside, clip.search_inside[:, ::-1])
        back = flip(mirrored)
        assert np.array_equal(back.search, clip.search)
        assert np.allclose(back.search_box, clip.search_box, atol=1e-3)


@given(
    angle=st.floats(-3.2, 3.2), scale=st.floats(0.3, 1.5), tilt=st.floats(-0.001, 0.001),
    x=st.floats(290, 310), y=st.floats(290, 310),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_a_drawn_cutout_fills_the_box_of_its_hull(
    library: Library, angle: float, scale: float, tilt: float, x: float, y: float
) -> None:
    cutout = library.objects[0]
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    matrix = (
        translation(x, y)
        @ np.array([[c, -s, 0], [s, c, 0], [tilt, 0, 1]])
        @ translation(-cutout.box[0] - cutout.box[2] / 2, -cutout.box[1] - cutout.box[3] / 2)
    )
    # large enough that nothing of it lies outside
    image = np.zeros((600, 600, 3), np.uint8)
    visible = np.zeros((600, 600), np.uint8)
    draw(image, cutout, matrix, visible=visible, opens=True)
    expected = corners(np.array(bounds(transform(matrix, cutout.hull))), 600)
    ys, xs = np.nonzero(visible > 64)  # the last pixel of a sharp corner is faint
    found = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])
    assert np.abs(found - expected).max() <= 1.5
    assert np.array_equal(image[:, :, 1], np.zeros((600, 600)))


def test_what_is_drawn_in_front_hides_the_target(library: Library) -> None:
    cutout, matrix = library.objects[0], translation(10, 10)
    image, visible = np.zeros((256, 256, 3), np.uint8), np.zeros((256, 256), np.uint8)
    draw(image, cutout, matrix, visible=visible, opens=True)
    shown = int(visible.sum())
    draw(image, cutout, matrix, visible=visible)
    assert int(visible.sum()) < 0.06 * shown


@given(seed=st.integers(0, 2**32 - 1), w=st.floats(4, 300), h=st.floats(4, 300))
@settings(max_examples=100, deadline=None)
def test_a_search_crop_holds_the_centre_of_the_target(seed: int, w: float, h: float) -> None:
    crop = search_crop(np.random.default_rng(seed), (20.0, 30.0, w, h), ClipConfig())
    centre = crop.to_crop(np.array([20 + w / 2, 30 + h / 2]))
    assert ((centre > 0) & (centre < crop.size)).all()


def test_later_templates_are_less_exact_than_the_first() -> None:
    rng = np.random.default_rng(0)
    box = (50.0, 60.0, 80.0, 40.0)
    errors = [
        np.abs(np.array([template_box(rng, box, i, ClipConfig()) for _ in range(200)]) - box).mean()
        for i in (0, 1)
    ]
    assert errors[0] < 1.5 < errors[1] < 12


def test_moments_show_the_target_and_run_both_ways(library: Library) -> None:
    rng = np.random.default_rng(0)
    track = library.tracks[0]
    picks = np.array([pick_moments(rng, track, ClipConfig(templates=2)) for _ in range(200)])
    assert picks.min() == 0
    assert picks.max() == 34
    steps = np.diff(picks, axis=1)
    assert ((steps >= 0).all(1) | (steps <= 0).all(1)).all()
    assert (steps[:, 0] > 0).any()
    assert (steps[:, 0] < 0).any()


def test_a_neutral_light_changes_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert np.array_equal(Light(np.zeros(3), 0, 0, 1).apply(image), image)
    grey = Light(np.zeros(3), 0, 0, 0).apply(image).astype(int)
    assert np.abs(np.ptp(grey, axis=2)).max() <= 1


def test_padding_is_one_colour_and_the_frame_is_left_alone() -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    before = image.copy()
    # a frame of 100 x 80 whose corner is the middle of the crop
    paint_padding(image, Crop(100, 80, 64, 64), 100, 80, (10, 20, 30))
    assert np.array_equal(image[:32, :32], before[:32, :32])
    assert (image[32:] == (10, 20, 30)).all()
    assert (image[:32, 32:] == (10, 20, 30)).all()


def test_a_batch_keeps_pictures_in_bytes_and_channels_last(library: Library) -> None:
    loader = DataLoader(ClipDataset(library, ClipConfig(), length=6), 3, collate_fn=collate)
    batches = [batch.to("cpu") for batch in loader]
    assert len(batches) == 2
    batch = batches[0]
    assert batch.templates.shape == (3, 2, 128, 128, 3)
    assert batch.search.shape == (3, 256, 256, 3)
    assert batch.search.dtype == batch.templates.dtype == torch.uint8
    assert batch.search_box.dtype == batch.template_ages.dtype == torch.float32
    assert batch.present.dtype == batch.search_inside.dtype == torch.bool
    assert batch.present.shape == (3,)


def test_a_contact_sheet_shows_every_clip(library: Library, tmp_path: Path) -> None:
    dataset = ClipDataset(library, ClipConfig())
    contact_sheet([dataset[i] for i in range(3)], tmp_path / "sheet.png", 2)
    image = cv2.imread(str(tmp_path / "sheet.png"))
    assert image.shape == (2 * 258, 2 * (2 * 130 + 256 + 2), 3)
    with pytest.raises(InputError, match="at least one clip"):
        contact_sheet([], tmp_path / "none.png")
    with pytest.raises(InputError, match="cannot be written"):
        contact_sheet([dataset[0]], tmp_path / "nowhere" / "sheet.png")
