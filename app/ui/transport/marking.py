"""Setting the range that is played. Pure; no Qt."""


def with_point(
    ends: tuple[int | None, int | None], at: int, *, is_in: bool
) -> tuple[int | None, int | None]:
    """In and out point once one of them is set at frame `at`; the other one is let go where it
    would lie on the wrong side."""
    begin, end = ends
    if is_in:
        return at, end if end is not None and end >= at else None
    return begin if begin is not None and begin <= at else None, at
