#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the C example as two processes, and compares what they say with what they should.

Usage: run_test.py MAIN RENDERER [LIBRARY]. With LIBRARY, RENDERER is a Python script that loads it.
"""
import os
import subprocess
import sys
import tempfile

WAIT_SECONDS = 40
REFUSED = "Error invoking remote method 'sum': TypeError: sum() takes integers"
MAIN = ["ping", "ping", "clean-exit", "sum was called 2 times"]
RENDERER = {
    "c": ['"pong"', "42", REFUSED, "TypeError, sum() takes integers", '["pong"]'],
    "ctypes": ["pong", "42", REFUSED, "['pong']"],
}


def finish(process):
    try:
        said, complained = process.communicate(timeout=WAIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        said, complained = process.communicate()
    return process.returncode, said.splitlines(), complained.splitlines()


def main():
    main_program, renderer, *library = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="ipczmq-") as folder:
        environment = dict(os.environ, IPCZMQ_ENDPOINT=f"ipc://{folder}/endpoint")

        def start(*command):
            return subprocess.Popen(command, env=environment, text=True, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        processes = [start(main_program), start(*([sys.executable] if library else []), renderer, *library)]
        ended = [finish(p) for p in reversed(processes)][::-1]
    wanted = [(0, MAIN, []), (0, RENDERER["ctypes" if library else "c"], [])]
    for got, want in zip(ended, wanted):
        if got != want:
            print(f"got     {got}\nwanted  {want}")
    print(f"{len(processes)} processes, {sum(g != w for g, w in zip(ended, wanted))} problems")
    return 0 if ended == wanted else 1


if __name__ == "__main__":
    sys.exit(main())
