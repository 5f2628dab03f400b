#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every public header compiles alone, by gcc and clang, as C++20 and C++23; and all of them compile fast.

Usage: headers_test.py alone|time ROOT COMPILER...
"""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

ROUNDS = 5
MOST = 1.5
STANDARDS = ("c++20", "c++2b")
# What says so at its top is a part of that header: `convert.hpp` is the only one that includes msgpack.
PART = "Included by convert.hpp, which see."
OPTIONAL = {"asio.hpp": "#include <asio.hpp>", "libuv.hpp": "#include <uv.h>"}


def compiled(root, compiler, text, *arguments, standard=STANDARDS[0]):
    command = [*compiler, f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-DMSGPACK_NO_BOOST", f"-I{root}/core/include",
               *arguments, "-x", "c++", "-"]
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def alone(root, compiler):
    folder = os.path.join(root, "core/include/ipczmq")
    headers = sorted(os.path.relpath(os.path.join(where, name), folder)
                     for where, _, names in os.walk(folder) for name in names if name.endswith(".hpp"))
    tasks = []
    for header in headers:
        with open(os.path.join(folder, header), encoding="utf-8") as file:
            if PART in " ".join(line.lstrip("/ ").strip() for line in file.readlines()[:6]):
                continue
        for command in compilers(compiler):
            needs = OPTIONAL.get(header)
            if needs and compiled(root, command, needs + "\n", "-fsyntax-only").returncode != 0:
                print(f"left out: {header} by {command[0]}: what it is for is not installed ({needs})")
                continue
            tasks += [(header, command, standard) for standard in STANDARDS]

    def attempt(task):
        header, command, standard = task
        return compiled(root, command, f"#include <ipczmq/{header}>\n#include <ipczmq/{header}>\n", "-fsyntax-only",
                        standard=standard)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (header, command, standard), done in zip(tasks, pool.map(attempt, tasks)):
            said = f"\n{done.stdout[:3000]}" if done.returncode else ""
            print(f"{'FAILED' if done.returncode else 'ok'}: {header} by {command[0]}, {standard}{said}")
            failed += done.returncode != 0
    return failed or not tasks


def compilers(given):
    """The one of the build, and clang beside it."""
    clang = shutil.which("clang++")
    if clang is None:
        print("clang++ is not installed: not tried")
    return [given] + ([[clang]] if clang and "clang" not in os.path.basename(given[0]) else [])


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
