"""The words of the settings dialog."""

from collections.abc import Callable

from PyQt6.QtCore import QObject

from app.ui.language import languages


class SettingsTexts(QObject):
    """Labels, explanations and names of choices, in the language of the moment."""

    def tab(self, tab: str) -> str:
        """Title of a tab."""
        return {
            "model": self.tr("Model"),
            "memory": self.tr("Tracking"),
            "picture": self.tr("Picture"),
            "recording": self.tr("Recording"),
            "look": self.tr("Language and look"),
        }[tab]

    def note(self, tab: str) -> str:
        """When the settings of a tab come into effect."""
        at_once = self.tr("Applies at once.")
        from_here = self.tr("Applies at once; what is followed is followed further.")
        next_recording = self.tr("Applies to the next recording.")
        return {
            "model": from_here, "memory": from_here, "picture": at_once,
            "recording": next_recording, "look": at_once,
        }[tab]  # fmt: skip

    def label(self, name: str) -> str:
        """What stands beside the field of a setting."""
        return {
            "device": self.tr("&Device:"),
            "precision": self.tr("&Precision:"),
            "preset": self.tr("&Model:"),
            "slots": self.tr("Frames in the &memory:"),
            "remember_every": self.tr("&Update the memory every:"),
            "remember_score": self.tr("Remember at a &score of:"),
            "uncertain_below": self.tr("U&ncertain below:"),
            "lost_below": self.tr("&Lost below:"),
            "show_scores": self.tr("Show &scores"),
            "show_trail": self.tr("Show &trails"),
            "trail_length": self.tr("Trail &length:"),
            "show_search": self.tr("Show the search &region"),
            "show_response": self.tr("Show the r&esponse map"),
            "drawing": self.tr("&Drawn by:"),
            "record_content": self.tr("&Content:"),
            "record_folder": self.tr("&Folder:"),
            "language": self.tr("&Language:"),
            "theme": self.tr("&Theme:"),
        }[name]

    def suffix(self, name: str) -> str:
        """What stands behind a number, with the space before it."""
        return {
            "slots": self.tr(" frames"),
            "remember_every": self.tr(" frames"),
            "trail_length": self.tr(" frames"),
        }.get(name, "")

    def tip(self, name: str) -> str:
        """What a setting does."""
        tips: dict[str, Callable[[], str]] = {
            "device": lambda: self.tr(
                "What the network runs on. Automatic takes a graphics card where there is one."
            ),
            "precision": lambda: self.tr(
                "Number format of the network. Shorter ones are faster on graphics cards and "
                "hardly less exact; on a CPU float32 is best."
            ),
            "preset": lambda: self.tr(
                "The network and its weights. Small follows best; nano needs less computing."
            ),
            "slots": lambda: self.tr(
                "How many frames of each target are remembered, the first box among them. More "
                "help where a target changes its looks, and cost time."
            ),
            "remember_every": lambda: self.tr(
                "After how many frames a new one may enter the memory. Fewer follow quick changes; "
                "more keep older looks for longer."
            ),
            "remember_score": lambda: self.tr(
                "Only frames with at least this score (0 to 1) enter the memory. Lower values "
                "remember more, and more mistakes."
            ),
            "uncertain_below": lambda: self.tr(
                "A target with a score below this (0 to 1) is uncertain: its box is dashed and a "
                "wider region is searched."
            ),
            "lost_below": lambda: self.tr(
                "A target that stays below this score (0 to 1) for a while is lost: the whole "
                "frame is searched for it."
            ),
            "show_scores": lambda: self.tr("Write the score of each target beside its box."),
            "show_trail": lambda: self.tr("Draw the way that each target came."),
            "trail_length": lambda: self.tr("Over how many frames a trail reaches back."),
            "show_search": lambda: self.tr(
                "Draw the region in which each target was looked for, on the frame tracked last."
            ),
            "show_response": lambda: self.tr(
                "Lay over the frame tracked last where the network sees the target, and how "
                "surely. Costs time."
            ),
            "drawing": lambda: self.tr(
                "What scales the picture and draws what is over it. A graphics card leaves the CPU "
                "to the network; automatic takes one where it is not emulated."
            ),
            "record_content": lambda: self.tr(
                "What a recording shows: the picture with boxes, the picture as it came, or both "
                "in two files."
            ),
            "record_folder": lambda: self.tr(
                "Where recordings are written. Empty means your folder of videos."
            ),
            "language": lambda: self.tr("Language of menus, buttons and messages."),
            "theme": lambda: self.tr("Colours of the window; System follows the desktop."),
        }
        return tips[name]()

    def choice(self, name: str, value: str) -> str:
        """What one of the values of a setting is called."""
        names = {
            ("device", "auto"): self.tr("Automatic"),
            ("device", "cpu"): self.tr("CPU"),
            ("device", "cuda"): self.tr("NVIDIA graphics card (CUDA)"),
            ("device", "mps"): self.tr("Apple graphics (MPS)"),
            ("precision", "auto"): self.tr("Automatic"),
            ("preset", "small"): self.tr("Small (recommended)"),
            ("preset", "nano"): self.tr("Nano (fastest)"),
            ("preset", "base"): self.tr("Base (largest)"),
            ("drawing", "auto"): self.tr("Automatic"),
            ("drawing", "card"): self.tr("Graphics card (OpenGL)"),
            ("drawing", "cpu"): self.tr("CPU"),
            ("record_content", "overlay"): self.tr("With boxes"),
            ("record_content", "clean"): self.tr("Without boxes"),
            ("record_content", "both"): self.tr("Both, in two files"),
            ("language", ""): self.tr("As the system"),
            ("theme", "system"): self.tr("System"),
            ("theme", "light"): self.tr("Light"),
            ("theme", "dark"): self.tr("Dark"),
        }
        if name == "language" and value in languages():
            return languages()[value]
        return names.get((name, value), value)
