"""Runs the commands of a page as a reader would, in as many terminals as it names.

The first line of a block says what it is:

- ```` ```sh ```` with `# terminal 2`, or without such a line: commands, run to their end; with
  `# terminal 3, stays`: left running;
- ```` ```text ````: what the block before printed, line by line, `...` standing for anything; with `# terminal 3` it
  is what that terminal shows since the last command;
- ```` ```python ```` with `# name.py`: a file to make.

Other blocks are not run. Addresses and ports of the page are replaced, `os_live_...` by the key that terminal 1
printed, and any other id (`msg_...`) by the last of its kind that was printed, as a reader would.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.waiting import wait_until

BLOCK = re.compile(r"^```(sh|text|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# The account above is never the one that a page goes on with.
ID = re.compile(r"(?<!\"parent_id\":\")(?<!\"parent_id\": \")\b([a-z]+_)[0-9a-hjkmnp-tv-z]{26}\b")
HEAD = re.compile(r"# (?:terminal (\d)(, stays)?|(\S+\.py))\n")


class Walkthrough:
    """`replace` maps what stands on the page to what it is here; `environment` is added to each terminal."""

    def __init__(self, directory: Path, replace: dict[str, str], environment: dict[str, str]) -> None:
        self.directory = directory
        self.replace = replace
        programs = str(Path(sys.executable).parent)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONESIXTY_")}
        self.environment = inherited | {"PYTHONUNBUFFERED": "1"} | environment
        self.environment["PATH"] = f"{programs}:{self.environment['PATH']}"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._seen: dict[str, int] = {}
        self._output = ""
        self._ids: dict[str, str] = {}  # the last id that was printed, by its prefix

    def walk(self, page: str) -> None:
        """All blocks, in order."""
        for kind, printed in BLOCK.findall(page):
            content = printed
            for old, new in self.replace.items():
                content = content.replace(old, new)
            head = HEAD.match(content)
            terminal, stays, file = head.groups() if head else (None, None, None)
            rest = content[head.end() :] if head else content
            if file:
                (self.directory / file).write_text(content)
            elif kind == "text":
                self._expect(rest, terminal)
            elif kind == "sh":
                self._run(rest, terminal or "2", stays is not None)

    def end(self) -> None:
        """Stop what stays, the last first."""
        for process in reversed(self._processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def log(self, terminal: str) -> str:
        path = self._path(terminal)
        return path.read_text(errors="replace") if path.exists() else ""

    def _run(self, commands: str, terminal: str, stays: bool) -> None:
        if "os_live_..." in commands:
            (key,) = set(re.findall(r"os_live_[A-Za-z0-9]{38}", self.log("1")))
            commands = commands.replace("os_live_...", key)
        commands = re.sub(r"\b([a-z]+_)\.\.\.", lambda kind: self._ids[kind[1]], commands)
        if stays:
            with self._path(terminal).open("wb") as output:
                self._processes.append(
                    subprocess.Popen(
                        ["bash", "-ec", commands], cwd=self.directory, env=self.environment,
                        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                    )
                )  # fmt: skip
            return
        # What happens from here on is what a block that shows another terminal is about.
        self._seen = {path.name: path.stat().st_size for path in self.directory.glob("terminal-*")}
        kept = self.directory / "environment"
        before = f"set -a; [ ! -e {kept} ] || . {kept}; set +a\n"
        done = subprocess.run(
            ["bash", "-ec", f"{before}{commands}\nexport -p >{kept}"], cwd=self.directory, env=self.environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        self._output = done.stdout
        self._ids |= {found[1]: found[0] for found in ID.finditer(done.stdout)}
        said = f"{commands}\n{done.stdout}{done.stderr}\nterminal 1:\n{self.log('1')[-3000:]}"
        assert done.returncode == 0, said
        assert '"doc_url"' not in done.stdout, f"refused: {said}"

    def _expect(self, lines: str, terminal: str | None) -> None:
        pattern = re.compile(
            r".*?".join(re.escape(line).replace(r"\.\.\.", ".*?") for line in lines.splitlines()), re.DOTALL
        )
        if terminal is None:
            assert pattern.search(self._output), f"not shown: {lines}\nbut: {self._output}"
            return
        since = self._seen.get(self._path(terminal).name, 0)
        found = wait_until(
            lambda: pattern.search(self.log(terminal)[since:]), 60,
            f"{lines!r} in terminal {terminal}, which shows {self.log(terminal)[-2000:]!r}",
        )  # fmt: skip
        assert found is not None
        self._ids |= {identity[1]: identity[0] for identity in ID.finditer(found[0])}

    def _path(self, terminal: str) -> Path:
        return self.directory / f"terminal-{terminal}.log"
