"""The main window: puts the parts together, and keeps them in step with what the player shows.

No frame travels by signal: the newest snapshot is fetched when there is one, at the display's rate.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QEvent, QSize, QTimer
from PyQt6.QtGui import QCloseEvent, QShowEvent, QWindow
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.player.following import PlayerTracker
from app.core.player.player import Player
from app.core.player.snapshot import Playback, Snapshot
from app.core.recent import Recent
from app.core.settings import Settings
from app.ui import icons
from app.ui.banner import Banner
from app.ui.dialogs import show_error
from app.ui.keys import give_space
from app.ui.language import set_language
from app.ui.record import RecordButton
from app.ui.start import StartPage
from app.ui.theme import apply_theme
from app.ui.window.actions import Actions
from app.ui.window.asking import Asking
from app.ui.window.commands import Commands
from app.ui.window.drawing import Drawing
from app.ui.window.dropping import DropWindow
from app.ui.window.faults import LogTail, surroundings
from app.ui.window.feeding import Feeding
from app.ui.window.help import Help
from app.ui.window.host import PlayerHost
from app.ui.window.latency import LatencyMeter, TimedCanvas
from app.ui.window.layout import Layout
from app.ui.window.menus import Menus
from app.ui.window.parts import Parts
from app.ui.window.preferences import Preferences, needs_other_tracker, view_options
from app.ui.window.pulse import Pulse
from app.ui.window.request import demo_request
from app.ui.window.selection import Selection
from app.ui.window.situation import situation_of
from app.ui.window.sources import SourceQuestions
from app.ui.window.status import StatusLine
from app.ui.window.table import ActionTable
from app.ui.window.words import Words
from app.ui.window.work import OpenWork
from app.ui.window.workspace import Workspace

_SLOW_MS = 200
"""Between two looks at numbers that would flicker otherwise."""
_READING_S = 2.0
_SIZE = QSize(1440, 900)
"""Of the window at the first start, where the screen is larger."""


class MainWindow(DropWindow):
    """One source at a time, any number of targets."""

    def __init__(self, *, load_tracker: Callable[[], PlayerTracker] | None = None) -> None:
        """Show the start page.

        Args:
            load_tracker: makes a tracker, in place of what the settings say.
        """
        super().__init__()
        self.preferences = Preferences(self)
        self._dress(self.preferences.now)
        self._is_leaving = False
        self._handle: QWindow | None = None
        self._feeding, self.latency = Feeding(), LatencyMeter()
        self.log: LogTail | None = None
        """What a report of a fault quotes."""
        self._pulse, self._slow = Pulse(self._tick, self), QTimer(self)
        self.selection, self.words = Selection(self), Words(self)
        self.banner, self.start, self.status = Banner(), StartPage(), StatusLine()
        self.canvas, self.record = TimedCanvas(), RecordButton()
        self.drawing = Drawing(self.canvas, self)
        self.host = PlayerHost(self._pulse.tell, self.canvas.scaled)
        self.commands = Commands(self.host, self.canvas, self.selection, self)
        self.sources, self.help = SourceQuestions(self), Help(self)
        self.asking = Asking(self, self.preferences, self.commands)
        self.work = OpenWork(self.host, self.preferences, self.sources, load_tracker, self)
        self.parts = Parts(self.canvas, self.record)
        self.workspace = Workspace(
            self.canvas, self.parts.transport, self.parts.timeline, self.parts.panels
        )
        self._pages = QStackedWidget()
        self._lay_out()
        table = ActionTable(self)
        self.actions_ = self.help.actions = Actions(table)
        bar = self.menuBar()
        assert bar is not None
        self.menus = Menus(bar, table, self.actions_, self.workspace.toggles)
        self.addActions(list(self.actions_.all.values()))
        self._connect()
        self._use(Settings(), self.preferences.now)
        self.drawing.use(self.preferences.now.drawing)
        self._layout = Layout(self, self.workspace, self.parts.plots, self.sources)
        self._layout.restore()
        self._slow.timeout.connect(self._show_numbers)
        self._show_start()
        if self.preferences.notice:
            self.banner.say(self.preferences.notice)

    @property
    def is_showing_start(self) -> bool:
        """Whether the start page is shown, for nothing is open."""
        return self._pages.currentWidget() is self.start

    @property
    def snapshot(self) -> Snapshot:
        """What is shown."""
        return self.canvas.snapshot

    # what the actions call

    def open_text(self, text: str) -> None:
        """Open a file, a project, a folder, a camera's number or a URL; a fault is told in the
        banner."""
        self.work.open_text(text)

    def open_demo(self) -> None:
        """Play the embedded clip in a loop, its target already chosen."""
        self.work.open(demo_request())

    def toggle_play(self) -> None:
        """Pause what plays, play what is paused or at its end. While a button or a list has the
        keyboard, the key is for that."""
        focused = self.focusWidget()
        if isinstance(focused, QAbstractButton | QAbstractItemView | QComboBox) and (
            focused.hasFocus()
        ):
            # without it the key would lead here again
            self.actions_["play"].setEnabled(False)
            give_space(focused)
            return
        self.commands.toggle()

    def toggle_ruler(self) -> None:
        """Show the line whose length is known, or hide it."""
        scale = self.parts.scale
        scale.set_ruler_shown(not scale.is_ruler_shown)

    def toggle_full_screen(self) -> None:
        """Use the whole screen, or go back."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def show_fault(self, line: str, trace: str) -> None:
        """A fault of the program came to light."""
        sentence = self.tr(
            "The program made a mistake ({line}); what you have done so far is kept."
        ).format(line=line)
        self.banner.say(sentence, is_fault=True, detail=f"{trace}\n{self._detail()}")

    def close_now(self) -> None:
        """Close without asking about unsaved work."""
        self._is_leaving = True
        self.close()

    # putting together

    def _lay_out(self) -> None:
        self.setWindowIcon(icons.logo())
        screen = self.screen()
        room = screen.availableSize() if screen is not None else _SIZE
        self.resize(_SIZE.boundedTo(room * 0.9))
        self._pages.addWidget(self.start)
        self._pages.addWidget(self.workspace)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self._pages, stretch=1)
        self.setCentralWidget(middle)
        self.setStatusBar(self.status)

    def _connect(self) -> None:
        work, sources, start, menus = self.work, self.sources, self.start, self.menus
        work.beginning.connect(self.banner.clear)
        work.begun.connect(self._begun)
        work.ended.connect(self._show_start)
        work.renamed.connect(self._show_title)
        work.renamed.connect(self._refresh_actions)
        work.said.connect(self.banner.say)
        self.drawing.said.connect(self.banner.say)
        work.refused.connect(partial(self.banner.say, is_fault=True))
        sources.wanted.connect(work.open)
        sources.project_wanted.connect(work.open_project)
        sources.place_wanted.connect(work.place)
        sources.boxes_wanted.connect(work.open_boxes)
        start.video_wanted.connect(sources.ask_video)
        start.folder_wanted.connect(sources.ask_folder)
        start.camera_wanted.connect(sources.ask_camera)
        start.stream_wanted.connect(sources.ask_stream)
        start.screen_wanted.connect(sources.ask_screen)
        start.demo_wanted.connect(self.open_demo)
        start.recent_wanted.connect(self.open_text)
        start.project_wanted.connect(work.open_project)
        start.dropped.connect(self.open_text)
        self.dropped.connect(self.open_text)
        self.hovered.connect(start.set_drop)
        menus.recent_wanted.connect(self._open_recent)
        menus.language_wanted.connect(lambda code: self.preferences.change(language=code))
        menus.theme_wanted.connect(lambda theme: self.preferences.change(theme=theme))
        self.preferences.changed.connect(self._use)
        self.preferences.changed.connect(self.drawing.change)
        self.preferences.failed.connect(partial(self.banner.say, is_fault=True))
        self.record.record_wanted.connect(lambda _: work.toggle_recording())
        self.record.content_changed.connect(
            lambda content: self.preferences.change(record_content=content)
        )
        self.record.folder_changed.connect(
            lambda folder: self.preferences.change(record_folder=folder)
        )
        self.selection.changed.connect(lambda _: self._refresh_actions())
        self.parts.connect(self.commands, self.selection, self.workspace)
        self.parts.feed(self._feeding)

    # opening and closing

    def _begun(self) -> None:
        self.selection.choose(-1)
        self.latency.clear()
        self.parts.look_anew(self.work.folder)
        self._show(Snapshot(), everywhere=True)
        self.commands.passing(Player.want_responses)(self.preferences.now.show_response)
        self._pages.setCurrentWidget(self.workspace)
        self.workspace.set_floating_shown(True)
        self._show_title()
        self.canvas.setFocus()
        self._set_rate()
        self._slow.start(_SLOW_MS)

    def _show_start(self) -> None:
        self.canvas.cancel_drag()
        self.selection.choose(-1)
        self._slow.stop()
        self._show(Snapshot(), everywhere=True)
        self._pages.setCurrentWidget(self.start)
        self.workspace.set_floating_shown(False)
        self.status.show_nothing()
        self._show_title()
        self._refresh_actions()
        self.start.refresh()

    def _open_recent(self, item: Recent) -> None:
        if item.kind == "project":
            self.work.open_project(Path(item.text))
        else:
            self.open_text(item.text)

    # showing

    def _tick(self) -> bool:
        """Fetch what is new, also sentences of a player that is ending; whether there was a
        snapshot."""
        # asked first, so that nobody can have said anything since
        is_over = self.host.player is None and not self.host.is_ending
        ready, sentences = self.host.take()
        snapshot = ready.snapshot if ready is not None else None
        is_broken = snapshot is not None and snapshot.playback is Playback.FAILED
        if sentences:
            self.canvas.forget_wishes()
        for sentence in sentences:
            is_last = sentence is sentences[-1]
            self.banner.say(
                sentence, is_fault=is_broken and is_last,
                detail=self._detail() if is_broken and is_last else "",
            )  # fmt: skip
        if ready is not None:
            self.canvas.offer(ready.picture)
            self._show(ready.snapshot, left_at=ready.left_at)
        self._feeding.offer(snapshot)
        self.latency.painted(self.canvas.painted_at)
        if is_broken and snapshot is not None and snapshot.frame is None:
            self.work.let_go()
        elif is_broken and sentences:
            show_error(self, sentences[-1], self._detail())
        if is_over and self.host.player is None:
            self._pulse.stop()
        return snapshot is not None

    def _show(
        self, snapshot: Snapshot, *, left_at: float | None = None, everywhere: bool = False
    ) -> None:
        last = self.canvas.snapshot
        self.work.show_snapshot(snapshot)
        self.canvas.show_snapshot(snapshot)
        self.parts.show(snapshot)
        if snapshot.frame is not None and snapshot.frame is not last.frame and left_at is not None:
            self.latency.fetched(snapshot, left_at)
        known = snapshot.document.target(self.selection.id) is not None
        if self.selection.id >= 0 and not known:
            self.selection.choose(-1)
        if everywhere:
            self._feeding.feed_all(snapshot)
        self._refresh_actions()

    def _show_numbers(self) -> None:
        """What changes all the time, seldom enough to be read."""
        if self.work.request is not None:
            self.status.show_snapshot(
                self.snapshot, zoom=self.canvas.zoom, latency_s=self.latency.mean_s,
                has_pictures=self.work.has_pictures,
            )  # fmt: skip

    def _refresh_actions(self) -> None:
        document = self.host.document
        situation = situation_of(
            self.snapshot, document, self.selection.id, has_pictures=self.work.has_pictures
        )
        self.actions_.refresh(situation, self.preferences.now)
        self.setWindowModified(self.work.is_unsaved)

    def _show_title(self) -> None:
        name = self.work.name.replace("[*]", "[*][*]")
        self.setWindowTitle(f"{name}[*] – SpaceTime Tracker" if name else "SpaceTime Tracker")

    def _detail(self) -> str:
        log = self.log.text if self.log is not None else ""
        source = self.snapshot.info or "nothing is open"
        drawn = f"drawn by {self.drawing.name}"
        return f"{surroundings()}\n{source}\n{self.snapshot.tracker}\n{drawn}\n\n{log}".strip()

    def _set_rate(self) -> None:
        screen = self.screen()
        rate = screen.refreshRate() if screen is not None else 60.0
        self._pulse.start(rate)

    # settings

    def _use(self, before: Settings, now: Settings) -> None:
        """Put settings into effect."""
        if before.theme != now.theme or before.language != now.language:
            self._dress(now)
        self.canvas.set_view_options(view_options(now))
        self.commands.passing(Player.want_responses)(now.show_response)
        self.record.set_options(now.record_content, now.recordings_folder())
        self.menus.show_settings(now)
        if needs_other_tracker(before, now):
            self.work.use_settings(now)
        self._refresh_actions()

    def _dress(self, settings: Settings) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, settings.theme)
        set_language(app, settings.language)

    def retranslate(self) -> None:
        """Set all texts."""
        self.actions_.retranslate()
        self.menus.retranslate()
        self._show_title()
        self._show_numbers()

    # events

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802
        """Go by the rate of the screen, also when the window is taken to another one."""
        super().showEvent(event)
        handle = self.windowHandle()
        if handle is not None and handle is not self._handle:
            self._handle = handle
            handle.screenChanged.connect(lambda _: self._set_rate())

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """Ask about unsaved work, then end every thread."""
        if event is not None and not self._is_leaving and self.work.is_unsaved:
            event.ignore()
            self.work.leave(self.close_now)
            return
        self._shut_down()
        super().closeEvent(event)

    def _shut_down(self) -> None:
        self._layout.keep()
        # threads may take a moment to end; nobody should have to look at that
        self.workspace.set_floating_shown(False)
        self.hide()
        self._pulse.stop()
        self._slow.stop()
        self.work.close()
        self.preferences.close(_READING_S)
        self.start.close_background(_READING_S)
        self.menus.recent.close(_READING_S)
        self.parts.close(_READING_S)
