"""Cursor shapes that say what a drag would do."""

from PyQt6.QtCore import Qt

from app.ui.canvas.hits import Handle, Hit

_SHAPES = {
    Handle.TOP_LEFT: Qt.CursorShape.SizeFDiagCursor,
    Handle.BOTTOM_RIGHT: Qt.CursorShape.SizeFDiagCursor,
    Handle.TOP_RIGHT: Qt.CursorShape.SizeBDiagCursor,
    Handle.BOTTOM_LEFT: Qt.CursorShape.SizeBDiagCursor,
    Handle.TOP: Qt.CursorShape.SizeVerCursor,
    Handle.BOTTOM: Qt.CursorShape.SizeVerCursor,
    Handle.LEFT: Qt.CursorShape.SizeHorCursor,
    Handle.RIGHT: Qt.CursorShape.SizeHorCursor,
}


def cursor_for(hit: Hit | None, *, has_picture: bool, draws_anywhere: bool) -> Qt.CursorShape:
    """The cursor over what a press would take hold of.

    Args:
        hit: what lies under the mouse.
        has_picture: whether there is anything to draw on.
        draws_anywhere: whether the keys held make every drag a new box.
    """
    if not has_picture:
        return Qt.CursorShape.ArrowCursor
    if hit is None or draws_anywhere:
        return Qt.CursorShape.CrossCursor
    return Qt.CursorShape.SizeAllCursor if hit.handle is None else _SHAPES[hit.handle]
