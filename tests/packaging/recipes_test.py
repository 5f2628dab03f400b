#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The recipes can be read, agree on the version, and install what the Debian package lists.

Usage: recipes_test.py ROOT
"""
import ast
import configparser
import json
import os
import re
import sys


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def versions(root):
    """Where a version is said, and which."""
    yield "meson.build", re.search(r"version: '([^']+)'", read(root, "meson.build")).group(1)
    yield "packaging/conan/conanfile.py", next(
        node.value.value for node in ast.walk(ast.parse(read(root, "packaging/conan/conanfile.py")))
        if isinstance(node, ast.Assign) and node.targets[0].id == "version")
    yield "packaging/vcpkg/vcpkg.json", json.loads(read(root, "packaging/vcpkg/vcpkg.json"))["version"]
    wrap = configparser.ConfigParser()
    wrap.read_string(read(root, "packaging/meson/ipczmq.wrap"))
    yield "packaging/meson/ipczmq.wrap", wrap["wrap-file"]["directory"].removeprefix("ipczmq-")
    yield "packaging/debian/changelog", re.match(r"ipczmq \(([^-]+)-", read(root, "packaging/debian/changelog")).group(1)


def problems(root):
    said = dict(versions(root))
    for path, version in said.items():
        if version != said["meson.build"]:
            yield f"{path} says {version}, meson.build says {said['meson.build']}"
    soversion = re.search(r"soversion: '(\d+)'", read(root, "core/meson.build")).group(1)
    if f"Package: libipczmq{soversion}\n" not in read(root, "packaging/debian/control"):
        yield f"packaging/debian/control has no package libipczmq{soversion}"
    package = "packaging/conan/test_package"
    folder = re.search(r'build_script_folder="([^"]+)"', read(root, f"{package}/conanfile.py")).group(1)
    if not os.path.isfile(os.path.join(root, package, folder, "CMakeLists.txt")):
        yield f"{package}/conanfile.py builds {folder}, where there is no CMakeLists.txt"
    tests = re.findall(r"^Tests: (.*)$", read(root, "packaging/debian/tests/control"), re.MULTILINE)
    scripts = sorted(set(os.listdir(os.path.join(root, "packaging/debian/tests"))) - {"control"})
    if sorted(tests) != scripts:
        yield f"packaging/debian/tests has {scripts}, its control names {tests}"


def main():
    found = list(problems(sys.argv[1]))
    for problem in found:
        print(problem)
    print(f"recipes: {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
