"""Run the benchmarks: every script in benchmarks/, or the named ones.

python -m scripts.bench [name ...]
"""

import argparse
import subprocess
import sys
import time

from scripts.toolkit import ROOT, ToolError, run

FOLDER = ROOT / "benchmarks"


def main(argv: list[str]) -> int:
    """Run ``make bench``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    known = sorted(path.stem for path in FOLDER.glob("*.py"))
    parser.add_argument("names", nargs="*", help=f"{', '.join(known)}; default: all")
    names = parser.parse_args(argv).names or known
    for name in names:
        if name not in known:
            raise ToolError(f"benchmarks/{name}.py: unknown benchmark; known: {', '.join(known)}")
        print(f"== {name}", flush=True)
        begin = time.monotonic()
        if subprocess.run([sys.executable, FOLDER / f"{name}.py"], check=False, cwd=ROOT).returncode:
            raise ToolError(f"benchmarks/{name}.py: failed; see above")
        print(f"== {name} took {time.monotonic() - begin:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    run(main)
