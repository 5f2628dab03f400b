# SPDX-License-Identifier: MIT
"""What is measured: which works, of which peers, over what, in which sizes."""
from dataclasses import dataclass, field

BASELINE = "bare"
PEERS = ["ipczmq", "bare", "socket", "shared_memory", "nng", "grpc", "capnp", "nats"]
LABELS = {"ipczmq": "ipczmq", "bare": "bare libzmq", "socket": "plain socket", "shared_memory": "shared memory",
          "nng": "nng", "grpc": "gRPC", "capnp": "Cap'n Proto", "nats": "NATS"}
PACKAGES = {"nng": "libnng-dev", "grpc": "libgrpc++-dev protobuf-compiler-grpc", "capnp": "libcapnp-dev capnproto",
            "nats": "libnats-dev nats-server"}
LIMITS = {"socket", "shared_memory"}  # what the machine can do; nobody would use them as they are

KIB, MIB = 1024, 1024 * 1024
SIZES = [32, KIB, 64 * KIB, MIB]


@dataclass(frozen=True)
class Run:
    """One process pair, and what it prints."""
    peer: str
    variant: str = ""

    @property
    def label(self):
        return LABELS[self.peer] + (f" {self.variant}" if self.variant else "")


@dataclass
class Group:
    """Runs that do the same work, and are run one right after the other in every round."""
    bench: str           # its name in tables and records
    work: str            # what the programs call it
    transport: str
    size: int
    metric: str          # the one that ratios are made of
    runs: list = field(default_factory=list)
    keys: dict = field(default_factory=dict)  # more KEY=VALUE for the programs
    processes: int = 1   # of clients
    time_scale: float = 1.0

    @property
    def smaller_is_better(self):
        return self.metric.endswith("_us") or self.metric in ("s", "us_per_client")


OURS = {
    "round trip": ["send_sync", "invoke"],
    "one-way to main": ["string", "view"],
    "one-way to renderers": ["view"],
}


def ours(bench, size):
    variants = list(OURS.get(bench, [""]))
    if size >= 64 * KIB:
        if bench == "round trip":
            variants += ["send_sync_buffer", "invoke_buffer"]
        elif bench == "pipelined calls":
            variants = ["string", "buffer"]
        else:
            variants = ["view", "buffer"]
    return [Run("ipczmq", v) for v in variants]


def others(peers, transport):
    if transport == "inproc":
        return [Run("bare")]
    return [Run(p) for p in peers if p != "ipczmq" and not (p == "shared_memory" and transport == "tcp")
            and not (p == "nats" and transport == "ipc")]


def pair_groups(peers, transports, sizes):
    for size in sizes:
        for transport in transports:
            for bench, work, metric, keys in [
                ("round trip", "round_trip", "p50_us", {}),
                ("one-way to main", "one_way", "per_s", {}),
                ("one-way to renderers", "flood", "per_s", {}),
                ("pipelined calls", "pipeline", "per_s", {"depth": 64 if size < MIB else 8}),
                ("pipelined calls", "pipeline", "per_s", {"depth": 512}),
            ]:
                if keys.get("depth") == 512 and size > KIB:
                    continue
                name = bench if not keys else f"{bench}, {keys['depth']} in flight"
                yield Group(name, work, transport, size, metric, ours(bench, size) + others(peers, transport), keys)


def crowd_groups(peers, transports, sizes, clients, fan_in):
    runs = [Run(p) for p in ("ipczmq", "bare") if p in peers]
    for transport in transports:
        if transport == "inproc":
            continue
        for size in sizes:
            total = 1000000 if size <= 32 else 100000 if size <= KIB else 8000
            for n in clients:
                yield Group(f"broadcast to {n}", "broadcast", transport, size, "per_s", runs,
                            {"clients": n, "count": total})
            for n in fan_in:
                yield Group(f"fan-in from {n}", "fan_in", transport, size, "per_s", runs, {"clients": n, "count": total})


def connect_groups(peers, transports, counts):
    runs = [Run(p) for p in ("ipczmq", "bare") if p in peers]
    for transport in transports:
        if transport != "inproc":
            for n in counts:
                yield Group(f"connect {n}", "connect", transport, 32, "s", runs, {"clients": n},
                            processes=4 if n > 2000 else 1)


def growth_groups(channels, listeners, idle):
    """How the cost of ours grows; there is nothing to compare with."""
    for n in channels:
        yield Group(f"{n} channels", "one_way", "ipc", 32, "per_s", [Run("ipczmq", "channels")], {"count": n})
    for n in listeners:
        yield Group(f"{n} listeners of a channel", "one_way", "ipc", 32, "per_s", [Run("ipczmq", "listeners")],
                    {"count": n})
    for n in idle:
        yield Group(f"round trip beside {n} idle peers", "round_trip", "ipc", 32, "p50_us",
                    [Run("ipczmq", "send_sync"), Run("bare")], {"idle": n})


def all_groups(peers, quick):
    if quick:
        groups = list(pair_groups(peers, ["ipc"], [32, 64 * KIB])) + list(pair_groups(peers, ["tcp"], [32]))
        groups += list(crowd_groups(peers, ["ipc"], [32], [64], [8]))
        groups += list(connect_groups(peers, ["ipc"], [1000]))
        return groups
    groups = list(pair_groups(peers, ["ipc", "tcp"], SIZES)) + list(pair_groups(peers, ["inproc"], [32, 64 * KIB]))
    groups += list(crowd_groups(peers, ["ipc"], [32, KIB, 64 * KIB], [1, 8, 64, 256], [1, 8, 64]))
    groups += list(crowd_groups(peers, ["tcp"], [32], [64], [8]))
    groups += list(connect_groups(peers, ["ipc", "tcp"], [1000])) + list(connect_groups(peers, ["ipc"], [10000]))
    groups += list(growth_groups([10, 1000, 100000], [1, 10, 100], [1, 100, 1000]))
    return groups
