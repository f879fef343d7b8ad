"""Recording: frames in, H.264 video out, by a thread of its own; no frame is ever left out.

`Recorder` is the door. The file it writes is playable at any moment, and becomes a plain seekable
one when the recording is closed. `recover_recording` does the same for one whose process died.
"""

from app.core.recorder.formats import VIDEO_SUFFIXES, check_video_name, clean_path
from app.core.recorder.recorder import Content, Recorder
from app.core.recorder.recovery import recover_recording
from app.core.recorder.timing import Timing

__all__ = [
    "VIDEO_SUFFIXES",
    "Content",
    "Recorder",
    "Timing",
    "check_video_name",
    "clean_path",
    "recover_recording",
]
