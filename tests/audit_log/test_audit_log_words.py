"""The console has a text for every word of the audit log."""

import json
import re

from tests.audit_log.test_audit_log_endpoints import ACTS
from tests.support.postgres import ROOT

FOLDER = ROOT / "web" / "src" / "audit"
SOURCES = ROOT / "src" / "onesixty"
#: Notes that name both words beside each other: `noted(request, caller, "stopped", "capture", ...)`.
NOTED = re.compile(r'noted\(\s*request,\s*caller,\s*"([a-z_]+)",\s*"([a-z_]+)"')


def test_every_word_of_the_log_has_a_text() -> None:
    texts = json.loads((FOLDER / "texts" / "en.json").read_text(encoding="utf-8"))
    words = (FOLDER / "words.ts").read_text(encoding="utf-8")
    said = {(act.action, act.object) for act in ACTS}
    for path in SOURCES.rglob("*.py"):
        said |= set(NOTED.findall(path.read_text(encoding="utf-8")))
    assert len(said) > 30
    for action, object_ in said:
        for kind, word in (("action", action), ("object", object_)):
            assert f"audit.{kind}.{word}" in texts, "add it in web/src/audit/texts and words.ts"
            assert f"'{word}'" in words
