#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Uses the library as a user does: installed, found by pkg-config, in an empty folder.

Usage: consumer_test.py BUILD_DIR QUICKSTART_DIR. Installs below a temporary folder, compiles QUICKSTART_DIR's
main.cpp and renderer.cpp there against the shared and then the static library, and runs each pair as two processes.
"""
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CXX = os.environ.get("CXX", "g++")
WAIT_SECONDS = 20


def run(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"failed ({done.returncode}): {shlex.join(command)}\n{done.stdout}")
    return done.stdout


def install(build_dir, root):
    """Installs into root and returns the folder that holds the libraries."""
    run(["meson", "install", "-C", build_dir, "--no-rebuild", "--quiet", "--destdir", root])
    for where, _, names in os.walk(root):
        if "ipczmq.pc" in names:
            return os.path.dirname(where)
    sys.exit("nothing below the install folder is called ipczmq.pc")


def pkg_config(lib_dir, *arguments):
    pc_dir = os.path.join(lib_dir, "pkgconfig")
    prefix = run(["pkg-config", "--variable=prefix", os.path.join(pc_dir, "ipczmq.pc")]).strip()
    # Installed below a DESTDIR, so the prefix that the file names lies deeper than it says.
    moved = lib_dir[:lib_dir.index(prefix)] + prefix
    environment = dict(os.environ, PKG_CONFIG_PATH=pc_dir)
    return shlex.split(run(["pkg-config", f"--define-variable=prefix={moved}", *arguments, "ipczmq"],
                           env=environment))


def compile_pair(source_dir, folder, flags):
    for name in ("main", "renderer"):
        shutil.copy(os.path.join(source_dir, name + ".cpp"), folder)
        run([CXX, "-std=c++20", name + ".cpp", "-o", name, *flags], cwd=folder)


def start(folder, name, environment):
    output = open(os.path.join(folder, name + ".out"), "w", encoding="utf-8")
    # Programs buffer what they print into a file; stdbuf makes each line come at once.
    return subprocess.Popen(["stdbuf", "-oL", os.path.join(folder, name)], cwd=folder, env=environment, text=True,
                            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)


def said(folder, name):
    with open(os.path.join(folder, name + ".out"), encoding="utf-8") as file:
        return file.read()


def end(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run_pair(folder, lib_dir):
    """Starts both and waits until the renderer has said pong twice."""
    environment = dict(os.environ, IPCZMQ_ENDPOINT=f"ipc://{folder}/endpoint", LD_LIBRARY_PATH=lib_dir)
    processes = [start(folder, name, environment) for name in ("main", "renderer")]
    try:
        give_up = time.monotonic() + WAIT_SECONDS
        while said(folder, "renderer").count("pong") < 2:
            if time.monotonic() > give_up or processes[0].poll() is not None:
                sys.exit("the renderer did not say pong twice.\n"
                         f"main:\n{said(folder, 'main')}\nrenderer:\n{said(folder, 'renderer')}")
            time.sleep(0.02)
    finally:
        for process in processes:
            end(process)


def needs_shared(program):
    return "libipczmq.so" in run(["readelf", "-d", program])


def check(kind, source_dir, lib_dir, flags):
    folder = tempfile.mkdtemp(prefix="ipczmq-")
    try:
        compile_pair(source_dir, folder, flags)
        if needs_shared(os.path.join(folder, "main")) != (kind == "shared"):
            sys.exit(f"the {kind} program is linked the other way")
        run_pair(folder, lib_dir)
        print(f"{kind}: compiled, linked and answered; flags {shlex.join(flags)}")
    finally:
        shutil.rmtree(folder)


def main():
    build_dir, source_dir = sys.argv[1:]
    root = tempfile.mkdtemp(prefix="ipczmq-")
    try:
        lib_dir = install(build_dir, root)
        check("shared", source_dir, lib_dir, pkg_config(lib_dir, "--cflags", "--libs"))
        # What a static-only install looks like.
        for name in os.listdir(lib_dir):
            if name.startswith("libipczmq.so"):
                os.remove(os.path.join(lib_dir, name))
        check("static", source_dir, lib_dir, pkg_config(lib_dir, "--static", "--cflags", "--libs"))
    finally:
        shutil.rmtree(root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
