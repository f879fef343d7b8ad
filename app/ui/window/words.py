"""Words that the core has in English only, in the language of the moment."""

from PyQt6.QtCore import QObject


class Words(QObject):
    """Names of changes, for undo and redo."""

    def undo(self, change: str) -> str:
        """`Undo` and what: `change` as the document calls it; plain where there is none."""
        if not change:
            return self.tr("&Undo")
        return self.tr("&Undo: {change}").format(change=self.change(change))

    def redo(self, change: str) -> str:
        """`Redo` and what."""
        if not change:
            return self.tr("&Redo")
        return self.tr("&Redo: {change}").format(change=self.change(change))

    def change(self, text: str) -> str:
        """A change as the document calls it; as it stands where it is not known."""
        return {
            "Add target": self.tr("add target"),
            "Remove target": self.tr("remove target"),
            "Remove targets": self.tr("remove targets"),
            "Rename": self.tr("rename"),
            "Change colour": self.tr("colour"),
            "Show target": self.tr("show target"),
            "Hide target": self.tr("hide target"),
            "Correct box": self.tr("correction"),
            "Track backwards": self.tr("track backwards"),
            "Pin frame": self.tr("pin frame"),
            "Unpin frame": self.tr("unpin frame"),
            "Forget frame": self.tr("forget frame"),
            "Set range": self.tr("in and out points"),
            "Set scale": self.tr("scale"),
        }.get(text, text)
