"""Sentences of code that knows nothing of Qt, in the language of the moment."""

from PyQt6.QtCore import QCoreApplication

from model.sentences import Sentence

CONTEXT = "Sentences"
"""The catalogue holds them under this name; `tools.sentences` gathers them."""


def worded(text: str) -> str:
    """`text` and the sentences within it, translated; what is no `Sentence` stays as it is."""
    if not isinstance(text, Sentence):
        return text
    template = QCoreApplication.translate(CONTEXT, text.template)
    values = {
        name: worded(value) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    return template.format(**values) if values else template
