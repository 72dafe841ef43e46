"""Copies files of `examples/` into the pages that name them.

A page names an example in a comment. Everything from there to `<!-- end -->` is generated:

- `<!-- examples: send -->`: the file of each language in a tab of its own;
- `<!-- examples: signup 2 -->`: of each of these files the part under its comment `# 2. ...`;
- `<!-- examples: signup/code.html -->`: one file that all languages use.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Title of the tab, language of the block, and the path of an example's file under `examples/`.
TABS = (
    ("curl", "bash", "curl/{name}.sh"),
    ("Python", "python", "python/{name}.py"),
    ("TypeScript", "typescript", "typescript/{name}.ts"),
    ("PHP", "php", "php/{name}.php"),
    ("Java", "java", "java/{title}.java"),
    ("Go", "go", "go/{name}/main.go"),
    ("C#", "csharp", "csharp/{title}.cs"),
)
#: Files at other paths than the table says; a language without a file has no tab.
ELSEWHERE = {
    ("Go", "client"): ["go/onesixty/client.go"],
    ("Java", "client"): ["java/Client.java", "java/Json.java"],
    ("C#", "client"): ["csharp/Client.cs", "csharp/Program.cs"],
    ("curl", "client"): [],
    ("curl", "receive"): ["curl/verify.sh", "curl/reply.sh"],
    **{(tab, "signup"): [] for tab in ("curl", "PHP", "Java", "Go", "C#")},
}
MARKED = re.compile(r"<!-- examples: ([a-z]+(?: \d|/[a-z]+\.[a-z]+)?) -->\n.*?<!-- end -->", re.DOTALL)
_HEADING = re.compile(r"^(?:#|//) (\d)\. .+\n+", re.MULTILINE)


def embedded(text: str) -> str:
    """Return the page with its examples as the files are now."""
    return MARKED.sub(lambda found: f"<!-- examples: {found[1]} -->\n{_shown(found[1])}<!-- end -->", text)


def parts_of(file: Path) -> dict[str, str]:
    """Return the numbered parts of a file."""
    pieces = _HEADING.split(file.read_text())
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def files_of(name: str) -> list[tuple[str, str, list[Path]]]:
    """Return for each tab its title, the language of the block, and the files."""
    if "/" in name:
        file = ROOT / "examples" / name
        return [("", file.suffix[1:], [file])]
    name = name.partition(" ")[0]
    rows = []
    for tab, language, pattern in TABS:
        places = ELSEWHERE.get((tab, name), [pattern.format(name=name, title=name.capitalize())])
        if places:
            rows.append((tab, language, [ROOT / "examples" / place for place in places]))
    return rows


def _shown(name: str) -> str:
    part = name.partition(" ")[2]
    blocks = []
    for tab, language, files in files_of(name):
        margin = "    " if tab else ""
        if tab:
            blocks.append(f'=== "{tab}"\n')
        for file in files:
            if not part:
                blocks.append(f"{margin}`{file.relative_to(ROOT)}`\n")
            text = parts_of(file)[part] if part else file.read_text()
            lines = ["```" + language, *text.rstrip("\n").splitlines(), "```"]
            blocks.append("\n".join(f"{margin}{line}" if line else "" for line in lines) + "\n")
    return "\n" + "\n".join(blocks) + "\n"
