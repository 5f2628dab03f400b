#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every public header compiles alone, and all of them compile fast.

Usage: headers_test.py alone|time ROOT COMPILER...
"""
import os
import subprocess
import sys
import tempfile

ROUNDS = 5
MOST = 1.5
OPTIONAL = {"asio.hpp": "#include <asio.hpp>", "libuv.hpp": "#include <uv.h>"}


def compiled(root, compiler, text, *arguments):
    command = [*compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-DMSGPACK_NO_BOOST", f"-I{root}/core/include",
               *arguments, "-x", "c++", "-"]
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def alone(root, compiler):
    folder = os.path.join(root, "core/include/ipczmq")
    headers = sorted(os.path.relpath(os.path.join(where, name), folder)
                     for where, _, names in os.walk(folder) for name in names if name.endswith(".hpp"))
    failed = 0
    for header in headers:
        needs = OPTIONAL.get(header)
        if needs and compiled(root, compiler, needs + "\n", "-fsyntax-only").returncode != 0:
            print(f"left out: {header}: what it is for is not installed ({needs})")
            continue
        # detail/packing.hpp and reading.hpp are parts of convert.hpp.
        if header in ("detail/packing.hpp", "detail/reading.hpp"):
            continue
        done = compiled(root, compiler, f"#include <ipczmq/{header}>\n#include <ipczmq/{header}>\n", "-fsyntax-only")
        print(f"{'FAILED' if done.returncode else 'ok'}: {header}" + (f"\n{done.stdout[:3000]}" if done.returncode else ""))
        failed += done.returncode != 0
    return failed


def fastest(root, compiler, header, folder):
    """One round: processor time, which other programs on the machine do not add to."""
    before = os.times()
    done = compiled(root, compiler, f"#include <{header}>\n", "-c", "-o", os.path.join(folder, "out.o"))
    if done.returncode != 0:
        sys.exit(done.stdout)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def compile_time(root, compiler):
    best = {"ipczmq/ipczmq.hpp": float("inf"), "msgpack.hpp": float("inf")}
    with tempfile.TemporaryDirectory(prefix="ipczmq-") as folder:
        for _ in range(ROUNDS):
            for header in best:
                best[header] = min(best[header], fastest(root, compiler, header, folder))
    ratio = best["ipczmq/ipczmq.hpp"] / best["msgpack.hpp"]
    print(f"fastest of {ROUNDS}: ipczmq.hpp {best['ipczmq/ipczmq.hpp']:.2f} s, msgpack.hpp {best['msgpack.hpp']:.2f} s, "
          f"ratio {ratio:.2f} (at most {MOST})")
    return ratio > MOST


def main():
    what, root, *compiler = sys.argv[1:]
    compiler = [word for word in compiler if os.path.basename(word) != "ccache"]
    return 1 if (alone if what == "alone" else compile_time)(root, compiler) else 0


if __name__ == "__main__":
    sys.exit(main())
