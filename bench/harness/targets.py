# SPDX-License-Identifier: MIT
"""What we hold ourselves to, most of it as ratios to bare libzmq, and how the run compares."""
from .works import KIB, MIB

VIEW, STRING, BUFFER = "view", "string", "buffer"
SMALLER, LARGER = "≤", "≥"

# bench, size, variant, metric, sense, must, aim
ROWS = [
    ("round trip", 32, "send_sync", "p50_us", SMALLER, 1.15, 1.05),
    ("round trip", 32, "send_sync", "p99_us", SMALLER, 1.4, 1.2),
    ("round trip", 32, "invoke", "p50_us", SMALLER, 1.15, 1.05),
    ("round trip", 32, "invoke", "p99_us", SMALLER, 1.4, 1.2),
    ("round trip", 64 * KIB, "invoke_buffer", "p50_us", SMALLER, 1.15, 1.05),
    ("round trip", MIB, "invoke_buffer", "p50_us", SMALLER, 1.15, 1.0),
    ("one-way to main", 32, STRING, "per_s", LARGER, 3, 5),
    ("one-way to main", 32, VIEW, "per_s", LARGER, 4, 6),
    ("one-way to main", KIB, VIEW, "per_s", LARGER, 3, 4),
    ("one-way to main", 64 * KIB, BUFFER, "per_s", LARGER, 1.3, 1.8),
    ("one-way to main", MIB, BUFFER, "per_s", LARGER, 1.1, 1.5),
    ("pipelined calls, 64 in flight", 32, "", "per_s", LARGER, 1.4, 1.7),
    ("pipelined calls, 512 in flight", 32, "", "per_s", LARGER, 2.5, 4),
    ("broadcast to 64", 32, "", "per_s", LARGER, 3, 5),
    ("connect 10000", 32, "", "s", SMALLER, 1.3, 1.1),
]


def verdicts(results, counted):
    """(what, over, measured, must, aim, word) of every row that was measured."""
    yield from ratios(results)
    yield from memory(results)
    yield from counts(counted)


def judged(value, must, aim):
    return "aim" if value <= aim else "must" if value <= must else "missed"


def memory(results):
    """What an idle renderer costs main beyond libzmq's own."""
    for clients in (1000, 10000):
        key = (f"connect {clients}", "ipc", 32)
        seen = {run.peer: record["median"] for (k, run) in results.rounds
                if k == key and (record := results.record(key, run, "server_kib"))}
        if {"ipczmq", "bare"} <= seen.keys():
            more = seen["ipczmq"] - seen["bare"]
            yield (f"memory per idle renderer, beyond bare libzmq, of {clients}", "ipc", f"{more:.1f} KiB", "≤ 6 KiB",
                   "≤ 3 KiB", judged(more, 6, 3))


def counts(counted):
    """Of what bench/run counted: rows of (bench, peer, allocations, operator new, system calls)."""
    calls = {(bench, peer.split()[0]): row for bench, peer, *row in counted}
    for (bench, peer), row in calls.items():
        theirs = calls.get((bench, "bare"))
        if peer != "ipczmq" or theirs is None:
            continue
        if "round trip" in bench and "–" not in (row[2], theirs[2]):
            more = float(row[2]) - float(theirs[2])
            yield (f"system calls of a {bench.split(',')[0]} beyond bare", "ipc", f"{more:+.1f}", "≤ +4", "≤ +0",
                   judged(more, 4, 0))
        if "one-way" in bench and ", 32 B" in bench:
            news = float(row[1])
            yield (f"operator new per message, {bench.split(',')[0]}", "ipc", f"{news:.3f}", "≤ 0.05", "≤ 0.05",
                   judged(news, 0.05, 0.05))


def ratios(results):
    for bench, size, variant, metric, sense, must, aim in ROWS:
        for transport in ("ipc", "tcp"):
            ratio = results.ratio(bench, transport, size, "ipczmq", variant, metric)
            if ratio is None:
                continue
            reached = (lambda bound: ratio <= bound) if sense == SMALLER else (lambda bound: ratio >= bound)
            word = "aim" if reached(aim) else "must" if reached(must) else "missed"
            what = f"{bench}, {size_of(size)}" + (f", {variant}" if variant else "") + \
                   (f", {metric.removesuffix('_us')}" if metric.endswith("_us") else "")
            yield what, transport, f"{ratio:.2f}", f"{sense} {must}", f"{sense} {aim}", word


def size_of(size):
    return f"{size} B" if size < KIB else f"{size // KIB} KiB" if size < MIB else f"{size // MIB} MiB"


HEADER = ("work, ratio to bare libzmq", "over", "measured", "must", "aim", "reached")
