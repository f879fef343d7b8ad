"""The frame as a texture of the graphics card, which scales it as it draws.

What is left to the CPU is to copy the frame, shrunk by halves where the screen is less than half as
large: the card would have to be given four times as many pixels otherwise.
"""

import cv2
from PyQt6.QtCore import QRect, QRectF
from PyQt6.QtGui import QOffscreenSurface, QOpenGLContext, QPainter
from PyQt6.QtOpenGL import QOpenGLPixelTransferOptions, QOpenGLTexture, QOpenGLTextureBlitter
from PyQt6.sip import isdeleted, voidptr

from app.ui.canvas.picture import SQUARES_FROM, Key, Picture, device_area, visible
from app.ui.canvas.view import View
from model.images import Frame

_ORDER, _BYTES = QOpenGLTexture.PixelFormat.RGBA, QOpenGLTexture.PixelType.UInt8
_Filter = QOpenGLTexture.Filter

_begun: set["CardPicture"] = set()
"""What holds something of a context that is still there. A widget may be gone before its context,
and what is collected after it cannot be taken from the card."""


class CardError(Exception):
    """The card does not do what it should."""


class CardPicture(Picture):
    """Painted while an OpenGL context is current: the one in which it began, until that goes."""

    order = cv2.COLOR_RGB2RGBA
    """That of the texture, which takes five times as long to load in another."""

    def __init__(self, largest: int) -> None:
        """`largest`: most pixels a texture may be wide or high."""
        super().__init__()
        self.viewport = QRect()
        """What is painted on, device pixels."""
        self._largest = largest
        self._texture: QOpenGLTexture | None = None
        self._blitter: QOpenGLTextureBlitter | None = None
        self._context: QOpenGLContext | None = None
        self._surface = QOffscreenSurface()

    def begin(self) -> None:
        """An OpenGL context is current for the first time.

        Raises:
            CardError: it has no shaders.
        """
        self._context = QOpenGLContext.currentContext()
        assert self._context is not None
        # its widget may be gone before it
        self._surface.setFormat(self._context.format())
        self._surface.create()
        self._context.aboutToBeDestroyed.connect(self._end)
        _begun.add(self)
        self._blitter = QOpenGLTextureBlitter()
        if not self._blitter.create():
            raise CardError("the shaders that draw textures cannot be compiled")

    def _key(self, view: View) -> Key:
        """Shrunk by halves, to no less than the size of the screen."""
        x0, y0, x1, y1 = visible(view)
        left, top, right, bottom = device_area(view)
        width, height = x1 - x0, y1 - y0
        while (
            (width >= 2 * (right - left) and height >= 2 * (bottom - top))
            or max(width, height) > self._largest
        ):  # fmt: skip
            width, height = max(width // 2, 1), max(height // 2, 1)
        return (x0, y0, x1, y1, width, height)

    def _load(self, pixels: Frame) -> None:
        height, width = pixels.shape[:2]
        texture = self._texture
        if texture is None or (texture.width(), texture.height()) != (width, height):
            self._forget_texture()
            texture = self._texture = _texture_of(width, height)
        texture.setData(_ORDER, _BYTES, voidptr(pixels.ctypes.data), QOpenGLPixelTransferOptions())

    def _draw(self, painter: QPainter, view: View) -> None:
        if self._texture is None or self._blitter is None:
            return
        left, top, right, bottom = device_area(view)
        shows_squares = right - left >= SQUARES_FROM * self._texture.width()
        larger = _Filter.Nearest if shows_squares else _Filter.Linear
        target = QOpenGLTextureBlitter.targetTransform(
            QRectF(left, top, right - left, bottom - top), self.viewport
        )
        painter.beginNativePainting()
        self._texture.setMinMagFilters(_Filter.Linear, larger)
        self._blitter.bind()
        self._blitter.blit(
            self._texture.textureId(), target, QOpenGLTextureBlitter.Origin.OriginTopLeft
        )
        self._blitter.release()
        painter.endNativePainting()

    def _end(self) -> None:
        """The context is about to go, with its widget or to be made anew with its window."""
        context, self._context = self._context, None
        # where the whole program ends, the surface may be gone before
        is_gone = context is None or isdeleted(self._surface)
        if context is not None and not is_gone and context.makeCurrent(self._surface):
            self._forget_texture()
            if self._blitter is not None:
                self._blitter.destroy()
            context.doneCurrent()
        self._blitter = None
        _begun.discard(self)

    def _forget_texture(self) -> None:
        # what was shown would have to be loaded again
        self._shown = None
        if self._texture is not None:
            self._texture.destroy()
            self._texture = None


def _texture_of(width: int, height: int) -> QOpenGLTexture:
    texture = QOpenGLTexture(QOpenGLTexture.Target.Target2D)
    texture.setSize(width, height)
    texture.setFormat(QOpenGLTexture.TextureFormat.RGBA8_UNorm)
    texture.setMipLevels(1)
    texture.setAutoMipMapGenerationEnabled(False)
    texture.setWrapMode(QOpenGLTexture.WrapMode.ClampToEdge)
    texture.allocateStorage(_ORDER, _BYTES)
    if not texture.isStorageAllocated():
        raise CardError(f"there is no texture of {width} x {height} pixels")
    return texture
