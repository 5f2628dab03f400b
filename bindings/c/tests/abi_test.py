#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the built libipczmq-c to the interface that is recorded in bindings/c/abi, with libabigail's abidiff.

Usage: abi_test.py [--record] LIBRARY HEADER MAP RECORDED. --record writes RECORDED anew: for functions that are new, in
a new version of the map. A change of what is there needs a new soname.
"""
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = 77


def functions(text, pattern):
    return set(re.findall(pattern, text, re.MULTILINE))


def lists_agree(header, version_map, library):
    """The header declares, the map lists and the library exports the same functions."""
    with open(header, encoding="utf-8") as h, open(version_map, encoding="utf-8") as m:
        declared = functions(h.read(), r"IPCZMQ_C_API [^;(]*?\b(ipczmq_\w+)\(")
        listed = functions(m.read(), r"^    (ipczmq_\w+);")
    symbols = subprocess.run(["nm", "-D", "--defined-only", library], stdout=subprocess.PIPE, text=True, check=True)
    exported = functions(symbols.stdout, r" T (\S+)$")
    unversioned = {s for s in exported if "@@IPCZMQ_C_" not in s}
    exported = {s.split("@")[0] for s in exported}
    for what, wrong in {"declared, not in the map": declared - listed, "in the map, not declared": listed - declared,
                        "declared, not exported": declared - exported, "exported, not declared": exported - declared,
                        "without a version": unversioned}.items():
        if wrong:
            print(f"{what}: {', '.join(sorted(wrong))}")
    return declared == listed == exported and not unversioned


def write_interface(library, header, to):
    """What a C program sees: the structs behind the handles are nobody's business."""
    subprocess.run(["abidw", "--headers-dir", os.path.dirname(header), "--drop-private-types",
                    "--exported-interfaces-only", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs",
                    "--out-file", to, library], check=True)


def main():
    record = "--record" in sys.argv
    library, header, version_map, recorded = [a for a in sys.argv[1:] if a != "--record"]
    if not lists_agree(header, version_map, library):
        return 1
    if platform.machine() != "x86_64":
        print(f"the interface is recorded for x86_64, this is {platform.machine()}")
        return SKIP
    if shutil.which("abidiff") is None:
        print("abidiff is not here (Debian: abigail-tools)")
        return SKIP
    if ".debug_info" not in subprocess.run(["readelf", "-S", "-W", library], stdout=subprocess.PIPE, text=True,
                                           check=True).stdout:
        print("the library has no debug information to compare the types by")
        return SKIP
    if record:
        write_interface(library, header, recorded)
        return 0
    with tempfile.TemporaryDirectory(prefix="ipczmq-") as folder:
        built = os.path.join(folder, "built.abi")
        write_interface(library, header, built)
        compared = subprocess.run(["abidiff", recorded, built], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, check=False)
    print(compared.stdout)
    if compared.returncode != 0:
        print("The C interface is another one than was recorded. A function may be added (and recorded, with --record); "
              "nothing that is there may change without a new soname.")
    return 0 if compared.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
