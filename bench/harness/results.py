# SPDX-License-Identifier: MIT
"""From what the programs printed in each round to records: medians, spreads, ratios."""
import statistics

from .works import BASELINE, LABELS

# The other way round for these: more is better.
RATES = {"per_s", "mb_per_s"}
REPORTED = ["p50_us", "p90_us", "p99_us", "p999_us", "per_s", "mb_per_s", "s", "us_per_client", "server_kib", "cpu_us",
            "switches"]


class Results:
    def __init__(self):
        self.rounds = {}    # (group key, run) -> one dictionary a round, None where it failed
        self.groups = {}    # group key -> group
        self.skipped = {}   # peer -> why
        self.failures = {}  # (group key, run) -> the last reason

    @staticmethod
    def key(group):
        return (group.bench, group.transport, group.size)

    def add(self, group, run, result, why=None):
        key = self.key(group)
        self.groups[key] = group
        self.rounds.setdefault((key, run), []).append(result)
        if why:
            self.failures[(key, run)] = why

    def of(self, key, run, metric):
        return [r.get(metric) if r else None for r in self.rounds.get((key, run), [])]

    def baseline(self, key):
        return next((run for k, run in self.rounds if k == key and run.peer == BASELINE), None)

    def records(self):
        """One record per measurement, as in the JSON file."""
        return [record for (key, run) in self.rounds for metric in REPORTED
                if (record := self.record(key, run, metric)) is not None]

    def record(self, key, run, metric):
        per_round = self.of(key, run, metric)
        values = [v for v in per_round if v is not None]
        if not values:
            return None
        bench, transport, size = key
        record = {"bench": bench, "peer": run.peer, "label": LABELS[run.peer], "variant": run.variant,
                  "transport": transport, "size": size, "metric": metric, "rounds": len(values),
                  "median": statistics.median(values), "min": min(values), "max": max(values)}
        bare = self.baseline(key)
        if bare is not None:
            ratios = [v / b for v, b in zip(per_round, self.of(key, bare, metric)) if v is not None and b]
            others = [b for b in self.of(key, bare, metric) if b]
            if ratios and others:
                record.update(ratio=record["median"] / statistics.median(others),
                              ratio_min=min(ratios), ratio_max=max(ratios))
        return record

    def ratio(self, bench, transport, size, peer, variant, metric):
        for (key, run) in self.rounds:
            if key == (bench, transport, size) and run.peer == peer and run.variant == variant:
                record = self.record(key, run, metric)
                return record.get("ratio") if record else None
        return None


def spread(record):
    """Half the distance from smallest to largest, of the median: what one may believe."""
    if not record["median"]:
        return 0
    return (record["max"] - record["min"]) / 2 / record["median"] * 100
