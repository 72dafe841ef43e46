"""A small build of a console: what `web/` makes, in a few lines."""

from __future__ import annotations

import gzip
from pathlib import Path

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<base href="__ONESIXTY_BASE__">
<meta property="csp-nonce" nonce="__ONESIXTY_NONCE__">
<title>{stamp}</title>
<link rel="icon" href="data:,">
<script nonce="__ONESIXTY_NONCE__">document.documentElement.dataset.inline = 'ran'</script>
<style nonce="__ONESIXTY_NONCE__">body {{ margin: 7px }}</style>
<script type="module" src="./assets/index-{stamp}.js"></script>
</head>
<body><div id="root"></div></body>
</html>
"""
REFERENCE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>reference {stamp}</title>
<script type="module" nonce="__ONESIXTY_NONCE__" src="__ONESIXTY_BASE__assets/docs-{stamp}.js"></script>
</head>
<body><div id="root"></div></body>
</html>
"""
SCRIPT = """
document.getElementById('root').textContent = `console {stamp}`;
window.later = () => import('./later-{stamp}.js');
// {filling}
"""
#: Stands for the brotli form: the server only passes it on.
BROTLI = b"brotli of "


def write_dist(folder: Path, stamp: str = "one", *, brotli: bool = True) -> Path:
    """Write a finished build."""
    assets = folder / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    for old in assets.iterdir():
        old.unlink()
    script = SCRIPT.format(stamp=stamp, filling="x" * 2000).encode()
    files = {
        f"index-{stamp}.js": script,
        f"docs-{stamp}.js": f"export const reference = '{stamp}'; // {'z' * 2000}".encode(),
        f"later-{stamp}.js": f"export const said = 'later {stamp}'; // {'y' * 2000}".encode(),
        f"font-{stamp}.woff2": b"a font is compressed already",
    }
    for name, body in files.items():
        (assets / name).write_bytes(body)
        if name.endswith(".js"):
            (assets / f"{name}.gz").write_bytes(gzip.compress(body, mtime=0))
            if brotli:
                (assets / f"{name}.br").write_bytes(BROTLI + name.encode())
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "index.html").write_text(PAGE.format(stamp=stamp))
    (folder / "docs.html").write_text(REFERENCE.format(stamp=stamp))
    (folder / "stamp").write_text(f"{stamp}\n")
    return folder
