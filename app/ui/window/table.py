"""All actions of the window in one table: what they are called, their keys, and when they can be
chosen."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from app.core.settings import Settings
from app.ui.window.situation import Situation

if TYPE_CHECKING:
    from app.ui.window.window import MainWindow

When = Callable[[Situation], bool]


@dataclass(frozen=True)
class Spec:
    """One action."""

    name: str
    menu: str
    """One of `ActionTable.menus`."""
    section: int
    """Sections of a menu are parted by lines."""
    text: str
    """With the `&` of its mnemonic."""
    tip: str
    act: Callable[[], object]
    keys: tuple[str, ...] = ()
    """In Qt's portable form, the one to show first."""
    when: When = lambda _: True
    """Whether it can be chosen."""
    checked: Callable[[Situation, Settings], bool] | None = None
    """For actions that are on or off."""
    naming: Callable[[Situation], str] | None = None
    """For actions whose text goes by the situation."""


def _open(now: Situation) -> bool:
    return now.is_open


def _frame(now: Situation) -> bool:
    return now.has_frame


def _seek(now: Situation) -> bool:
    return now.can_seek


def _selected(now: Situation) -> bool:
    return now.is_selected


class ActionTable(QObject):
    """Makes the table in the language of the moment."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window

    def menus(self) -> dict[str, str]:
        """Titles of the menus, in order."""
        return {
            "file": self.tr("&File"), "edit": self.tr("&Edit"), "target": self.tr("&Target"),
            "playback": self.tr("&Playback"), "view": self.tr("&View"), "help": self.tr("&Help"),
        }  # fmt: skip

    def specs(self) -> tuple[Spec, ...]:
        """Every action, in the order of the menus."""
        return (
            *self._opening(), *self._saving(), *self._edit(), *self._target(), *self._play(),
            *self._marks(), *self._picture(), *self._panels(), *self._help(),
        )  # fmt: skip

    def _opening(self) -> tuple[Spec, ...]:
        ask = self._window.sources
        return (
            Spec("open_video", "file", 0, self.tr("Open &video…"),
                 self.tr("Follow targets through a video file; every frame is looked at"),
                 ask.ask_video, ("Ctrl+O",)),
            Spec("open_folder", "file", 0, self.tr("Open &folder of images…"),
                 self.tr("Follow targets through numbered images in a folder"),
                 ask.ask_folder, ("Ctrl+Shift+O",)),
            Spec("open_camera", "file", 0, self.tr("Open &camera…"),
                 self.tr("Choose a camera of this computer, its resolution and its rate"),
                 ask.ask_camera, ("Ctrl+K",)),
            Spec("open_stream", "file", 0, self.tr("Open s&tream…"),
                 self.tr("Give the address of a network camera or of a video on a server"),
                 ask.ask_stream, ("Ctrl+T",)),
            Spec("open_screen", "file", 0, self.tr("Screen re&gion…"),
                 self.tr("Follow something on a screen, or on a part of it that you draw"),
                 ask.ask_screen, ("Ctrl+G",)),
            Spec("demo", "file", 0, self.tr("Try the &demo"),
                 self.tr("Play a clip that comes with the program; its target is already chosen"),
                 self._window.open_demo, ("Ctrl+D",)),
        )  # fmt: skip

    def _saving(self) -> tuple[Spec, ...]:
        window, work = self._window, self._window.work
        return (
            Spec("open_project", "file", 1, self.tr("Open &project…"),
                 self.tr("Go on with what was saved: targets, tracks and corrections"),
                 window.sources.ask_project, ("Ctrl+Alt+O",)),
            Spec("save", "file", 1, self.tr("&Save project"),
                 self.tr("Keep targets, tracks and corrections in a project file"),
                 work.save, ("Ctrl+S",), _frame),
            Spec("save_as", "file", 1, self.tr("Save project &as…"),
                 self.tr("Keep the project under another name"),
                 work.save_as, ("Ctrl+Shift+S",), _frame),
            Spec("record", "file", 2, self.tr("&Record"),
                 self.tr("Record what is played from here on, or finish the recording"),
                 work.toggle_recording, ("Ctrl+R",), lambda now: now.has_frame,
                 checked=lambda now, _: now.is_recording),
            Spec("export", "file", 2, self.tr("&Export…"),
                 self.tr("Write tables of boxes, or videos with boxes or with things hidden"),
                 work.export, ("Ctrl+E",), lambda now: now.has_rows),
            Spec("close", "file", 3, self.tr("C&lose"),
                 self.tr("Let go of what is open, and go back to the start page"),
                 work.close_source, ("Ctrl+W",), _open),
            Spec("quit", "file", 3, self.tr("&Quit"), self.tr("End the program"),
                 window.close, ("Ctrl+Q",)),
        )  # fmt: skip

    def _edit(self) -> tuple[Spec, ...]:
        do, words = self._window.commands, self._window.words
        return (
            Spec("undo", "edit", 0, self.tr("&Undo"), self.tr("Take the last change back"),
                 do.undo, ("Ctrl+Z",), lambda now: bool(now.undo_text),
                 naming=lambda now: words.undo(now.undo_text)),
            Spec("redo", "edit", 0, self.tr("&Redo"), self.tr("Do again what was undone"),
                 do.redo, ("Ctrl+Shift+Z", "Ctrl+Y"), lambda now: bool(now.redo_text),
                 naming=lambda now: words.redo(now.redo_text)),
            Spec("scale", "edit", 1, self.tr("&Measure a length…"),
                 self.tr("Say how long something in the picture is, to have speeds in real units"),
                 self._window.parts.scale.edit, ("M",),
                 lambda now: now.has_frame and now.has_pictures),
            Spec("clear_scale", "edit", 1, self.tr("Forget the &length"),
                 self.tr("Measure in pixels again"), do.clear_scale, (),
                 lambda now: now.has_scale),
            Spec("settings", "edit", 2, self.tr("&Settings…"),
                 self.tr("Device, model, memory, what is drawn, recording, language, colours"),
                 self._window.asking.ask_settings, ("Ctrl+,",)),
        )  # fmt: skip

    def _target(self) -> tuple[Spec, ...]:
        do = self._window.commands
        return (
            Spec("new_target", "target", 0, self.tr("&New target"),
                 self.tr("Put a box on the picture that the arrow keys move; or drag one with the "
                         "mouse"),
                 do.new_target, ("Ins",), lambda now: now.has_frame and now.has_pictures),
            Spec("rename", "target", 1, self.tr("Rena&me…"),
                 self.tr("Give the selected target a name"),
                 do.rename, ("F2",), _selected),
            Spec("visible", "target", 1, self.tr("&Shown"),
                 self.tr("Show the selected target in the picture, or hide it"),
                 do.toggle_visible, ("H",), _selected,
                 checked=lambda now, _: now.is_selected and now.is_visible),
            Spec("confirm", "target", 2, self.tr("&Correct here"),
                 self.tr("The box of the selected target is right on this frame: follow it anew "
                         "from here to the next correction. A box that is moved or resized is "
                         "corrected at once"),
                 do.confirm, ("C",), lambda now: now.is_on_frame and now.has_pictures),
            Spec("backwards", "target", 2, self.tr("Track &backwards"),
                 self.tr("Follow the selected target from its correction here back to the one "
                         "before"),
                 do.track_backwards, ("B",),
                 lambda now: now.has_before and now.has_pictures),
            Spec("next_correction", "target", 3, self.tr("Next c&orrection"),
                 self.tr("Go to the next frame where a box was drawn"),
                 partial(do.next_correction, 1), ("]", "Alt+Right"), _seek),
            Spec("last_correction", "target", 3, self.tr("Previous correc&tion"),
                 self.tr("Go back to a frame where a box was drawn"),
                 partial(do.next_correction, -1), ("[", "Alt+Left"), _seek),
            Spec("next_doubt", "target", 3, self.tr("Next &doubtful place"),
                 self.tr("Go to where a target next becomes uncertain or lost"),
                 partial(do.next_doubt, 1), ("N",), _seek),
            Spec("last_doubt", "target", 3, self.tr("Previous doubtful &place"),
                 self.tr("Go back to where a target became uncertain or lost"),
                 partial(do.next_doubt, -1), ("Shift+N",), _seek),
            Spec("remove", "target", 4, self.tr("&Remove"),
                 self.tr("Take the selected target out"), do.remove, ("Del",), _selected),
            Spec("remove_all", "target", 4, self.tr("Remove &all targets"),
                 self.tr("Take every target out; this can be undone"),
                 do.remove_all, ("Ctrl+Backspace",), lambda now: now.has_targets),
        )  # fmt: skip

    def _play(self) -> tuple[Spec, ...]:
        do = self._window.commands

        return (
            Spec("play", "playback", 0, self.tr("&Play"), self.tr("Play, or pause"),
                 self._window.toggle_play, ("Space",), _frame,
                 naming=lambda now: self.tr("&Pause") if now.is_playing else self.tr("&Play")),
            Spec("step_on", "playback", 1, self.tr("Step &forwards"),
                 self.tr("One frame forwards"), partial(do.step, 1), (".", "Right"), _seek),
            Spec("step_back", "playback", 1, self.tr("Step &back"),
                 self.tr("One frame back"), partial(do.step, -1), (",", "Left"), _seek),
            Spec("far_on", "playback", 1, self.tr("&Ten frames forwards"),
                 self.tr("Ten frames forwards"), partial(do.step_far, 1), ("Shift+Right",), _seek),
            Spec("far_back", "playback", 1, self.tr("Te&n frames back"),
                 self.tr("Ten frames back"), partial(do.step_far, -1), ("Shift+Left",), _seek),
            Spec("to_start", "playback", 1, self.tr("To t&he beginning"),
                 self.tr("To the in point, then to the first frame"),
                 do.to_start, ("Home",), _seek),
            Spec("to_end", "playback", 1, self.tr("To the &end"),
                 self.tr("To the out point, then to the last frame"),
                 do.to_end, ("End",), _seek),
            Spec("go_live", "playback", 1, self.tr("&Go live"),
                 self.tr("To the newest frame of a live source"), do.go_live, ("G",),
                 lambda now: now.is_live and not (now.is_edge and now.is_playing)),
        )  # fmt: skip

    def _marks(self) -> tuple[Spec, ...]:
        do = self._window.commands

        def file(now: Situation) -> bool:
            return now.has_frame and not now.is_live

        return (
            Spec("slower", "playback", 2, self.tr("&Slower"),
                 self.tr("Play at the next lower speed"), do.slower, ("<",), file),
            Spec("faster", "playback", 2, self.tr("F&aster"),
                 self.tr("Play at the next higher speed"), do.faster, (">",), file),
            Spec("normal", "playback", 2, self.tr("N&ormal speed"),
                 self.tr("Play as fast as it was filmed"), partial(do.set_speed, 1.0), ("=",),
                 lambda now: file(now) and now.speed != 1.0),
            Spec("loop", "playback", 2, self.tr("&Loop"),
                 self.tr("Begin anew at the end, or at the out point"), do.toggle_loop, ("L",),
                 file, checked=lambda now, _: now.loop),
            Spec("set_in", "playback", 3, self.tr("Set &in point"),
                 self.tr("This frame is the first of the range that is played and exported"),
                 do.set_in, ("I",), _seek),
            Spec("set_out", "playback", 3, self.tr("Set o&ut point"),
                 self.tr("This frame is the last of the range that is played and exported"),
                 do.set_out, ("O",), _seek),
            Spec("clear_range", "playback", 3, self.tr("&Clear in and out points"),
                 self.tr("All frames are played and exported"), do.clear_range, ("X",),
                 lambda now: now.has_range),
        )  # fmt: skip

    def _picture(self) -> tuple[Spec, ...]:
        window = self._window
        canvas, set_ = window.canvas, window.preferences

        def shows(name: str) -> Callable[[Situation, Settings], bool]:
            return lambda _, settings: bool(getattr(settings, name))

        def toggle(name: str) -> Callable[[], None]:
            return lambda: set_.change(**{name: not getattr(set_.now, name)})

        return (
            Spec("zoom_in", "view", 0, self.tr("Zoom &in"), self.tr("See the picture closer"),
                 canvas.zoom_in, ("Ctrl++", "Ctrl+="), _frame),
            Spec("zoom_out", "view", 0, self.tr("Zoom &out"), self.tr("See more of the picture"),
                 canvas.zoom_out, ("Ctrl+-",), _frame),
            Spec("zoom_fit", "view", 0, self.tr("&Fit to the window"),
                 self.tr("Show the whole picture"), canvas.zoom_fit, ("Ctrl+0",), _frame),
            Spec("zoom_actual", "view", 0, self.tr("&Actual size"),
                 self.tr("One pixel of the frame on one pixel of the screen"),
                 canvas.zoom_actual, ("Ctrl+1",), _frame),
            Spec("scores", "view", 1, self.tr("&Scores"),
                 self.tr("Write the score of each target beside its box"),
                 toggle("show_scores"), ("Alt+1",), checked=shows("show_scores")),
            Spec("trails", "view", 1, self.tr("&Trails"),
                 self.tr("Draw the way that each target came"),
                 toggle("show_trail"), ("Alt+2",), checked=shows("show_trail")),
            Spec("search", "view", 1, self.tr("Search &region"),
                 self.tr(
                     "Draw the region in which each target was looked for, on the frame tracked "
                     "last"
                 ),
                 toggle("show_search"), ("Alt+3",), checked=shows("show_search")),
            Spec("response", "view", 1, self.tr("R&esponse map"),
                 self.tr(
                     "Lay over the frame tracked last where the network sees the target; costs "
                     "time"
                 ),
                 toggle("show_response"), ("Alt+4",), checked=shows("show_response")),
            Spec("ruler", "view", 1, self.tr("R&uler"),
                 self.tr("Draw the line whose length is known"), window.toggle_ruler,
                 ("Alt+5",), lambda now: now.has_scale,
                 checked=lambda now, _: now.has_scale and window.parts.scale.is_ruler_shown),
        )  # fmt: skip

    def _panels(self) -> tuple[Spec, ...]:
        window = self._window
        return (
            Spec("reset_layout", "view", 3, self.tr("Reset the &layout"),
                 self.tr("Put every panel back to where it was at the first start"),
                 window.workspace.reset, (), _open),
            Spec("full_screen", "view", 3, self.tr("Full scree&n"),
                 self.tr("Use the whole screen, or go back to a window"),
                 window.toggle_full_screen, ("F11",),
                 checked=lambda _, __: window.isFullScreen()),
        )  # fmt: skip

    def _help(self) -> tuple[Spec, ...]:
        help_ = self._window.help
        return (
            Spec("shortcuts", "help", 0, self.tr("&Keyboard shortcuts"),
                 self.tr("All actions and their keys"), help_.show_shortcuts, ("F1",)),
            Spec("doctor", "help", 0, self.tr("&Check this computer"),
                 self.tr("Try what the program needs of this computer, and say what mends it"),
                 help_.show_doctor),
            Spec("about", "help", 1, self.tr("&About SpaceTime Tracker"),
                 self.tr("What this program is, and its license"), help_.show_about),
        )  # fmt: skip
