# SPDX-License-Identifier: MIT
"""The value table: the shared vectors, and payloads of the sizes where something changes on the way."""
import json
import math
import os

import msgpack

SIZES = (0, 1, 8191, 8192, 65535, 65536, 65537, 262147, 3145729)
# Their maps have text as keys only: other keys become text on the way through them.
TEXT_KEYS = {"node"}


def vectors(folder):
    with open(os.path.join(folder, "values.json"), encoding="utf-8") as file:
        return json.load(file)


def unpack(packed):
    return msgpack.unpackb(packed, strict_map_key=False, raw=False)


def table(folder):
    """(name, packed arguments: an array of one) of every case."""
    for vector in vectors(folder):
        yield vector["name"], b"\x91" + bytes.fromhex(vector["msgpack"])
    for size in SIZES:
        pattern = bytes(i * 7 & 255 for i in range(256)) * (size // 256 + 1)
        yield f"binary of {size} bytes", msgpack.packb([pattern[:size]])
        yield f"text of {size} bytes", msgpack.packb(["x" * size])
    big = bytes(range(256)) * 100
    yield "binaries inside of maps and arrays", msgpack.packb([{"a": [big, {"b": big}], "c": b"small"}])
    yield "array of 70000", msgpack.packb([list(range(70000))])


def with_text_keys(value):
    if isinstance(value, dict):
        return {str(k): with_text_keys(v) for k, v in value.items()}
    return [with_text_keys(v) for v in value] if isinstance(value, list) else value


def same(a, b):
    """Equal as msgpack values: the width of numbers does not count, their type, sign of zero and NaN do."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if isinstance(a, msgpack.ExtType):
        return a == b
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(k in b and same(v, b[k]) for k, v in a.items()) and list(a) == list(b)
    return a == b
