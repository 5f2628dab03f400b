# SPDX-License-Identifier: MIT
"""Results as text: for the terminal, and the same as Markdown."""
from .results import spread


def human(value):
    if value is None:
        return "–"
    if value >= 1e6:
        return f"{value / 1e6:.2f} M"
    if value >= 1e4:
        return f"{value / 1e3:.0f} k"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def size_name(size):
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit:
            return f"{size // unit} {name}"
    return f"{size} B"


def extra_columns(group):
    if group.work == "round_trip":
        return [("p90_us", "p90"), ("p99_us", "p99"), ("p999_us", "p99.9")]
    if group.work == "connect":
        return [("us_per_client", "µs each"), ("server_kib", "KiB each in main")]
    return [("mb_per_s", "MB/s")]


def rows_of(results, key):
    """Header and rows of one group."""
    group = results.groups[key]
    more = extra_columns(group)
    main = {"p50_us": "p50 µs", "per_s": "messages/s", "s": "s"}[group.metric]
    header = ["", main, "± %", "ratio", "of rounds", *[name for _, name in more], "CPU µs each", "switches each"]
    rows = []
    for run in group.runs:
        record = results.record(key, run, group.metric)
        if record is None:
            if (key, run) in results.failures:
                rows.append([run.label, results.failures[(key, run)]] + [""] * (len(header) - 2))
            continue
        others = [results.record(key, run, metric) for metric in (*[m for m, _ in more], "cpu_us", "switches")]
        ratio = f"{record['ratio']:.2f}" if "ratio" in record else ""
        span = f"{record['ratio_min']:.2f} – {record['ratio_max']:.2f}" if "ratio" in record else ""
        rows.append([run.label, human(record["median"]), f"{spread(record):.0f}", ratio, span,
                     *[human(o["median"]) if o else "" for o in others]])
    return header, rows


def title(key):
    bench, transport, size = key
    return f"{bench}, {size_name(size)}, {transport}"


def as_text(results):
    out = []
    for key in results.groups:
        header, rows = rows_of(results, key)
        widths = [max(len(str(line[i])) for line in [header, *rows] if line[1:] and len(line) > i)
                  for i in range(len(header))]
        widths[1] = min(widths[1], 12)
        out.append(title(key))
        for line in [header, *rows]:
            out.append("  " + line[0].ljust(widths[0]) + "".join("  " + str(c).rjust(w) for c, w in
                                                                 zip(line[1:], widths[1:])))
        out.append("")
    return "\n".join(out)


def rows_as_markdown(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    return "\n".join(lines + ["| " + " | ".join(str(c) for c in row) + " |" for row in rows]) + "\n"


def as_markdown(results):
    return "\n".join(f"#### {title(key)}\n\n{rows_as_markdown(*rows_of(results, key))}" for key in results.groups)
