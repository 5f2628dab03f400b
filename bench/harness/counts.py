# SPDX-License-Identifier: MIT
"""Counts that noise does not touch: allocations and system calls per message."""
import os
import re
import shutil
import statistics

from .processes import Failed, measure
from .works import KIB, Group, Run

WORKS = [
    ("send_sync round trip", "round_trip", 32, "send_sync", {}),
    ("invoke round trip", "round_trip", 32, "invoke", {}),
    ("one-way to main", "one_way", 32, "view", {}),
    ("one-way to main", "one_way", KIB, "view", {}),
    ("one-way to main", "one_way", 64 * KIB, "buffer", {}),
    ("one-way to renderers", "flood", 32, "view", {}),
    ("pipelined calls, 64 in flight", "pipeline", 32, "", {"depth": 64}),
]
HEADER = ["", "", "allocations each", "of these operator new", "system calls each"]


def groups():
    for bench, work, size, variant, keys in WORKS:
        for peer in ("ipczmq", "bare"):
            run = Run(peer, variant if peer == "ipczmq" else "")
            yield run, Group(bench, work, "ipc", size, "p50_us", [run], dict(keys))


def system_calls(programs, group, run):
    """Per message, of both processes: what a run of more messages makes more. None where that cannot be said. Tracing
    slows the processes down, and may so change what they do."""
    strace = shutil.which("strace")
    if strace is None or group.work not in ("round_trip", "one_way"):
        return None
    few, many = (200, 2200) if group.work == "round_trip" else (2000, 42000)
    calls = []
    for count in (few, many):
        file = os.path.join(programs.scratch, "strace")
        traced = Group(group.bench, group.work, group.transport, group.size, group.metric, [run],
                       {**group.keys, "count": count})
        measure(programs, traced, run, 100, wrap=[strace, "-f", "-c", "-qq", "-I", "2", "-o", file])
        files = [os.path.join(programs.scratch, n) for n in os.listdir(programs.scratch) if n.startswith("strace.")]
        found = [total_calls(open(f, encoding="utf-8").read()) for f in files]
        for f in files:
            os.remove(f)
        if len(found) != 2 or None in found:
            return None
        calls.append(sum(found))
    return (calls[1] - calls[0]) / (many - few)


def total_calls(text):
    """The last line of strace -c: its fourth column, or the third where no call failed."""
    for line in reversed(text.splitlines()):
        if found := re.match(r"\s*100\.00\s+\S+\s+\S*\s*(\d+)\s+(?:\d+\s+)?total", line):
            return int(found.group(1))
    return None


def median_of(results, name):
    values = [r[name] for r in results if name in r]
    return statistics.median(values) if values else None


def allocations(programs, group, run, rounds=3):
    results = [measure(programs, group, run, 200, count=True) for _ in range(rounds)]
    return median_of(results, "allocations"), median_of(results, "news")


__all__ = ["Failed", "HEADER", "allocations", "groups", "system_calls", "total_calls"]
