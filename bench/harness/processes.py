# SPDX-License-Identifier: MIT
"""Runs one measurement: a server, its clients, and what they print."""
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile


class Failed(Exception):
    """A measurement that did not come about; its text is the reason."""


class Programs:
    """The peers that were built, and the files they need while they run."""

    def __init__(self, build):
        self.folder = os.path.join(build, "bench")
        self.scratch = tempfile.mkdtemp(prefix="ipczmq-bench-")
        self.counter = os.path.join(self.folder, "libbench_allocations.so")
        self.nats = None
        self.nats_endpoint = None
        self.made = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.nats is not None:
            end(self.nats)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def path(self, peer):
        return os.path.join(self.folder, f"bench_{peer}")

    def missing(self, peer):
        """Why a peer cannot be run, or None."""
        if not os.path.exists(self.path(peer)):
            return "not built: its library was not found"
        if peer == "nats" and not nats_server():
            return "nats-server is not installed"
        return None

    def endpoint(self, peer, transport):
        self.made += 1
        if peer == "nats":
            return self.start_nats()
        if transport == "tcp":
            return "tcp://127.0.0.1:*"
        return f"{transport}://{self.scratch}/{self.made}"

    def start_nats(self):
        if self.nats is None:
            ports = os.path.join(self.scratch, "nats")
            os.makedirs(ports)
            self.nats = subprocess.Popen([nats_server(), "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", ports],
                                         stderr=subprocess.DEVNULL, start_new_session=True)
            self.nats_endpoint = wait_for_nats(self.nats, ports)
        return self.nats_endpoint


def nats_server():
    return shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/usr/local/sbin")


def wait_for_nats(process, folder):
    """The port is in a file that it writes when it listens."""
    for _ in range(100):
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                text = f.read()
            if text.strip():
                return json.loads(text)["nats"][0].replace("nats://", "tcp://")
        try:
            process.wait(timeout=0.1)
            raise Failed("nats-server ended")
        except subprocess.TimeoutExpired:
            pass
    raise Failed("nats-server does not listen")


def end(process, traced=False):
    """Kills it; a tracer is asked first, so that it writes down what it has seen."""
    if traced and process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def first_line(process, seconds):
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    return process.stdout.readline().strip() if ready else ""


def words(group, run, endpoint, ms, more):
    keys = {"work": group.work, "endpoint": endpoint, "size": group.size, "ms": ms, **group.keys, **more}
    keys.pop("idle", None)
    if run.variant:
        keys["variant"] = run.variant
    return [f"{k}={v}" for k, v in keys.items()]


def start(command, count_into=None, counter=None):
    environment = dict(os.environ)
    if "-o" in command:  # a tracer: each side writes its own file
        at = command.index("-o") + 1
        command = [*command[:at], f"{command[at]}.{'s' if 'server' in command else 'c'}", *command[at + 1:]]
    if count_into:
        environment.update(LD_PRELOAD=counter, BENCH_ALLOCATIONS=count_into)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
                            start_new_session=True)


def answer_of(client, seconds):
    try:
        out, err = client.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        end(client)
        raise Failed(f"no result within {seconds} s") from None
    if client.returncode != 0 or not out.strip():
        raise Failed(err.strip().splitlines()[-1] if err.strip() else f"ended with {client.returncode}")
    result = json.loads(out.strip().splitlines()[-1])
    if "unsupported" in result:
        raise Failed("has no equivalent")
    return result


def merged(results):
    """Of several client processes: they began together, so the slowest counts; memory is the sum seen by all."""
    if len(results) == 1:
        return results[0]
    return {"s": max(r["s"] for r in results)}


def measure(programs, group, run, ms, wrap=(), count=False):
    """One measurement: what the client printed, as a dictionary. `wrap` goes before both commands."""
    program = programs.path(run.peer)
    endpoint = programs.endpoint(run.peer, group.transport)
    scaled = round(ms * group.time_scale)
    if group.transport == "inproc":
        both = start([*wrap, program, "both", *words(group, run, endpoint, scaled, {})])
        return answer_of(both, 60 + scaled / 1000)
    counts = [os.path.join(programs.scratch, f"count{programs.made}.{side}") for side in "sc"] if count else None
    server = start([*wrap, program, "server", *words(group, run, endpoint, scaled, {})],
                   counts and counts[0], programs.counter)
    idle = None
    try:
        line = first_line(server, 30)
        if not line.startswith("ready "):
            end(server)
            raise Failed(server.stderr.read().strip() or "the server does not start")
        endpoint = line[len("ready "):]
        more = {"server": server.pid}
        if counts:
            more["allocations"] = ",".join(counts)
        if "idle" in group.keys:
            idle = idle_peers(program, endpoint, group.keys["idle"])
        return run_clients(programs, group, run, program, endpoint, scaled, more, server.pid, wrap, counts)
    finally:
        if idle:
            end(idle)
        end(server, traced=bool(wrap))


def idle_peers(program, endpoint, count):
    """A process whose connections stay, and do nothing."""
    process = start([program, "idle", f"endpoint={endpoint}", f"clients={count}"])
    if first_line(process, 60) != "ready":
        end(process)
        raise Failed("the idle peers do not connect")
    return process


def run_clients(programs, group, run, program, endpoint, ms, more, server, wrap, counts):
    n = group.processes
    if n > 1:
        more = {**more, "clients": group.keys["clients"] // n}
    before = resident_kib(server)
    clients = [start([*wrap, program, "client", *words(group, run, endpoint, ms, more)], counts and counts[1],
                     programs.counter) for _ in range(n)]
    try:
        result = merged([answer_of(c, 120) for c in clients])
    finally:
        for c in clients:
            end(c)
    if n > 1:
        result["us_per_client"] = result["s"] * 1e6 / group.keys["clients"]
        result["server_kib"] = (resident_kib(server) - before) / group.keys["clients"]
    return result


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return float(line.split()[1])
    return 0.0


def say_progress(text):
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text[:110]}")
        sys.stderr.flush()
