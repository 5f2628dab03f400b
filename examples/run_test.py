#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one example as real processes on an endpoint of their own, and compares what each says with what it should.

Usage: run_test.py NAME MAIN_PROGRAM RENDERER_PROGRAM
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

WAIT_SECONDS = 40


class Program:
    """A process to be started: its role, arguments, the lines it prints, and whether it ends by itself."""

    def __init__(self, role, lines, *arguments, ends):
        self.role, self.lines, self.arguments, self.ends = role, lines, arguments, ends
        self.name = " ".join((role, *arguments))
        self.process = self.path = None

    def start(self, program, folder):
        self.path = os.path.join(folder, self.name)
        environment = dict(os.environ, IPCZMQ_ENDPOINT=f"ipc://{folder}/endpoint")
        with open(self.path, "w", encoding="utf-8") as out, open(self.path + ".err", "w", encoding="utf-8") as err:
            self.process = subprocess.Popen([program, *self.arguments], env=environment, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=err)

    def said(self, stream=""):
        with open(self.path + stream, encoding="utf-8") as file:
            return file.read().splitlines()

    def finished(self):
        """Whether it has said everything, and has ended if it is one that ends."""
        return len(self.said()) >= len(self.lines) and (not self.ends or self.process.poll() is not None)

    def problems(self):
        if self.said() != self.lines:
            yield "said " + "\n  ".join(["", *self.said(), "instead of", *self.lines])
        if self.said(".err"):
            yield "complained " + "\n  ".join(["", *self.said(".err")])
        if self.ends and self.process.poll() != 0:
            yield "did not end" if self.process.poll() is None else f"ended with {self.process.returncode}"
        if not self.ends and self.process.poll() is not None:
            yield f"ended by itself, with {self.process.returncode}"

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def main(*lines, ends=False):
    return Program("main", list(lines), ends=ends)


def renderer(*lines, arguments=(), ends=True):
    return Program("renderer", list(lines), *arguments, ends=ends)


INVOKE = "Error invoking remote method"
SYNC = "Error sending synchronous message"

EXAMPLES = {
    "quickstart": [
        main("ping", "ping"),
        renderer("pong", "pong", ends=False),
    ],
    "invoke_struct": [
        main("order of Ada: 2 items", "order of Grace: 1 items"),
        renderer("receipt 1: 13 pieces, thank you, Ada (no bag)", "receipt 2: thank you, Grace"),
    ],
    "errors": [
        main("Attempted to register a second handler for 'divide'",
             "on_error: channel 'log': argument 1: wanted int32, got string",
             "level 3"),
        renderer(f"{INVOKE} 'open': Error: there is no file notes.txt",
                 "RangeError, division by zero, data 7",
                 f"{INVOKE} 'multiply': Error: No handler registered for 'multiply'",
                 f"{SYNC} 'divide': Error: nobody in 'main' listens on 'divide' (on, not handle: invoke calls handlers)",
                 f"{SYNC} 'forgetful': Error: every listener of 'forgetful' has returned, and none has answered",
                 f"{INVOKE} 'divide': Error: channel 'divide': argument 1: wanted int32, got string",
                 "channel 'divide': the answer: wanted string, got integer",
                 "invoke('never'): the deadline passed",
                 "(trying again may help)",
                 "invoke('never'): cancelled by the caller"),
    ],
    "push": [
        main("news went to 2", "a window has gone: clean-exit", "a window has gone: clean-exit", ends=True),
        renderer("note: hello, left", "news: two windows are open", "note: for the left one only", arguments=["left"]),
        renderer("note: hello, right", "news: two windows are open", arguments=["right"]),
    ],
    "publish_subscribe": [
        main("weather went to 1", "sports went to 0", "weather went to 0", "sports went to 1"),
        renderer("weather reached 1", "sports reached 0", "weather reached 0", "sports reached 1", "sports: 2:1"),
    ],
    "workers": [
        main(),
        renderer("water at once", f"{INVOKE} 'brew': Error: not at work", "coffee is ready", "tea is ready"),
    ],
    "supervised_main": [
        main("the first task", "something that ends main", "main 1 ended with signal 6, starting it again",
             "the second task", ends=True),
        renderer("main 1 is there", "the first task: done", "something that ends main: main did not survive it",
                 "main 2 is there", "the second task: done"),
    ],
    "windows": [
        main("title: Pictures", "Pictures shows 1", "Pictures shows 2", "Pictures shows 1", ends=True),
        renderer("file: /home/ada/picture.png", "file: cancelled", "counter: 1"),
    ],
    "progress": [
        main("film: stopped", ends=True),
        renderer("song [          ] 0 %", "song [##        ] 20 %", "song [####      ] 40 %", "song [######    ] 60 %",
                 "song [########  ] 80 %", "song is exported", "film [          ] 0 %", "film [##        ] 20 %",
                 "invoke('export'): cancelled by the caller"),
    ],
    "camera": [
        main("100 frames came whole", ends=True),
        renderer("100 of 100 frames arrived"),
    ],
    "supervisor": [
        # It starts the renderers itself.
        main("attempt 1", "worker-1 is gone: crashed", "attempt 2", "worker-2 is gone: crashed", "attempt 3",
             "the work is done", "worker-3 is gone: clean-exit", ends=True),
    ],
    "coroutines": [
        main(ends=True),
        renderer("asked: 6 times 7?", arguments=["ada"]),
        renderer("ada says: 42", "LookupError: nobody is called nobody at all", arguments=["grace"]),
    ],
    "asio_loop": [
        main("closed", ends=True),
        renderer("green tea is ready", "black tea is ready"),
    ],
    "qt_loop": [
        main("finished", ends=True),
        renderer("three ticks came", "goodbye"),
    ],
    "poll_loop": [
        main("finished", ends=True),
        renderer("three ticks came", "goodbye"),
    ],
}


def run(programs, files, folder):
    for program in programs:
        program.start(files[program.role], folder)
    give_up = time.monotonic() + WAIT_SECONDS
    while not all(p.finished() for p in programs) and time.monotonic() < give_up:
        time.sleep(0.01)
    return [f"{p.name}: {problem}" for p in programs for problem in p.problems()]


def test(name, main_program, renderer_program):
    programs = EXAMPLES[name]
    folder = tempfile.mkdtemp(prefix="ipczmq-")
    try:
        found = run(programs, {"main": main_program, "renderer": renderer_program}, folder)
    finally:
        for program in programs:
            program.kill()
        shutil.rmtree(folder)
    for problem in found:
        print(problem)
    print(f"{name}: {len(programs)} processes, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(test(*sys.argv[1:]))
