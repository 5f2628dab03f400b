# SPDX-License-Identifier: MIT
"""What the tests share: endpoints of their own, a main and a renderer in one process, programs as children."""
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

import ipczmq

WAIT_SECONDS = 30


def eventually(condition, seconds=WAIT_SECONDS):
    """Whether `condition` becomes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


class Pair:
    def __init__(self, endpoint, **options):
        self.main = ipczmq.IpcMain(endpoint, **options)
        self.renderer = ipczmq.IpcRenderer(endpoint, **options)
        self.errors = []
        self.main.on_error(self.errors.append)

    def go(self):
        """Both dispatch on threads of their own."""
        self.main.start()
        self.renderer.start()
        return self

    def contents(self):
        assert eventually(lambda: self.main.from_identity(self.renderer.identity) is not None)
        return self.main.from_identity(self.renderer.identity)

    def close(self):
        self.renderer.close()
        self.main.close()


@pytest.fixture
def endpoint(tmp_path):
    return f"ipc://{tmp_path}/main"


@pytest.fixture
def pair(endpoint):
    made = Pair(endpoint, linger=0.5)
    yield made
    made.close()


class Child:
    """A Python program with `endpoint` and `ipczmq` at hand, whose lines are read one by one."""

    def __init__(self, endpoint, program):
        text = f"import asyncio, os, sys, threading, time\nimport ipczmq\nendpoint = {endpoint!r}\n"
        self.process = subprocess.Popen([sys.executable, "-u", "-c", text + textwrap.dedent(program)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)

    def line(self):
        return self.process.stdout.readline().rstrip("\n")

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def end(self, seconds=WAIT_SECONDS):
        """(exit code, what else it said, what it complained)"""
        try:
            said, complained = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            said, complained = self.process.communicate()
            return "it does not end", said, complained
        return self.process.returncode, said, complained

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def child(endpoint):
    made = []

    def start(program):
        made.append(Child(endpoint, program))
        return made[-1]

    yield start
    for each in made:
        each.kill()


def descriptors():
    return len(os.listdir("/proc/self/fd"))
