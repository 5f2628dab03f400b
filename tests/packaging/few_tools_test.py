#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""few_tools_test.py ROOT: it configures as `./dev demo` does where only the packages are that this needs."""
import os
import subprocess
import sys
import tempfile

# What comes with the tests', the documents' and the packages' packages.
ABSENT = ("cmake", "clang", "doxygen", "node", "npm", "valgrind", "abidiff", "abidw", "qmake", "moc", "dpkg-buildpackage")


def main():
    root = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="ipczmq-") as folder:
        tools = os.path.join(folder, "bin")
        os.mkdir(tools)
        for directory in ("/bin", "/usr/bin"):
            for name in os.listdir(directory):
                if not name.startswith(ABSENT) and not os.path.lexists(os.path.join(tools, name)):
                    os.symlink(os.path.join(directory, name), os.path.join(tools, name))
        done = subprocess.run(["meson", "setup", os.path.join(folder, "build"), root, "-Dexamples=enabled"],
                              env={**os.environ, "PATH": tools}, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "cmake is not here" not in done.stdout:
        sys.exit(done.stdout + done.stderr)
    print("configured without " + ", ".join(ABSENT))


main()
