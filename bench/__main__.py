"""Runs the benchmarks, each `bench_*.py` beside this file: its `main(quick)` prints Markdown tables.

A module's COMPARED names the distributions that it compares, so that the versions stand above the figures.
"""

import argparse
import os
import platform
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

ALL = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Prints every performance table.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"what to measure, all by default: {', '.join(ALL)}")
    parser.add_argument("--quick", action="store_true", help="a short run: does it work, is it about right")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(ALL):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are: {', '.join(ALL)}")
    modules = [import_module(f"bench.bench_{name}") for name in asked.names or ALL]
    print(machine(modules), flush=True)
    for module in modules:
        module.main(asked.quick)


def machine(modules: Iterable[ModuleType]) -> str:
    """One sentence on what the figures were measured with."""
    compared = sorted({name for module in modules for name in getattr(module, "COMPARED", ())})
    python = f"{platform.python_implementation()} {platform.python_version()}"
    versions = [python, *(f"{name} {version(name)}" for name in compared)]
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} cores of {_processor()}, {system}, {', '.join(versions)}."


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
