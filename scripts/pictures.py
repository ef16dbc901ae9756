"""Create the pictures for the start page of the site from a real run: a terminal, and the status page of the hub.

python -m scripts.pictures    writes docs/assets/terminal.svg, hub-light.png and hub-dark.png

Requires Chromium for the status page.
"""

import argparse
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

from itwin_imodels_hub import HubSettings, LocalHub
from scripts.toolkit import ROOT, ToolError, run, shown

ASSETS: Final = ROOT / "docs" / "assets"
IMODEL: Final = "Demo iModel"
WIDTH: Final = 78
COMMANDS: Final = (
    f"imodels version list '{IMODEL}' --limit 3",
    f"imodels lock stale '{IMODEL}' --device 'site-*'",
    f"imodels changeset list '{IMODEL}' --query '[-1].[index, description]'",
)
_VIEW: Final = {"width": 1100, "height": 760}
_COLORS: Final = 96
_FONT_FACES: Final = re.compile(r"@font-face \{[^}]*\}\s*")


def main(argv: list[str]) -> int:
    """Run ``make pictures``."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args(argv)
    with LocalHub(seed="demo", settings=HubSettings(job_delay=timedelta())) as hub, TemporaryDirectory() as folder:
        _write(ASSETS / "terminal.svg", terminal(hub, Path(folder)).encode())
        for scheme in ("light", "dark"):
            _write(ASSETS / f"hub-{scheme}.png", hub_page(hub, scheme))
    return 0


def terminal(hub: LocalHub, folder: Path) -> str:
    """Run the commands and return the terminal output as SVG that loads no fonts."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for command in COMMANDS:
        console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
        console.print(Text.from_ansi(_output_of(command, hub, folder).rstrip("\n")))
        console.print()
    svg = console.export_svg(title="imodels", theme=SVG_EXPORT_THEME, unique_id="terminal")
    return "\n".join(line.rstrip() for line in _FONT_FACES.sub("", svg).splitlines()) + "\n"


def _output_of(command: str, hub: LocalHub, folder: Path) -> str:
    """Return the output of a command, which may contain a pipe."""
    program = f"{shlex.quote(sys.executable)} -m itwin_imodels"
    environment = {
        **os.environ,
        "COLUMNS": str(WIDTH),
        "FORCE_COLOR": "1",
        "HOME": str(folder),
        "IMODELS_BASE_URL": hub.base_url,
        "IMODELS_ITWIN_ID": hub.itwin_id,
        "IMODELS_TOKEN": hub.token(),
        "TERM": "xterm-256color",
        "TZ": "UTC",
        "PYTHONPATH": os.pathsep.join(str(ROOT / name) for name in ("generated", "facade", "hub")),
    }
    line = re.sub(r"^imodels ", f"{program} ", command)
    done = subprocess.run(
        ["/bin/sh", "-c", line], check=True, capture_output=True, text=True, cwd=folder, env=environment
    )
    return done.stdout


def hub_page(hub: LocalHub, scheme: str) -> bytes:
    """Return a picture of the page of an iModel.

    Raises:
        ToolError: Chromium is not installed.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        raise ToolError("the picture of the status page requires Chromium; install it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        page = browser.new_context(viewport=_VIEW, color_scheme=scheme).new_page()  # type: ignore[arg-type] # one of two
        page.goto(hub.url)
        page.get_by_role("link", name=IMODEL).first.click()
        page.wait_for_selector("#live[data-state=live]")
        taken = page.screenshot()
        browser.close()
    return _smaller(taken)


def _smaller(png: bytes) -> bytes:
    """Reduce the number of colors, which is not visible on a page of text."""
    target = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(_COLORS).save(target, "PNG", optimize=True)
    return target.getvalue()


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    print(f"{shown(path)}: {len(content)} bytes")


if __name__ == "__main__":
    run(main)
