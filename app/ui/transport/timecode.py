"""Times as texts. Pure; no Qt."""


def clock(seconds: float, digits: int = 3) -> str:
    """Seconds as `0:07.345` or `1:02:07.345`, with so many digits after the point; below zero
    with a minus."""
    unit = 10**digits
    ticks = round(abs(seconds) * unit)
    minutes, rest = divmod(ticks, 60 * unit)
    hours, minutes = divmod(minutes, 60)
    whole, part = divmod(rest, unit)
    text = f"{hours}:{minutes:02d}:{whole:02d}" if hours else f"{minutes}:{whole:02d}"
    if digits:
        text += f".{part:0{digits}d}"
    return f"−{text}" if seconds < 0 and ticks else text
