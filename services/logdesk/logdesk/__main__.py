"""The command: `python -m logdesk index | serve | search | audit | rebuild`."""

from __future__ import annotations

import argparse
import logging
import re
import resource
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict

import orjson

from . import generations, index, rebuild, report, settings
from .audit import audit
from .query import parse
from .reader import IndexMissing, Span, TooSlow, open_index
from .search import find

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_PAGE = 500


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 1 when the audit found lines missing, 2 when the command failed."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="logdesk: %(message)s", level=logging.INFO, stream=sys.stderr)
    _allow_many_open_files()
    try:
        status: int = options.run(settings.from_environment(), options)
    except (settings.SettingsError, generations.InUse, index.Damaged, IndexMissing, TooSlow) as error:
        print(f"logdesk: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `| head`
        sys.stderr.close()
        return 0
    return status


def _allow_many_open_files() -> None:
    """The usual 1024 are for programs that call select(2). A year has more: three files for each of its days."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="logdesk", description="Index, search and audit the log archive.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, help: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help, description=help)
        made.set_defaults(run=run)
        return made

    command("index", _index, "follow the archive and index it, until it is stopped")
    command("serve", _serve, "serve the pages")
    command("rebuild", _rebuild, "build the index anew from the archive, while the old one stays in use")
    search = command("search", _search, "print the lines that fit a query, newest first")
    search.add_argument("query", nargs="*", help="see docs/query.md; everything without one")
    search.add_argument("--limit", type=int, default=100, help="at most so many lines (100)")
    check = command("audit", _audit, "print lines received, missing and doubled, by process; status 1 when some miss")
    check.add_argument("--service", help="only this one")
    for with_time in (search, check):
        with_time.add_argument("--last", type=_seconds, metavar="TIME", help="the last 15m, 24h, 7d … (everything)")
        with_time.add_argument("--json", action="store_true", help="one JSON object a line")
    return parser


def _index(options: settings.Settings, _: argparse.Namespace) -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    index.run(options, stop)
    return 0


def _serve(options: settings.Settings, _: argparse.Namespace) -> int:
    from .web import serve  # noqa: PLC0415 - the pages' packages cost 30 MB, which the indexer doesn't need

    serve(options)
    return 0


def _rebuild(options: settings.Settings, _: argparse.Namespace) -> int:
    rebuild.rebuild(options)
    return 0


def _search(options: settings.Settings, arguments: argparse.Namespace) -> int:
    query = parse(" ".join(arguments.query))
    if query.problem:
        print(f"logdesk: {query.problem}", file=sys.stderr)
        return 2
    with open_index(options) as db:
        left, before = arguments.limit, None
        while left > 0:
            page = find(db, query, _span(arguments.last), limit=min(left, _PAGE), before=before)
            for hit in page.hits:
                print(orjson.dumps(hit.fields).decode() if arguments.json else report.line(hit))
            left -= len(page.hits)
            before = page.next
            if before is None:
                break
    return 0


def _audit(options: settings.Settings, arguments: argparse.Namespace) -> int:
    with open_index(options) as db:
        processes = audit(db, arguments.service, _span(arguments.last) if arguments.last else None)
    if arguments.json:
        for process in processes:
            print(orjson.dumps(asdict(process)).decode())
    else:
        print(report.table(processes))
    return 1 if any(process.missing_count for process in processes) else 0


def _span(seconds: int | None) -> Span:
    now = time.time_ns() // 1000
    return Span(now - seconds * 1_000_000, now + 1) if seconds else Span(0, 2**62)


def _seconds(text: str) -> int:
    match = re.fullmatch(r"(\d{1,6})([smhdw])", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: write 15m, 24h or 7d")
    return int(match[1]) * _UNITS[match[2]]


if __name__ == "__main__":
    sys.exit(main())
