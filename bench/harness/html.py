# SPDX-License-Identifier: MIT
"""The report as one HTML file with its plots in it: no script, nothing loaded from elsewhere."""
import html
import re

from .table import human, rows_of, size_name, title
from .works import BASELINE, LIMITS

COLOURS = {"ipczmq": "#c0392b", "bare": "#7f8c8d", "socket": "#bdc3c7", "shared_memory": "#d5d8dc", "nng": "#2e86c1",
           "grpc": "#28b463", "capnp": "#d68910", "nats": "#8e44ad"}
STYLE = """body{font:14px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:.5em 0 1.5em}td,th{padding:.15em .7em;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}.missed{color:#c0392b;font-weight:bold}.aim{color:#1e8449}
figure{display:inline-block;margin:.5em 1em .5em 0;vertical-align:top}figcaption{font-weight:600}
svg text{font:11px system-ui,sans-serif}"""
QUANTILES = [("p50_us", "50"), ("p90_us", "90"), ("p99_us", "99"), ("p999_us", "99.9")]


def text(x, y, words, anchor="start", colour="#222"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{html.escape(str(words))}</text>'


def figure(caption, width, height, parts):
    return (f'<figure><figcaption>{html.escape(caption)}</figcaption><svg width="{width}" height="{height}" '
            f'role="img" aria-label="{html.escape(caption)}">{"".join(parts)}</svg></figure>')


def ratio_bars(results, key):
    """One bar a peer, on a scale that ends at four times the baseline or our own, whichever is more."""
    group = results.groups[key]
    bars = [(run, r) for run in group.runs if (r := results.record(key, run, group.metric)) and "ratio" in r]
    if len(bars) < 2:
        return ""
    widest = max([4.0, *[r["ratio"] * 1.1 for run, r in bars if run.peer == "ipczmq"]])
    left, full, step = 150, 240, 20
    parts = []
    for i, (run, r) in enumerate(bars):
        y = i * step + 4
        length = min(r["ratio"], widest) / widest * full
        parts.append(text(left - 6, y + 12, run.label, "end"))
        parts.append(f'<rect x="{left}" y="{y}" width="{max(length, 1):.1f}" height="{step - 5}" '
                     f'fill="{COLOURS[run.peer]}"/>')
        more = " →" if r["ratio"] > widest else ""
        parts.append(text(left + length + 4, y + 12, f"{r['ratio']:.2f}{more}"))
    one = left + full / widest
    parts.append(f'<line x1="{one:.1f}" x2="{one:.1f}" y1="0" y2="{len(bars) * step}" stroke="#222" '
                 'stroke-dasharray="3 3"/>')
    sense = "smaller is better" if group.smaller_is_better else "larger is better"
    return figure(f"{title(key)} ({sense})", left + full + 60, len(bars) * step + 6, parts)


def curve(caption, lines, labels, unit):
    """Values that share their positions on the x axis; the y axis is logarithmic."""
    import math
    values = [v for _, _, points in lines for v in points if v]
    if not values:
        return ""
    low, high = math.log10(min(values)) - 0.05, math.log10(max(values)) + 0.05
    left, top, width, height = 60, 10, 300, 180

    def at(i, v):
        return (left + i * width / max(1, len(labels) - 1),
                top + height - (math.log10(v) - low) / max(high - low, 1e-9) * height)
    parts = [f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#ccc"/>']
    parts += [text(at(i, 10 ** low)[0], top + height + 15, label, "middle") for i, label in enumerate(labels)]
    parts += [text(left - 5, at(0, v)[1] + 4, human(v), "end") for v in (min(values), max(values))]
    parts.append(text(left - 5, top + height / 2, unit, "end"))
    for n, (name, colour, points) in enumerate(lines):
        place = [at(i, v) for i, v in enumerate(points) if v]
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="' +
                     " ".join(f"{x:.1f},{y:.1f}" for x, y in place) + '"/>')
        parts.append(f'<rect x="{left + width + 12}" y="{top + n * 16}" width="10" height="10" fill="{colour}"/>')
        parts.append(text(left + width + 26, top + n * 16 + 10, name))
    return figure(caption, left + width + 160, top + height + 25, parts)


def percentiles(results, key):
    group = results.groups[key]
    lines = []
    for n, run in enumerate(group.runs):
        records = [results.record(key, run, metric) for metric, _ in QUANTILES]
        if run.peer not in LIMITS and all(records):
            colour = COLOURS[run.peer] if n == 0 or run.peer != "ipczmq" else "#e67e73"
            lines.append((run.label, colour, [r["median"] for r in records]))
    return curve(f"percentiles: {title(key)}", lines, [label for _, label in QUANTILES], "µs")


def growth(results):
    """What a message costs as channels, listeners and peers grow."""
    families = {}
    for key in results.groups:
        if found := re.match(r"(?:round trip beside |broadcast to |fan-in from |connect )?(\d+)\s*(.*)", key[0]):
            family = (key[0].replace(found.group(1), "N", 1), *key[1:])
            families.setdefault(family, []).append((int(found.group(1)), key))
    for (name, transport, size), members in families.items():
        members.sort()
        if len(members) < 2:
            continue
        runs = results.groups[members[0][1]].runs
        metric = results.groups[members[0][1]].metric
        lines = []
        for run in runs:
            records = [results.record(key, run, metric) for _, key in members]
            if all(records):
                cost = [1e6 / r["median"] if metric == "per_s" else r["median"] for r in records]
                lines.append((run.label, COLOURS[run.peer], cost))
        unit = "s" if metric == "s" else "µs each"
        yield curve(f"{name}, {size_name(size)}, {transport}", lines, [str(n) for n, _ in members], unit)


def table(header, rows):
    def cells(row, kind):
        return "<tr>" + "".join(f"<{kind}>{html.escape(str(c))}</{kind}>" for c in row) + "</tr>"
    return "<table>" + cells(header, "th") + "".join(cells(r, "td") for r in rows) + "</table>"


def verdict_table(header, rows):
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(c))}</td>" for c in row[:-1]) +
                   f'<td class="{row[-1]}">{row[-1]}</td></tr>' for row in rows)
    return "<table><tr>" + "".join(f"<th>{html.escape(h)}</th>" for h in header) + f"</tr>{body}</table>"


def page(results, about, verdict_header, verdicts, count_header, counts):
    keys = list(results.groups)
    out = ["<!doctype html><html lang=en><meta charset=utf-8><title>ipczmq: measurements</title>",
           f"<style>{STYLE}</style><h1>ipczmq: measurements</h1>", table(("", ""), about)]
    if results.skipped:
        out += ["<h2>Skipped</h2>", table(("peer", "why"), results.skipped.items())]
    out += ["<h2>Against what it must reach</h2>", verdict_table(verdict_header, verdicts)]
    out += [f"<h2>Ratios to {BASELINE} libzmq</h2>", *[ratio_bars(results, key) for key in keys]]
    out += ["<h2>Percentiles</h2>", *[percentiles(results, k) for k in keys if results.groups[k].work == "round_trip"]]
    out += ["<h2>As the work grows</h2>", *growth(results)]
    if counts:
        out += ["<h2>Counted</h2>", table(count_header, counts)]
    out.append("<h2>Everything</h2>")
    for key in keys:
        out += [f"<h3>{html.escape(title(key))}</h3>", table(*rows_of(results, key))]
    return "\n".join(out)
