"""The sentences that code without Qt has for a window's user, found in its source.

What is translated is the literal text given to one of `MARKS`; see `model/sentences.py`.
"""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACES = ("app/core", "app/doctor.py", "app/ui", "model")
"""What a window runs."""
BEYOND = (
    "app/core/batch", "app/core/job.py", "app/core/replay.py", "app/core/truth.py",
    "app/ui/benchmark.py", "model/compat.py", "model/evaluation", "model/runtime/benchmark.py",
    "model/training",
)  # fmt: skip
"""Within them, what only the command line and Python reach: English there."""
MARKS = frozenset({"InputError", "Sentence", "TrackerError", "WeightsError"})

_SENTENCE = re.compile(r"\S \S.*[a-z)}]\.\s*\Z", re.DOTALL)
"""Several words and a full stop at the end."""


def sources() -> list[Path]:
    """Every file whose sentences a window may show."""
    beyond = [ROOT / place for place in BEYOND]
    files = (
        file
        for place in PLACES
        for file in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
    )
    return sorted(f for f in files if not any(f.is_relative_to(place) for place in beyond))


def gathered() -> list[str]:
    """The sentences of all sources, each once, in order of the alphabet."""
    return sorted({text for file in sources() for text in templates(file.read_text("utf-8"))})


def templates(source: str) -> list[str]:
    """The texts that are marked as sentences in a source file, in order."""
    marked = (literal for call in _marked(ast.parse(source)) for literal in _literals(call.args[0]))
    return [literal.value for literal in marked if literal.value]


def ready_made(source: str) -> list[str]:
    """What is filled in before it is marked, and so stands in no catalogue."""
    marked = (call.args[0] for call in _marked(ast.parse(source)))
    return [_shown(n) for n in marked if isinstance(n, ast.JoinedStr | ast.BinOp | ast.Call)]


def misfilled(source: str) -> list[str]:
    """Sentences whose names in braces are not those of the values they are given."""
    return [_shown(call) for call in _marked(ast.parse(source)) if not _fits(call)]


def unmarked(source: str) -> list[str]:
    """Texts that read like sentences, and are neither marked nor for somebody else."""
    tree = ast.parse(source)
    passed = {
        id(part)
        for node in ast.walk(tree)
        if _is_for_others(node) or (isinstance(node, ast.Call) and _name(node.func) in MARKS)
        for part in ast.walk(node)
    }
    passed |= {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    return [
        _shown(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        and id(node) not in passed
        and _SENTENCE.search(_text(node))
    ]


def fields(template: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def _marked(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in MARKS and node.args:
            yield node


def _fits(call: ast.Call) -> bool:
    given = {word.arg for word in call.keywords}
    if _name(call.func) == "Sentence" and not given:
        # a template, to be filled in elsewhere
        return True
    return all(fields(text.value) == given for text in _literals(call.args[0]))


def _is_for_others(node: ast.AST) -> bool:
    """Whether it is documentation, for the log, or tells of a mistake of the program."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if not isinstance(node, ast.Call):
        return False
    logs = isinstance(node.func, ast.Attribute) and _name(node.func.value) in {"_log", "log"}
    return logs or _name(node.func) in {"RuntimeError", "ValueError"}


def _literals(node: ast.expr) -> list[ast.Constant]:
    """The text itself, or the two between which a condition chooses."""
    if isinstance(node, ast.IfExp):
        return [*_literals(node.body), *_literals(node.orelse)]
    return [node] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _shown(node: ast.expr) -> str:
    return f"line {node.lineno}: {ast.unparse(node)}"
