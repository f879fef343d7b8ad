"""What the machine lends to a measurement: cores, threads, and how busy it was meanwhile."""

import math
import os

LOADED = 1.5
"""Load per core above which measured times are not to be trusted."""


def cores() -> int:
    """Cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def load_per_core() -> float:
    """Processes that ran or waited to, mean of the last minute, per core; nan on Windows."""
    if not hasattr(os, "getloadavg"):
        return math.nan
    try:
        return os.getloadavg()[0] / cores()
    except OSError:
        return math.nan


def set_threads(count: int) -> None:
    """Threads of every tracker in this process, OpenCV's too."""
    import cv2
    import torch

    cv2.setNumThreads(count)
    torch.set_num_threads(count)
