"""Copies files of `examples/` into the pages that name them.

A page names an example in a comment, `<!-- examples: send -->`. Everything from there to `<!-- end -->` is
generated: the file of each language in a tab of its own.
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
}
MARKED = re.compile(r"<!-- examples: ([a-z]+) -->\n.*?<!-- end -->", re.DOTALL)


def embedded(text: str) -> str:
    """Return the page with its examples as the files are now."""
    return MARKED.sub(lambda found: f"<!-- examples: {found[1]} -->\n{_tabs(found[1])}<!-- end -->", text)


def files_of(name: str) -> list[tuple[str, str, list[Path]]]:
    """Return for each tab its title, the language of the block, and the files."""
    rows = []
    for tab, language, pattern in TABS:
        places = ELSEWHERE.get((tab, name), [pattern.format(name=name, title=name.capitalize())])
        if places:
            rows.append((tab, language, [ROOT / "examples" / place for place in places]))
    return rows


def _tabs(name: str) -> str:
    parts = []
    for tab, language, files in files_of(name):
        parts.append(f'=== "{tab}"\n')
        for file in files:
            parts.append(f"    `{file.relative_to(ROOT)}`\n")
            lines = ["```" + language, *file.read_text().rstrip("\n").splitlines(), "```"]
            parts.append("\n".join(f"    {line}" if line else "" for line in lines) + "\n")
    return "\n" + "\n".join(parts) + "\n"
