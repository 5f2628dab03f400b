#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A renderer through another language's FFI: Python's ctypes, with msgpack for the values.

Usage: ctypes_renderer.py [LIBRARY]. (Python has a package of its own; this shows what any language does.)
"""
import ctypes
import sys

import msgpack

library = ctypes.CDLL(sys.argv[1] if len(sys.argv) > 1 else "libipczmq-c.so.0")
handle, size_t, text = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
event_fn = ctypes.CFUNCTYPE(None, handle, handle)

# Arguments are handles, numbers and bytes; what is returned is an int unless it is said here.
for name, result in {"ipczmq_error_message": text, "ipczmq_error_remote_name": text, "ipczmq_code_name": text,
                     "ipczmq_value_data": handle, "ipczmq_event_args": handle, "ipczmq_value_free": None,
                     "ipczmq_call_free": None, "ipczmq_endpoint_free": None}.items():
    getattr(library, name).restype = result


class IpcError(Exception):
    pass


def must(code):
    if code != 0:
        raise IpcError(library.ipczmq_error_message().decode())


def unpack(value):
    size = size_t()
    data = library.ipczmq_value_data(handle(value), ctypes.byref(size))
    return msgpack.unpackb(ctypes.string_at(data, size.value), strict_map_key=False)


def taken(value):
    """What an out parameter holds: unpacked, and given back."""
    try:
        return unpack(value.value)
    finally:
        library.ipczmq_value_free(value)


class Renderer:
    def __init__(self):
        self.handle = handle()
        self.callbacks = []  # ctypes does not keep them alive
        must(library.ipczmq_renderer_new(None, ctypes.byref(self.handle)))

    def on(self, channel, listener):
        callback = event_fn(lambda event, user: listener(*unpack(library.ipczmq_event_args(handle(event)))))
        self.callbacks.append(callback)
        must(library.ipczmq_on(self.handle, channel.encode(), 0, callback, None, None, None))

    def send(self, channel, *args):
        packed = msgpack.packb(args)
        must(library.ipczmq_send(self.handle, channel.encode(), packed, size_t(len(packed)), None, size_t(0)))

    def send_sync(self, channel, *args):
        packed, answer = msgpack.packb(args), handle()
        must(library.ipczmq_send_sync(self.handle, ctypes.c_int64(-1), channel.encode(), packed,
                                      size_t(len(packed)), None, size_t(0), ctypes.byref(answer)))
        return taken(answer)

    def invoke(self, channel, *args):
        packed, call, answer = msgpack.packb(args), handle(), handle()
        must(library.ipczmq_invoke(self.handle, ctypes.c_int64(5000), channel.encode(), packed,
                                   size_t(len(packed)), None, size_t(0), ctypes.byref(call)))
        try:
            must(library.ipczmq_call_get(call, ctypes.c_int64(-1), ctypes.byref(answer)))
        finally:
            library.ipczmq_call_free(call)
        return taken(answer)

    def poll(self, wait_ms):
        must(library.ipczmq_poll(self.handle, ctypes.c_int64(wait_ms), None))

    def close(self):
        library.ipczmq_endpoint_free(self.handle)


def main():
    renderer, replies = Renderer(), []
    renderer.on("asynchronous-reply", replies.append)
    renderer.send("asynchronous-message", "ping")
    print(renderer.send_sync("synchronous-message", "ping"))
    print(renderer.invoke("sum", 40, 2))
    try:
        renderer.invoke("sum", 40, "second")
    except IpcError as e:
        print(e)
    while not replies:
        renderer.poll(1000)
    print(replies)
    renderer.close()


if __name__ == "__main__":
    main()
