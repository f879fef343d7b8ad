"""Cut-outs: objects lifted from pictures with a soft mask, drawn elsewhere under any map."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.geometry import Box
from model.images import Frame

Matrix = NDArray[np.float64]
"""`(3, 3)`: maps homogeneous points `(x, y, 1)`, pixel `i` covering `[i, i + 1)`."""

LARGEST = 176
"""Longest side of a stored cut-out, pixels: more than a crop ever shows."""
_MARGIN = 2


class Pyramid:
    """A picture and its halves, so that shrinking it neither aliases nor takes long."""

    def __init__(self, image: NDArray[np.uint8], smallest: int = 24) -> None:
        self.levels = [image]
        while min(self.levels[-1].shape[:2]) >= 2 * smallest:
            h, w = self.levels[-1].shape[:2]
            half = cv2.resize(self.levels[-1], (w // 2, h // 2), interpolation=cv2.INTER_AREA)
            self.levels.append(half)  # type: ignore[arg-type]

    @property
    def width(self) -> int:
        """Width of the full picture, pixels."""
        return int(self.levels[0].shape[1])

    @property
    def height(self) -> int:
        """Height of the full picture, pixels."""
        return int(self.levels[0].shape[0])

    def warp(
        self, matrix: Matrix, width: int, height: int, border: int,
        colour: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0),
    ) -> NDArray[np.uint8]:  # fmt: skip
        """The picture seen through `matrix` (picture to output), `(height, width, C)`.

        Args:
            border: OpenCV's border mode for what lies outside the picture.
            colour: of that outside, where the border is constant.
        """
        scale = math.sqrt(abs(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]))
        level = 0 if scale >= 0.75 else round(math.log2(1 / max(scale, 1e-6)))
        image = self.levels[min(level, len(self.levels) - 1)]
        m = matrix @ np.diag([self.width / image.shape[1], self.height / image.shape[0], 1.0])
        # OpenCV places pixel i's centre at i, we place it at i + 0.5
        m = translation(-0.5, -0.5) @ m @ translation(0.5, 0.5)
        flat = m[2, 0] == 0 and m[2, 1] == 0
        warp = cv2.warpAffine if flat else cv2.warpPerspective
        return warp(  # type: ignore[return-value]
            image, m[:2] if flat else m, (width, height), flags=cv2.INTER_LINEAR,
            borderMode=border, borderValue=colour,
        )  # fmt: skip


@dataclass(frozen=True)
class Cutout:
    """An object with its mask."""

    pyramid: Pyramid
    """RGBA, colour multiplied by alpha."""
    hull: NDArray[np.float64]
    """`(N, 2)`: convex hull of the mask's pixels, in pixels of the cut-out."""
    area: float
    """Pixels of the mask."""
    place: Matrix
    """From the cut-out to the picture it came from."""
    source: int = -1
    """Index of that picture among the backgrounds of its library; -1 when it is not there."""

    @property
    def box(self) -> Box:
        """Tight box of the mask, in pixels of the cut-out."""
        return bounds(self.hull)

    @property
    def size(self) -> float:
        """`sqrt(w * h)` of the tight box."""
        return math.sqrt(self.box[2] * self.box[3])


def translation(x: float, y: float) -> Matrix:
    """The map that moves points by `(x, y)`."""
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def transform(matrix: Matrix, points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Map points `(N, 2)`."""
    mapped = points @ matrix[:, :2].T + matrix[:, 2]
    return mapped[:, :2] / mapped[:, 2:]


def bounds(points: NDArray[np.floating]) -> Box:
    """Tight box of points `(N, 2)`."""
    (x0, y0), (x1, y1) = points.min(0), points.max(0)
    return (float(x0), float(y0), float(x1 - x0), float(y1 - y0))


def make_cutout(image: Frame, mask: NDArray[np.bool_], source: int = -1) -> Cutout | None:
    """Lift the pixels of `mask` (`(H, W)`) from `image`; None where the mask is a mere sliver."""
    x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
    if min(w, h) < 8:
        return None
    x0, y0 = max(0, x - _MARGIN), max(0, y - _MARGIN)
    x1, y1 = min(image.shape[1], x + w + _MARGIN), min(image.shape[0], y + h + _MARGIN)
    colour, alpha = image[y0:y1, x0:x1], mask[y0:y1, x0:x1].astype(np.uint8) * 255
    # a transparent rim, so that bilinear sampling fades out even at the picture's border
    colour = cv2.copyMakeBorder(colour, 1, 1, 1, 1, cv2.BORDER_REPLICATE)  # type: ignore[assignment]
    alpha = cv2.copyMakeBorder(alpha, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)  # type: ignore[assignment]
    k = min(1.0, LARGEST / max(alpha.shape))
    if k < 1:
        full = alpha.shape
        new = (max(4, round(full[1] * k)), max(4, round(full[0] * k)))
        colour = cv2.resize(colour, new, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        alpha = cv2.resize(alpha, new, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        kx, ky = new[0] / full[1], new[1] / full[0]
    else:
        kx = ky = 1.0
    solid = (alpha > 127).astype(np.uint8)
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    corners = np.concatenate([c.reshape(-1, 2) for c in contours])
    corners = np.concatenate([corners + o for o in ((0, 0), (1, 0), (0, 1), (1, 1))])
    hull = cv2.convexHull(corners.astype(np.float32)).reshape(-1, 2).astype(np.float64)
    soft = cv2.GaussianBlur(alpha, (3, 3), 0.6)
    rgba = np.dstack([cv2.multiply(colour, cv2.merge([soft] * 3), scale=1 / 255), soft])
    place = translation(x0 - 1, y0 - 1) @ np.diag([1 / kx, 1 / ky, 1.0])
    return Cutout(Pyramid(np.ascontiguousarray(rgba), 8), hull, float(solid.sum()), place, source)


def draw(
    image: Frame,
    cutout: Cutout,
    matrix: Matrix,
    gain: tuple[float, float, float] | None = None,
    visible: NDArray[np.uint8] | None = None,
    opens: bool = False,
) -> None:
    """Draw a cut-out over `image`, in place.

    Args:
        matrix: cut-out to image.
        gain: factors of the three colours.
        visible: `(H, W)` how much of the target each pixel shows, 0..255, kept up to date.
        opens: the cut-out is the target itself, which adds to `visible` rather than hiding it.
    """
    height, width = image.shape[:2]
    x, y, w, h = bounds(transform(matrix, cutout.hull))
    x0, y0 = max(0, math.floor(x) - 2), max(0, math.floor(y) - 2)
    x1, y1 = min(width, math.ceil(x + w) + 2), min(height, math.ceil(y + h) + 2)
    if x1 <= x0 or y1 <= y0:
        return
    layer = cutout.pyramid.warp(
        translation(-x0, -y0) @ matrix, x1 - x0, y1 - y0, cv2.BORDER_CONSTANT
    )
    colour, alpha = layer[:, :, :3], layer[:, :, 3]
    if gain is not None:
        colour = cv2.multiply(colour, (*gain, 1.0))  # type: ignore[call-overload]
    rest = 255 - alpha
    part = image[y0:y1, x0:x1]
    part[:] = cv2.add(cv2.multiply(part, cv2.merge([rest] * 3), scale=1 / 255), colour)
    if visible is not None:
        part = visible[y0:y1, x0:x1]
        part[:] = cv2.max(part, alpha) if opens else cv2.multiply(part, rest, scale=1 / 255)
