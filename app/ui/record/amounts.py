"""Times and sizes as short texts."""

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size_text(count: int) -> str:
    """A number of bytes in powers of a thousand, three digits at most: `34.5 MB`."""
    value = float(max(0, count))
    place = 0
    while value >= 999.5 and place < len(_UNITS) - 1:
        value /= 1000
        place += 1
    digits = 0 if not place or value >= 99.95 else 1
    return f"{value:.{digits}f} {_UNITS[place]}"


def time_text(seconds: float) -> str:
    """Whole seconds as `0:07` or `1:02:07`."""
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
