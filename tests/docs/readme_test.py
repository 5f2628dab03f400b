#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles the C++ blocks of a document.

Usage: readme_test.py ROOT COMPILER... DOCUMENT. A block with an `int main` is a program of its own and compiles as it
stands. All others are fragments, and compile together, each as the body of a function in which FRAGMENT's names are
known. A comment "// struct ..." in the first line of a fragment is taken as code before that function.
"""
import os
import re
import subprocess
import sys

BLOCK = re.compile(r"^```cpp\n(.*?)^```$", re.MULTILINE | re.DOTALL)

PREAMBLE = """
#include <ipczmq/ipczmq.hpp>
#include <poll.h>
#include <iostream>
using namespace std::chrono_literals;
"""
FRAGMENT = """
namespace block_{line} {{
{declaration}
[[maybe_unused]] void block(ipczmq::ipc_main& main, ipczmq::ipc_renderer& renderer, bool& running) {{
  (void)main; (void)renderer; (void)running;
#line {line} "{name}"
{code}
}}
}}
"""


def blocks(text):
    """Each C++ block with the number of its first line."""
    for found in BLOCK.finditer(text):
        yield text.count("\n", 0, found.start(1)) + 1, found.group(1)


def programs(text, name):
    """What there is to compile: a title and its source."""
    fragments = []
    for line, code in blocks(text):
        if re.search(r"^int main\(", code, re.MULTILINE):
            yield f"{name}:{line}", f'#line {line} "{name}"\n{code}'
            continue
        declaration = re.match(r"// (struct .*)\n", code)
        fragments.append(FRAGMENT.format(line=line, name=name, code=code,
                                         declaration=declaration.group(1) if declaration else ""))
    if fragments:
        yield f"{name}, {len(fragments)} fragments", PREAMBLE + "".join(fragments)


def compiles(root, compiler, title, source):
    command = [*compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wno-unused-variable", "-Werror",
               "-DMSGPACK_NO_BOOST", f"-I{root}/core/include", "-x", "c++", "-"]
    done = subprocess.run(command, input=source, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    print(f"{'ok' if done.returncode == 0 else 'FAILED'}: {title}" + (f"\n{done.stdout}" if done.returncode else ""))
    return done.returncode == 0


def main():
    root, *compiler, document = sys.argv[1:]
    with open(document, encoding="utf-8") as file:
        found = list(programs(file.read(), os.path.basename(document)))
    if not found:
        sys.exit(f"{document} holds no C++ block")
    return 0 if all([compiles(root, compiler, *one) for one in found]) else 1


if __name__ == "__main__":
    sys.exit(main())
