"""What cameras and codecs do to pictures: light, colour, focus, smear, noise, compression."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from model.geometry import Crop
from model.images import Frame
from model.training.samples import Clip, ClipConfig, Rng, log_uniform

_LUMA = np.array([0.299, 0.587, 0.114])
_RAMP = np.arange(256, dtype=np.float64) / 255
_NOISE_SIDE = 512
_NOISE = np.random.default_rng(7).normal(0, 32, (_NOISE_SIDE, _NOISE_SIDE, 3)).astype(np.int16)


@dataclass(frozen=True)
class Light:
    """Brightness, contrast, gamma and colour of a frame, applied as one table per channel."""

    gain: NDArray[np.float64]
    """`(3,)`: logarithm of the factor of each colour."""
    offset: float
    gamma: float
    """Logarithm of the exponent."""
    saturation: float
    """0 is grey, 1 leaves colours alone."""

    @classmethod
    def sample(cls, rng: Rng, strength: float, grey: float) -> "Light":
        """Draw a light; `strength` 1 is the change between two videos, `grey` a probability."""
        gain = rng.normal(0, 0.12 * strength) + rng.normal(0, 0.05 * strength, 3)
        saturation = 0.0 if rng.random() < grey else float(np.exp(rng.normal(0, 0.2 * strength)))
        return cls(gain, float(rng.normal(0, 0.06 * strength)),
                   float(rng.normal(0, 0.18 * strength)), saturation)  # fmt: skip

    def then(self, other: "Light") -> "Light":
        """Both changes."""
        return Light(self.gain + other.gain, self.offset + other.offset, self.gamma + other.gamma,
                     self.saturation * other.saturation)  # fmt: skip

    def apply(self, image: Frame) -> Frame:
        """The image in this light."""
        curve = (_RAMP ** math.exp(self.gamma))[:, None] * np.exp(self.gain) + self.offset
        table = np.clip(curve * 255 + 0.5, 0, 255).astype(np.uint8)[None]
        image = cv2.LUT(image, table)  # type: ignore[assignment]
        if abs(self.saturation - 1) > 0.05:
            mix = self.saturation * np.eye(3) + (1 - self.saturation) * _LUMA
            image = cv2.transform(image, mix)  # type: ignore[assignment]
        return image


def degrade(rng: Rng, image: Frame, config: ClipConfig) -> Frame:
    """Focus, smear, noise and compression, each with its probability in `config`."""
    side = image.shape[0]
    if rng.random() < config.blur:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 0.5 + 1.1 * min(1.0, side / 192)))  # type: ignore[assignment]
    if rng.random() < config.motion_blur and side >= 48:
        image = _smear(rng, image)
    if rng.random() < config.noise:
        y, x = rng.integers(0, _NOISE_SIDE - side, 2)
        part = _NOISE[y : y + side, x : x + side]
        strength = log_uniform(rng, 1.5, 12) / 32
        image = cv2.addWeighted(  # type: ignore[assignment]
            image.astype(np.int16), 1.0, part, strength, 0
        )
        image = np.clip(image, 0, 255).astype(np.uint8)
    if rng.random() < config.jpeg:
        quality = int(rng.integers(25, 91))
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)  # type: ignore[assignment]
    return image


def _smear(rng: Rng, image: Frame) -> Frame:
    length = rng.uniform(2, 9) * min(1.0, image.shape[0] / 160)
    angle = rng.uniform(0, math.pi)
    side = 2 * math.ceil(length / 2) + 1
    kernel = np.zeros((side, side), np.float32)
    centre, dx, dy = (side - 1) / 2, math.cos(angle) * length / 2, math.sin(angle) * length / 2
    start = (round((centre - dx) * 16), round((centre - dy) * 16))
    end = (round((centre + dx) * 16), round((centre + dy) * 16))
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_8, 4)
    total = float(kernel.sum())
    if total <= 1:
        return image
    return cv2.filter2D(image, -1, kernel / total)  # type: ignore[return-value]


def shrink(rng: Rng, image: Frame) -> Frame:
    """A smaller version of a square image, as a distant target would give."""
    side = max(24, round(image.shape[0] * log_uniform(rng, 0.35, 0.8)))
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def enlarge(image: Frame, size: int) -> Frame:
    """The square image at `size` pixels."""
    if image.shape[0] == size:
        return image
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]


def paint_padding(
    image: Frame, crop: Crop, width: int, height: int,
    colour: tuple[float, float, float] | None = None,
) -> None:  # fmt: skip
    """Paint what lies outside the frame, in place.

    Args:
        crop: the crop `image` shows, at any resolution.
        width, height: of the frame, pixels.
        colour: of the padding; the mean of its widest strip when not given.
    """
    side = image.shape[0]
    low = crop.to_crop(np.zeros(2)) * side / crop.size
    high = crop.to_crop(np.array([width, height])) * side / crop.size
    x0, y0 = (min(side, max(0, round(float(v)))) for v in low)
    x1, y1 = (min(side, max(0, round(float(v)))) for v in high)
    if x0 == 0 and y0 == 0 and x1 == side and y1 == side:
        return
    strips = [image[:y0], image[y1:], image[y0:y1, :x0], image[y0:y1, x1:]]
    if colour is None:
        colour = cv2.mean(max(strips, key=np.size))[:3]
    for strip in strips:
        strip[:] = np.asarray(colour).round().astype(np.uint8)


def flip(clip: Clip) -> Clip:
    """The clip mirrored left to right."""
    boxes, box = clip.template_boxes.copy(), clip.search_box.copy()
    boxes[:, 0] = clip.templates.shape[2] - boxes[:, 0] - boxes[:, 2]
    if clip.present:
        box[0] = clip.search.shape[1] - box[0] - box[2]
    return replace(
        clip,
        templates=np.stack([cv2.flip(image, 1) for image in clip.templates]),
        template_boxes=boxes,
        template_inside=np.ascontiguousarray(clip.template_inside[:, :, ::-1]),
        search=cv2.flip(clip.search, 1),  # type: ignore[arg-type]
        search_box=box,
        search_inside=np.ascontiguousarray(clip.search_inside[:, ::-1]),
    )
