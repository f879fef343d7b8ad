"""The READMEs: their Python runs, their commands exist, their links lead somewhere."""

import ast
import re
import shlex
from pathlib import Path

import av
import numpy as np
import pytest
import typer

from app.cli import app

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")
PROGRAM = "spacetime-tracker"


def blocks(name: str, *languages: str) -> list[str]:
    """Fenced blocks of these languages, in order."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [code for language, code in found if language in languages]


def commands(name: str) -> list[list[str]]:
    """Every call of the program in the shell blocks: its words after the program's name."""
    lines = "".join(blocks(name, "bash", "bat")).replace("\\", "/").splitlines()
    split = [shlex.split(line, comments=True) for line in lines if line]
    return [words[1:] for words in split if Path(words[0]).name == PROGRAM]


def snippets() -> list[tuple[str, int]]:
    return [(name, i) for name in READMES for i in range(len(blocks(name, "python")))]


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A bright square that moves over noise, where the READMEs' box begins."""
    path = tmp_path / "video.mp4"
    noise = np.random.default_rng(0).integers(0, 90, (240, 320, 3), np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for i in range(4):
            image = noise.copy()
            image[80:170, 120 + 3 * i : 180 + 3 * i] = (250, 200, 40)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("name", "index"), snippets())
def test_python_runs(
    name: str, index: int, video: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(video.parent)
    code = blocks(name, "python")[index]
    exec(compile(code, f"{name}, Python block {index + 1}", "exec"), {"__name__": "readme"})
    if "print" in code:
        assert len(capsys.readouterr().out.splitlines()) == 3  # one target, after the first frame


def test_the_question_is_answered_in_the_readme() -> None:
    for name in READMES:
        (code,) = [code for code in blocks(name, "python") if "DividedBlock" in code]
        assert "(2, 2, 768, 8, 8)" in code
        assert "(2, 1, 768, 18, 18)" in code


def test_both_languages_show_the_same_code() -> None:
    english, chinese = ([ast.dump(ast.parse(c)) for c in blocks(n, "python")] for n in READMES)
    assert len(english) >= 3
    assert english == chinese


def test_both_languages_show_the_same_commands() -> None:
    assert len(commands(READMES[0])) >= 7
    assert commands(READMES[0]) == commands(READMES[1])


def test_both_languages_show_the_same_numbers() -> None:
    english, chinese = (
        (ROOT / name).read_text(encoding="utf-8").split("<!-- results: begin -->")[1]
        .split("<!-- results: end -->")[0].strip().splitlines()[1:]
        for name in READMES
    )  # fmt: skip
    assert len(english) >= 3
    assert english == chinese


@pytest.mark.parametrize("name", READMES)
def test_commands_and_options_exist(name: str) -> None:
    group = typer.main.get_command(app)
    known = group.commands  # type: ignore[attr-defined]
    for words in commands(name):
        assert words[0] in known, words
        options = {o for p in known[words[0]].params for o in (*p.opts, *p.secondary_opts)}
        assert {w for w in words if w.startswith("--")} <= options


@pytest.mark.parametrize("name", READMES)
def test_the_table_of_commands_names_every_option(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for command, shown in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        if shown.hidden:
            continue
        (row,) = re.findall(rf"^\| `{command}\b.*$", text, re.MULTILINE)
        options = {o for p in shown.params for o in p.opts if o.startswith("--")} - {"--help"}
        assert set(re.findall(r"--[a-z0-9-]+", row)) == options


@pytest.mark.parametrize(
    "page", [*READMES, *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/decisions/*.md"))]
)
def test_links_lead_to_files(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)\)", text)
    targets = [link for link in links if not re.match(r"https?://|mailto:", link)]
    assert page not in READMES or targets
    assert [t for t in targets if not ((ROOT / page).parent / t).exists()] == []
