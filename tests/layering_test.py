#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The architecture guard: includes point only downward, and no file grows past 400 lines.

Usage: layering_test.py [ROOT]. First it checks itself on samples that break each rule.
"""
import os
import re
import sys

# The highest room first: a file may include from its own room and from those after it.
ROOMS = ["api", "dispatch", "engine", "session", "transport", "wire", "support"]
# Pure rooms do no I/O and start no threads, so their tests are scripts on a fake clock.
PURE_ROOMS = {"session", "wire"}
THREAD_HEADERS = {"thread", "mutex", "shared_mutex", "condition_variable", "future"}
MAX_LINES = 400
SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__", "subprojects", ".cache"}
SOURCE_ENDINGS = (".cpp", ".hpp", ".h", ".cc", ".py", ".js", ".mjs", ".ts")

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
ZMQ = re.compile(r"^zmq(_addon|_utils)?\.(h|hpp)$")
MSGPACK = re.compile(r"^msgpack(\.hpp|\.h|/)")


def problems_of_internal(room, kind, name):
    """What is wrong with one include in core/src/<room>."""
    if ZMQ.match(name):
        if room != "transport":
            yield f"includes {name}: only transport may"
        return
    if kind == "<":
        if room in PURE_ROOMS and name in THREAD_HEADERS:
            yield f"includes <{name}>: {room} is pure, it knows no threads"
        return
    target = name.split("/")[0]
    if "/" not in name or target not in ROOMS:
        yield f'includes "{name}": internal includes are written "room/file.hpp"'
    elif ROOMS.index(target) < ROOMS.index(room):
        yield f'includes "{name}": {target} is above {room}'
    elif room in PURE_ROOMS and target == "transport":
        yield f'includes "{name}": {room} is pure, it does no I/O'


def problems_of_public(path, kind, name):
    """What is wrong with one include in a public header."""
    if ZMQ.match(name):
        yield f"includes {name}: public headers include no zmq"
    elif MSGPACK.match(name) and path != "core/include/ipczmq/convert.hpp":
        yield f"includes {name}: convert.hpp is the only public header that includes msgpack"
    elif kind == '"' or name.split("/")[0] in ROOMS:
        yield f"includes {name}: a public header includes only <ipczmq/...> and what users have"


def problems(path, text):
    """Every problem of one file; `path` is relative to the root, with forward slashes."""
    lines = text.count("\n") + (not text.endswith("\n"))
    if lines > MAX_LINES:
        yield f"has {lines} lines, more than {MAX_LINES}: split it"
    parts = path.split("/")
    for kind, name in INCLUDE.findall(text):
        if path.startswith("core/include/"):
            yield from problems_of_public(path, kind, name)
        elif path.startswith("core/src/") and len(parts) > 3:
            yield from problems_of_internal(parts[2], kind, name)
        elif ZMQ.match(name) and not path.startswith("bench/") and parts[0] != "tests":
            yield f"includes {name}: only transport may"
        elif parts[0] in ("bindings", "examples") and name.split("/")[0] in ROOMS:
            yield f"includes {name}: {parts[0]} use the public headers only"


def unlisted_headers(root):
    """Public headers that the build would not install."""
    folder = os.path.join(root, "core/include/ipczmq")
    with open(os.path.join(folder, "meson.build"), encoding="utf-8") as file:
        listed = set(re.findall(r"'([^']+\.hpp)'", file.read()))
    present = set()
    for where, _, names in os.walk(folder):
        present |= {os.path.relpath(os.path.join(where, n), folder) for n in names if n.endswith(".hpp")}
    for name in sorted(present - listed):
        yield f"core/include/ipczmq/{name}: is not in core/include/ipczmq/meson.build, so it is not installed"


def check_tree(root):
    found, files = list(unlisted_headers(root)), 0
    for where, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS)
        for name in sorted(names):
            if name != "dev" and not name.endswith(SOURCE_ENDINGS):
                continue
            path = os.path.relpath(os.path.join(where, name), root).replace(os.sep, "/")
            with open(os.path.join(where, name), encoding="utf-8") as file:
                text = file.read()
            files += 1
            found += [f"{path}: {problem}" for problem in problems(path, text)]
    return found, files


BAD = [
    ("core/src/session/a.cpp", '#include "engine/endpoint.hpp"\n', "above"),
    ("core/src/support/a.hpp", '#include "wire/frame.hpp"\n', "above"),
    ("core/src/engine/a.cpp", "#include <zmq.hpp>\n", "only transport"),
    ("core/src/engine/a.cpp", "#  include <zmq.h>\n", "only transport"),
    ("core/src/session/a.cpp", "#include <mutex>\n", "no threads"),
    ("core/src/session/a.cpp", '#include "transport/socket.hpp"\n', "no I/O"),
    ("core/src/wire/a.cpp", '#include "frame.hpp"\n', "room/file"),
    ("core/src/wire/a.cpp", '#include "../api/ipc_main.hpp"\n', "room/file"),
    ("core/include/ipczmq/a.hpp", "#include <zmq.h>\n", "no zmq"),
    ("core/include/ipczmq/a.hpp", "#include <msgpack.hpp>\n", "only public header"),
    ("core/include/ipczmq/a.hpp", '#include "wire/frame.hpp"\n', "what users have"),
    ("examples/a/main.cpp", "#include <zmq.hpp>\n", "only transport"),
    ("bindings/c/src/a.cpp", '#include "engine/endpoint.hpp"\n', "public headers only"),
    ("tests/unit/a_test.cpp", "//\n" * 401, "401 lines"),
]
GOOD = [
    ("core/src/api/a.cpp", '#include <ipczmq/event.hpp>\n#include "engine/a.hpp"\n#include <mutex>\n'),
    ("core/src/transport/a.cpp", '#include <zmq.hpp>\n#include "wire/frame.hpp"\n'),
    ("core/src/wire/a.cpp", '#include <msgpack.hpp>\n#include "wire/frame.hpp"\n// #include <mutex>\n'),
    ("core/include/ipczmq/convert.hpp", "#include <msgpack.hpp>\n#include <ipczmq/args.hpp>\n"),
    ("tests/unit/a_test.cpp", "//\n" * 400),
]


def check_itself():
    for path, text, expected in BAD:
        found = list(problems(path, text))
        assert len(found) == 1 and expected in found[0], f"the guard misses {text[:40]!r} in {path}: {found}"
    for path, text in GOOD:
        found = list(problems(path, text))
        assert not found, f"the guard complains about the good {path}: {found}"


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    check_itself()
    found, files = check_tree(root)
    for problem in found:
        print(problem)
    print(f"{files} files checked, {len(found)} problems; {len(BAD)} bad samples were caught")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
