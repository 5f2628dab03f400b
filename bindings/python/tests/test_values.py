# SPDX-License-Identifier: MIT
"""Python values and msgpack: the shared vectors, what cannot be sent, binaries without copies."""
import array
import collections
import datetime
import json
import math
import mmap
import os
import pathlib

import msgpack
import pytest

import ipczmq
from ipczmq import _native
from ipczmq._codec import pack_args, pack_value, unpack_bytes

VECTORS = pathlib.Path(os.environ["IPCZMQ_VECTORS"])
SPECIAL = {
    "$int": int, "$float": float, "$bytes": bytes.fromhex, "$time": datetime.datetime.fromisoformat,
    "$map": lambda pairs: {k: of_json(v) for k, v in pairs},
    "$ext": lambda parts: msgpack.ExtType(parts[0], bytes.fromhex(parts[1])),
}


def of_json(value):
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in SPECIAL:
            (kind, text), = value.items()
            return SPECIAL[kind](text)
        return {k: of_json(v) for k, v in value.items()}
    return [of_json(v) for v in value] if isinstance(value, list) else value


def vectors():
    return json.loads((VECTORS / "values.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", vectors(), ids=lambda v: v["name"])
def test_vector_is_unpacked_and_packed(vector):
    packed, value = bytes.fromhex(vector["msgpack"]), of_json(vector["value"])
    got = unpack_bytes(packed)
    if isinstance(value, float) and math.isnan(value):
        assert math.isnan(got)
    else:
        assert (got, type(got), str(got)) == (value, type(value), str(value))
    if not vector["note"].startswith("decode only"):
        assert pack_value(value)[0] == packed


class Opaque:
    pass


def loop():
    inside = []
    inside.append(inside)
    return inside


@pytest.mark.parametrize("args, path, why", [
    ((Opaque(),), "args[0]", "Opaque"),
    ((1, print), "args[1]", "builtin_function_or_method"),
    (({"user": {"onClick": lambda: 0}},), "args[0].user.onClick", "function"),
    (([0, {"a b": {1, 2}}],), "args[0][1]['a b']", "set"),
    (({"n": 2 ** 64},), "args[0].n", "64 bits"),
    (({"n": -2 ** 63 - 1},), "args[0].n", "64 bits"),
    (({"when": datetime.datetime(2020, 1, 1)},), "args[0].when", "time zone"),
    (({(1, 2): 3, Opaque: 4},), "the key", "type"),
    ((1j,), "args[0]", "complex"),
], ids=str)
def test_what_cannot_be_sent_is_named_by_its_path(args, path, why):
    with pytest.raises(ipczmq.BadArguments) as caught:
        pack_args(args)
    assert str(caught.value).startswith(path) and why in str(caught.value)
    assert caught.value.path.startswith(path)
    assert caught.value.errc is ipczmq.Errc.BAD_ARGUMENTS
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("value", [loop(), {"a": [loop()]}], ids=["a list in itself", "deeper"])
def test_cycles_are_refused(value):
    with pytest.raises(ipczmq.BadArguments, match="contains itself"):
        pack_args((value,))


def test_reserved_extension_is_refused():
    with pytest.raises(ipczmq.BadArguments, match=r"args\[0\]\.x cannot be sent: .*31 is reserved"):
        pack_args(({"x": msgpack.ExtType(31, b"\0\0\0\0")},))


def test_nothing_is_sent_of_what_cannot_be_packed(pair):
    got = []
    pair.main.on("x", lambda event, *args: got.append(args))
    pair.go()
    for send in (pair.renderer.send, pair.renderer.send_sync, pair.renderer.invoke):
        with pytest.raises(ipczmq.BadArguments, match=r"args\[1\]\.x"):
            send("x", 0, {"x": Opaque()})
    pair.main.on("last", lambda event: setattr(event, "return_value", None))
    pair.renderer.send_sync("last")
    assert got == []


Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize("sent, received", [
    ((1, 2), [1, 2]),
    (Point(1, 2), [1, 2]),
    (bytearray(b"ab"), b"ab"),
    (memoryview(b"abcd")[::2], b"ac"),
    (array.array("H", [1, 2]), array.array("H", [1, 2]).tobytes()),
    (collections.OrderedDict(a=1), {"a": 1}),
    (True, True),
    ("\udcff", "\udcff"),
    (b"x" * 100_000, b"x" * 100_000),
    ({"a": [bytearray(50_000)]}, {"a": [bytes(50_000)]}),
    (array.array("d", [0.5]) * 2000, (array.array("d", [0.5]) * 2000).tobytes()),
], ids=lambda v: f"{type(v).__name__}")
def test_what_python_has_crosses(pair, sent, received):
    pair.main.handle("echo", lambda event, value: value)
    pair.go()
    got = pair.renderer.invoke("echo", sent, deadline=20).get()
    assert got == received and type(got) is type(received)


# --- binaries -----------------------------------------------------------------------------------


def address(view):
    return _address(memoryview(view))


def _address(view):
    import ctypes
    return ctypes.addressof(ctypes.c_char.from_buffer(view)) if not view.readonly else _readonly_address(view)


def _readonly_address(view):
    import ctypes

    class Buffer(ctypes.Structure):
        _fields_ = [("buf", ctypes.c_void_p), ("obj", ctypes.py_object), ("rest", ctypes.c_char * 128)]
    held = Buffer()
    get, release = ctypes.pythonapi.PyObject_GetBuffer, ctypes.pythonapi.PyBuffer_Release
    assert get(ctypes.py_object(view), ctypes.byref(held), 0) == 0
    try:
        return held.buf
    finally:
        release(ctypes.byref(held))


def test_bytes_are_sent_and_received_without_a_copy(endpoint):
    """In one process over inproc, the memory that arrives is the memory that was sent."""
    name = "inproc://" + endpoint.replace("/", "-")[-60:]
    sent, seen = os.urandom(1 << 20), []
    with ipczmq.IpcMain(name, binary=memoryview) as main, ipczmq.IpcRenderer(name, binary=memoryview) as renderer:
        main.on("x", lambda event, value, view: seen.extend([value, view["part"]]))
        main.handle("back", lambda event: seen[0])
        main.start()
        renderer.send("x", sent, {"part": memoryview(sent)[100:]})
        back = renderer.invoke("back", deadline=20).get()
        assert [type(v) for v in (*seen, back)] == [memoryview] * 3
        assert seen[0] == sent and seen[1] == sent[100:] and back == sent
        assert seen[0].readonly
        assert address(seen[0]) == address(sent) and address(seen[1]) == address(sent) + 100
        assert address(back) == address(sent)  # what was received is handed on
        del back
        seen.clear()


def test_bytes_that_can_change_are_copied_when_they_are_sent(pair):
    pair.main.handle("echo", lambda event, value: value)
    pair.go()
    mutable = bytearray(b"a" * 100_000)
    call = pair.renderer.invoke("echo", mutable, deadline=20)
    mutable[:] = b"b" * 100_000
    assert call.get() == b"a" * 100_000


def test_sent_bytes_are_let_go(pair):
    pair.main.handle("size", lambda event, value: len(value))
    pair.go()
    memory = mmap.mmap(-1, 1 << 16)
    view = memoryview(memory)
    assert pair.renderer.invoke("size", view, deadline=20).get() == 1 << 16
    view.release()
    memory.close()  # raises BufferError while somebody holds a view of it


def test_received_view_outlives_its_endpoint(endpoint):
    with ipczmq.IpcMain(endpoint) as main, ipczmq.IpcRenderer(endpoint, binary=memoryview) as renderer:
        main.handle("x", lambda event: b"z" * 100_000)
        main.start()
        view = renderer.invoke("x", deadline=20).get()
    del renderer, main
    assert bytes(view) == b"z" * 100_000


def test_put_aside_leaves_what_is_small_alone():
    value, buffers = [{"a": [b"x" * 8191]}], []
    assert _native.put_aside(value, buffers, msgpack.ExtType) is value and buffers == []
    large = [{"a": [b"x" * 8192], "b": 1}]
    changed = _native.put_aside(large, buffers, msgpack.ExtType)
    assert changed == [{"a": [msgpack.ExtType(31, b"\0\0\0\0")], "b": 1}] and len(buffers) == 1
    assert large == [{"a": [b"x" * 8192], "b": 1}]  # the user's own is not touched
