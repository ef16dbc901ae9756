"""Measure the start time of the command: its help and version, the help of a group, a command without the service.

Each is a separate process. Times are compared with `python -c pass` on the same machine in the same run, because
absolute times depend on the machine. Rounds are interleaved; the figure is the median.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

ROUNDS = 15
SECONDS = 60
"""Seconds after which no further round starts."""
NOTHING = "python -c pass"
ARGUMENTS = ("--version", "--help", "lock --help", "lock list --help", "config path")


def main() -> None:
    """Measure and print the table."""
    command = [sys.executable, "-c", "from itwin_imodels.cli import main; main()"]
    measured = {NOTHING: [sys.executable, "-c", "pass"]}
    measured |= {f"imodels {arguments}": [*command, *arguments.split()] for arguments in ARGUMENTS}
    environment = {"PYTHONPATH": ":".join(str(ROOT / folder) for folder in ("generated", "facade", "hub"))}
    for each in measured.values():
        seconds(each, environment)  # compiles the modules
    begin = time.perf_counter()
    rounds: list[dict[str, float]] = []
    while len(rounds) < ROUNDS and time.perf_counter() - begin < SECONDS:
        rounds.append({name: seconds(each, environment) for name, each in measured.items()})
    print(f"{'':28}milliseconds   compared; medians of {len(rounds)} rounds")
    for name in measured:
        median = statistics.median(each[name] for each in rounds)
        ratio = statistics.median(each[name] / each[NOTHING] for each in rounds)
        print(f"{name:28}{median * 1000:12.0f}   {ratio:.1f} times {NOTHING}")


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Run a process, and return its duration in seconds."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
