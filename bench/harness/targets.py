# SPDX-License-Identifier: MIT
"""The ratios to bare libzmq that we hold ourselves to, and how the run compares."""
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


def verdicts(results):
    """(what, over, measured, must, aim, word) of every row that was measured."""
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
