"""Sentences for a user: English, and what they were made of, so that another language can be."""

from typing import Any


class Sentence(str):
    """English text that knows its template and what was filled in; else a `str` like any other.

    It stays what it is in an error (`str(error)` gives it back), in a queue and in a pickle. What
    is made of it by `str`'s own methods is plain text.
    """

    __slots__ = ("template", "values")

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> "Sentence":
        """Fill `values` into `template`.

        Args:
            template: a text with the names of values in braces, as for `str.format`; without
                values it is the text itself, braces and all. A sentence stays as it is.
            values: errors give their text; sentences among them are translated as well.
        """
        if isinstance(template, cls) and not values:
            return template
        known = {name: _text_of(value) for name, value in values.items()}
        text = super().__new__(cls, template.format(**known) if known else template)
        text.template, text.values = str(template), known
        return text

    def __str__(self) -> str:
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.template,), self.values


def _text_of(value: Any) -> Any:
    return str(value) if isinstance(value, BaseException) else value
