#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A corpus as one file, an input a line in hexadecimal digits, and as a folder of files for libFuzzer.

corpus.py unpack FILE FOLDER | corpus.py pack FOLDER FILE
"""
import hashlib
import os
import sys

# Of one file; beyond, the longest inputs are left out.
MAX_BYTES = 75_000


def unpack(file, folder):
    with open(file, encoding="ascii") as lines:
        for line in lines:
            data = bytes.fromhex(line.strip())
            with open(os.path.join(folder, hashlib.sha1(data).hexdigest()), "wb") as out:
                out.write(data)


def pack(folder, file):
    inputs = set()
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as one:
            inputs.add(one.read())
    kept, total = [], 0
    for data in sorted(inputs, key=lambda d: (len(d), d)):
        total += 2 * len(data) + 1
        if total > MAX_BYTES:
            break
        kept.append(data)
    with open(file, "w", encoding="ascii") as out:
        out.writelines(data.hex() + "\n" for data in kept)
    print(f"{file}: {len(kept)} of {len(inputs)} inputs")


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("pack", "unpack"):
        sys.exit(__doc__)
    {"pack": pack, "unpack": unpack}[sys.argv[1]](*sys.argv[2:])
