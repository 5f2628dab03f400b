#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds a small program in an empty folder, as the users of one build system do.

Usage: packages_test.py CASE BUILD_DIR SOURCE_ROOT. The library is installed below a folder whose name has a space.
Exit code 77 is a skip, with its reason in the last line.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

CONSUMER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "consumer")
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def run(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, **options)
    if done.returncode != 0:
        raise Failed(f"failed ({done.returncode}): {shlex.join(command)}\n{done.stdout}")
    return done.stdout


def need(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            raise Skipped(f"{tool} is not installed")


class Place:
    """An installed copy, and an empty folder to work in, both below a path with a space."""

    def __init__(self, build_dir, folder):
        self.root = os.path.join(folder, "in stalled")
        self.work = os.path.join(folder, "my program")
        shutil.copytree(CONSUMER, self.work)
        # DESTDIR and prefix: what a package's files are, moved to where they are used.
        run(["meson", "install", "-C", build_dir, "--no-rebuild", "--quiet", "--destdir", self.root, "--skip-subprojects"])
        found = [where for where, _, names in os.walk(self.root) if "ipczmq.pc" in names]
        if len(found) != 1:
            raise Failed(f"ipczmq.pc is in {found}")
        self.pc_dir, self.lib_dir = found[0], os.path.dirname(found[0])
        with open(os.path.join(self.pc_dir, "ipczmq.pc"), encoding="utf-8") as file:
            text = file.read()
        self.prefix = self.root + re.search(r"^prefix=(.*)$", text, re.MULTILINE).group(1)
        with open(os.path.join(self.pc_dir, "ipczmq.pc"), "w", encoding="utf-8") as file:
            file.write(re.sub(r"^prefix=.*$", "prefix=" + self.prefix.replace(" ", r"\ "), text, flags=re.MULTILINE))
        # A precompiled header of clang's names the folder that it was made in: ccache would hand out an earlier place's.
        self.environment = dict(os.environ, PKG_CONFIG_PATH=self.pc_dir, CMAKE_PREFIX_PATH=self.prefix,
                                LD_LIBRARY_PATH=self.lib_dir, CCACHE_DISABLE="1")

    def run(self, command, **options):
        return run(command, cwd=self.work, env=self.environment, **options)

    def flags(self, *arguments):
        return shlex.split(self.run(["pkg-config", *arguments, "ipczmq"]))

    def answers(self, program="consumer"):
        said = self.run([os.path.join(self.work, program)])
        if not said.startswith("40 42 "):
            raise Failed(f"{program} says {said!r}")


def cmake(place, _):
    need("cmake")
    for kind, arguments in (("shared", []), ("static", ["-DWITH_STATIC=ON"])):
        build = os.path.join(place.work, kind)
        place.run(["cmake", "-S", place.work, "-B", build, *arguments])
        place.run(["cmake", "--build", build])
        place.answers(f"{kind}/consumer")
        shared = "libipczmq.so" in run(["readelf", "-d", os.path.join(build, "consumer")])
        if shared != (kind == "shared"):
            raise Failed(f"the {kind} program is linked the other way")
    with open(os.path.join(place.work, "CMakeLists.txt"), "a", encoding="utf-8") as file:
        file.write("find_package(ipczmq 0.2 REQUIRED)\n")
    try:
        place.run(["cmake", "-S", place.work, "-B", os.path.join(place.work, "other")])
    except Failed as refused:
        if "0.1.0" not in str(refused):
            raise
    else:
        raise Failed("find_package(ipczmq 0.2) finds version 0.1.0")


def meson(place, _):
    place.run(["meson", "setup", "build"])
    place.run(["meson", "compile", "-C", "build"])
    place.answers("build/consumer")


def subproject(place, source):
    """As a subproject, by clang, in C++23, with warnings as errors, and linked statically."""
    need("clang++")
    copy = os.path.join(place.work, "subprojects", "ipczmq")
    os.makedirs(copy)
    for name in ("meson.build", "meson_options.txt", "core", "packaging"):
        where = os.path.join(source, name)
        (shutil.copytree if os.path.isdir(where) else shutil.copy)(where, os.path.join(copy, name))
    # Meson 1.0 does not know that clang 14 has C++23, so the standard goes in as a flag.
    place.environment.update(CXX="clang++", CXXFLAGS="-std=c++2b", PKG_CONFIG_PATH="")
    place.run(["meson", "setup", "build", "-Dcpp_std=none", "-Ddefault_library=static", "-Dwerror=true",
               "--force-fallback-for=ipczmq", "-Dipczmq:cpp_std=none", "-Dbuildtype=plain"])
    with open(os.path.join(place.work, "build", "compile_commands.json"), encoding="utf-8") as file:
        standards = set(re.findall(r"-std=\S+", file.read()))
    if standards != {"-std=c++2b"}:
        raise Failed(f"compiled as {standards}")
    place.run(["meson", "compile", "-C", "build", "consumer"])
    place.answers("build/consumer")


def warnings(place, _):
    """Every compiler and standard, with all warnings as errors, as the user's code is compiled; --as-needed."""
    flags = place.flags("--cflags", "--libs")
    for compiler in ("g++", "clang++"):
        if shutil.which(compiler) is None:
            print(f"{compiler} is not installed: not tried")
            continue
        for standard in ("c++20", "c++2b"):
            place.run([compiler, f"-std={standard}", *WARNINGS, "main.cpp", "-o", "consumer",
                       "-Wl,--as-needed", "-Wl,--no-undefined", *flags])
            place.answers()
            print(f"{compiler} {standard}: compiled, linked and answered")


def coroutines(place, source):
    """The examples with coroutines, ours and asio's, by clang: each processes of their own, which say what they should."""
    need("clang++")
    # Debian 12's asio looks for the coroutines of clang's experimental times.
    defines = {"coroutines": [], "asio_loop": ["-DASIO_HAS_CO_AWAIT", "-DASIO_HAS_STD_COROUTINE"]}
    for example, more in defines.items():
        if example == "asio_loop" and not os.path.exists("/usr/include/asio.hpp"):
            print("asio is not installed: its example was not tried")
            continue
        programs = []
        for role in ("main", "renderer"):
            programs.append(os.path.join(place.work, f"{example}_{role}"))
            place.run(["clang++", "-std=c++20", *WARNINGS, *more, os.path.join(source, "examples", example, role + ".cpp"),
                       "-o", programs[-1], "-pthread", *place.flags("--cflags", "--libs")])
        place.run([sys.executable, os.path.join(source, "examples/run_test.py"), example, *programs])
        print(f"{example}: compiled by clang, and ran")


def without_exceptions(place, _):
    """msgpack's headers need exceptions; code beside them may do without."""
    with open(os.path.join(place.work, "plain.cpp"), "w", encoding="utf-8") as file:
        file.write("int twice(int n) { return 2 * n; }\n")
    with open(os.path.join(place.work, "main.cpp"), "r+", encoding="utf-8") as file:
        text = file.read().replace("struct point", "int twice(int n);\nstruct point").replace("2 * p.x", "twice(p.x)")
        file.seek(0)
        file.write(text)
    place.run(["g++", "-std=c++20", "-fno-exceptions", "-c", "plain.cpp"])
    place.run(["g++", "-std=c++20", "main.cpp", "plain.o", "-o", "consumer", *place.flags("--cflags", "--libs")])
    place.answers()


def other_headers(place, _):
    """Headers of another version than the library: said at the first endpoint, not a crash."""
    path = os.path.join(place.prefix, "include/ipczmq/version.hpp")
    with open(path, "r+", encoding="utf-8") as file:
        text = file.read().replace("IPCZMQ_VERSION_MINOR 1", "IPCZMQ_VERSION_MINOR 2").replace('"0.1.0"', '"0.2.0"')
        file.seek(0)
        file.write(text)
    place.run(["g++", "-std=c++20", "main.cpp", "-o", "consumer", *place.flags("--cflags", "--libs")])
    try:
        place.answers()
    except Failed as said:
        wanted = "compiled with the headers of ipczmq 0.2.0, but the library that it runs with is 0.1.0"
        if wanted not in str(said):
            raise
        return
    raise Failed("headers of 0.2.0 run with the library of 0.1.0")


CASES = {case.__name__: case for case in (cmake, meson, subproject, warnings, coroutines, without_exceptions, other_headers)}


def main():
    name, build_dir, source = sys.argv[1:]
    folder = tempfile.mkdtemp(prefix="ipczmq-")
    try:
        CASES[name](Place(build_dir, folder), source)
    except Skipped as reason:
        print(f"skipped: {reason}")
        return 77
    except Failed as problem:
        print(problem)
        return 1
    finally:
        shutil.rmtree(folder)
    print(f"{name}: built and answered")
    return 0


if __name__ == "__main__":
    sys.exit(main())
