#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The README's program against an installed copy, found by pkg-config, answering a renderer.

Usage: installed_test.py BUILD_DIR README RENDERER_SCRIPT. RENDERER_SCRIPT is Python, and is given the installed library.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

CC = os.environ.get("CC", "cc")


def run(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, timeout=60, **options)
    if done.returncode != 0:
        sys.exit(f"failed ({done.returncode}): {shlex.join(map(str, command))}\n{done.stdout}")
    return done.stdout


def flags_of(lib_dir):
    pc_dir = os.path.join(lib_dir, "pkgconfig")
    prefix = run(["pkg-config", "--variable=prefix", os.path.join(pc_dir, "ipczmq-c.pc")]).strip()
    moved = lib_dir[:lib_dir.index(prefix)] + prefix  # it lies below a DESTDIR
    return shlex.split(run(["pkg-config", f"--define-variable=prefix={moved}", "--cflags", "--libs", "ipczmq-c"],
                           env=dict(os.environ, PKG_CONFIG_PATH=pc_dir)))


RENDERER = """
import sys
sys.path.insert(0, {folder!r})
sys.argv = ["renderer", {library!r}]
import ctypes_renderer
print(ctypes_renderer.Renderer().send_sync("synchronous-message", "ping"))
"""


def main():
    build_dir, readme, script = sys.argv[1:]
    root = tempfile.mkdtemp(prefix="ipczmq-")
    try:
        run(["meson", "install", "-C", build_dir, "--no-rebuild", "--quiet", "--destdir", root])
        lib_dir = next(where for where, _, names in os.walk(root) if "ipczmq-c.pc" in names)
        lib_dir = os.path.dirname(lib_dir)
        with open(readme, encoding="utf-8") as file, open(os.path.join(root, "main.c"), "w", encoding="utf-8") as program:
            program.write(re.search(r"^```c\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL).group(1))
        flags = flags_of(lib_dir)
        run([CC, "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "main.c", "-o", "main", *flags], cwd=root)
        environment = dict(os.environ, LD_LIBRARY_PATH=lib_dir, IPCZMQ_ENDPOINT=f"ipc://{root}/endpoint")
        with subprocess.Popen([os.path.join(root, "main")], env=environment) as process:
            try:
                code = RENDERER.format(folder=os.path.dirname(script), library=os.path.join(lib_dir, "libipczmq-c.so.0"))
                said = run([sys.executable, "-c", code], env=environment)
            finally:
                process.kill()
    finally:
        shutil.rmtree(root)
    print(f"compiled and linked with {shlex.join(flags)}; it answered {said.strip()}")
    return 0 if said == "pong\n" else 1


if __name__ == "__main__":
    sys.exit(main())
