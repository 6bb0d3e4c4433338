"""``python -m tests.robustness WHAT [COUNT] [--seed S] …``: the long versions of the tests in this folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from time import perf_counter

from tests.robustness import damaged_files, recording_kills
from tests.robustness.kills import LostError, kill
from tests.robustness.letting_go import held, memory, opened_and_closed
from tests.robustness.storm import NETWORKS, StormError, read, shrunk, storm, write
from tests.robustness.terminal_storm import terminal_storm

MEBIBYTE = 2**20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of them; 1 where something broke."""
    chosen = _parser().parse_args(arguments)
    runs: dict[str, Callable[[argparse.Namespace], int]] = {
        "storm": _storms,
        "terminal": _terminal_storms,
        "shrink": _shrink,
        "files": _files,
        "kills": _kills,
        "recordings": _recordings,
        "letting-go": _letting_go,
    }
    return runs[chosen.what](chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.robustness", description="Try to break it.")
    parser.add_argument("--seed", type=int, default=1, help="where the random numbers start (1)")
    what = parser.add_subparsers(dest="what", required=True)
    for name, count, text in (
        ("storm", 1_000_000, "random events in process, each thousand compared with a fresh debugger"),
        ("terminal", 100_000, "random events in a real pseudo-terminal"),
        ("files", 10_000, "damaged session files, network files and CSV files, so many of each sort"),
        ("kills", 200, "kills while stepping, saving and keeping"),
        ("recordings", 100, "kills of a training in PyTorch that records, half of them while it writes"),
        ("letting-go", 200, "debuggers opened, used and closed in one process"),
    ):
        one = what.add_parser(name, help=text)
        one.add_argument("count", type=int, nargs="?", default=count, help=f"how many in all ({count:,})")
        if name in ("storm", "terminal"):
            one.add_argument("--networks", nargs="+", default=NETWORKS, metavar="NETWORK")
            one.add_argument("--round", type=int, default=5000, help="events on a network at a time (5,000)")
            one.add_argument(
                "--spare-palette", action="store_true", help="never close the palette by two keys at once"
            )
        if name == "storm":
            one.add_argument(
                "--failures", type=Path, help="a folder for what led to a failure; go on after it"
            )
    shrink = what.add_parser("shrink", help="the fewest events of a failure that still make it")
    shrink.add_argument("file", type=Path)
    return parser


def _say(*words: object) -> None:
    print(*words, flush=True)


def _storms(chosen: argparse.Namespace) -> int:
    events = failures = checks = 0
    start = perf_counter()
    for seed, network in enumerate(cycle(chosen.networks), chosen.seed):
        if events >= chosen.count:
            break
        wanted = min(chosen.round, chosen.count - events)
        try:
            done = storm(network, seed, wanted, spare_palette=chosen.spare_palette)
        except StormError as error:
            failures += 1
            events += wanted
            _say(error)
            if chosen.failures is None:
                return 1
            write(error, chosen.failures / f"{network}-{seed}.json")
            continue
        events, checks = events + done.events, checks + done.checks
        speed = events / (perf_counter() - start)
        _say(
            f"{events:>9,} events  {checks:>5} checks  {failures} failures  {speed:4.0f}/s  {network} {seed}"
        )
    return int(failures > 0)


def _terminal_storms(chosen: argparse.Namespace) -> int:
    events, start = 0, perf_counter()
    for seed, network in enumerate(cycle(chosen.networks), chosen.seed):
        if events >= chosen.count:
            return 0
        wanted = min(chosen.round, chosen.count - events)
        try:
            left = terminal_storm(network, seed, wanted, spare_palette=chosen.spare_palette)
        except StormError as error:
            _say(error)
            return 1
        events += wanted
        _say(
            f"{events:>9,} events  {events / (perf_counter() - start):4.0f}/s  {network} {seed}, left {left}×"
        )
    return 0


def _shrink(chosen: argparse.Namespace) -> int:
    network, events = read(chosen.file)
    _say(f"{network}:", [event.size or event.data or event.pause for event in shrunk(network, events)])
    return 0


def _files(chosen: argparse.Namespace) -> int:
    _say("cut off at every byte:", damaged_files.truncated())
    _say("bytes flipped:", damaged_files.flipped(chosen.count, chosen.seed))
    _say("network files:", damaged_files.random_networks(chosen.count, chosen.seed))
    _say("CSV files:", damaged_files.random_tables(chosen.count, chosen.seed))
    return 0


def _kills(chosen: argparse.Namespace) -> int:
    failures = 0
    for seed in range(chosen.seed, chosen.seed + chosen.count):
        try:
            _say(seed, kill(seed, twice=seed % 2 == 0))
        except LostError as error:
            failures += 1
            _say(error)
    _say(f"{chosen.count} kills, {failures} failures")
    return int(failures > 0)


def _recordings(chosen: argparse.Namespace) -> int:
    failures = writing = unfinished = 0
    with recording_kills.Trainings() as trainings:
        for seed in range(chosen.seed, chosen.seed + chosen.count):
            try:
                found = recording_kills.kill(trainings, seed, times=1 + (seed % 5 == 0))
            except LostError as error:
                failures += 1
                _say(error)
                continue
            writing, unfinished = writing + found.writing, unfinished + bool(found.left)
            _say(seed, found)
    _say(f"{chosen.count} kills, {writing} while writing, {unfinished} left files, {failures} failures")
    return int(failures > 0)


def _letting_go(chosen: argparse.Namespace) -> int:
    for number in range(chosen.count):
        opened_and_closed(number)
        if number % 10 == 9:
            _say(f"{number + 1} closed: {memory() / MEBIBYTE:.1f} MiB, held {held()}")
    return int(any(held().values()))


if __name__ == "__main__":
    sys.exit(main())
