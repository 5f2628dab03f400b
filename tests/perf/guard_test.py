#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the hot paths to what they cost when they were last improved: guard_test.py allocations|instructions HOT_PATHS
COMPILER [--record].

Allocations are counted by the program itself. Instructions are counted by callgrind, which noise does not touch; they
depend on compiler and options, so they are compared for those they were recorded with only."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

RECORDED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded.json")
SKIP = 77
MESSAGES = {"events": 25600, "calls": 2000}
COUNTED = {"hot_send": "events", "hot_receive": "events", "hot_call": "calls"}
TOLERANCE = 1.05      # of instructions
ROUNDING = 0.001      # of allocations: what is amortised over many messages
# Meson has malloc fill what it hands out, which is counted then.
PLAIN = {k: v for k, v in os.environ.items() if k != "MALLOC_PERTURB_"}
WARM = {"events": 4 * 256, "calls": 64}


def allocations(program):
    found = {}
    for path in MESSAGES:
        out = subprocess.run([program, path, str(MESSAGES[path])], check=True, capture_output=True, text=True,
                             env=PLAIN).stdout
        found.update(json.loads(out))
    return found


def instructions(program):
    """Per message, of each counted function and all it calls."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for function, path in COUNTED.items():
            messages = MESSAGES[path] // 10
            messages -= messages % 256 if path == "events" else 0
            file = os.path.join(folder, function)
            subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={file}", "--collect-atstart=no",
                            f"--toggle-collect={function}", program, path, str(messages)],
                           check=True, capture_output=True, env=PLAIN)
            with open(file, encoding="utf-8") as f:
                total = re.search(r"^(?:totals|summary):\s+(\d+)", f.read(), re.MULTILINE)
            found[function] = round(int(total.group(1)) / (messages + WARM[path]), 1)
    return found


def skip(why):
    print(why)
    sys.exit(SKIP)


def compare(what, found, recorded, worst):
    failed = False
    for name, value in found.items():
        bound = worst(recorded[name])
        word = "more than" if value > bound else "within"
        print(f"{what} per message: {name}: {value}, {word} {bound:.4g} (recorded: {recorded[name]})")
        failed = failed or value > bound
    if failed:
        print(f"{what} have grown. If there is no way around it: {os.path.basename(__file__)} … --record, and say why")
    return failed


def main():
    what, program, compiler = sys.argv[1:4]
    with open(RECORDED, encoding="utf-8") as f:
        recorded = json.load(f)
    if what == "instructions":
        if shutil.which("valgrind") is None:
            skip("valgrind is not installed")
        if compiler != recorded["compiler"] and "--record" not in sys.argv:
            skip(f"recorded with {recorded['compiler']}, and this is {compiler}")
    found = allocations(program) if what == "allocations" else instructions(program)
    if "--record" in sys.argv:
        recorded.update({what: found, "compiler": compiler} if what == "instructions" else {what: found})
        with open(RECORDED, "w", encoding="utf-8") as f:
            json.dump(recorded, f, indent=2)
            f.write("\n")
        print(json.dumps(found))
        return
    if what == "allocations":
        failed = compare(what, found, recorded[what], lambda r: r + ROUNDING)
    else:
        failed = compare(what, found, recorded[what], lambda r: r * TOLERANCE)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
