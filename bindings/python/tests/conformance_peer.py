#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One side of the conformance suite, in Python: see tests/conformance/peers.py for what a peer does."""
import json
import sys

import ipczmq
from ipczmq._codec import pack_value, unpack_bytes


def say(**parts):
    print(json.dumps(parts), flush=True)


def be_main(endpoint):
    main = ipczmq.IpcMain(endpoint)

    @main.on("echo-event")
    def _(event, *args):
        event.reply("echo-event-reply", *args)

    @main.on("echo-sync")
    def _(event, value):
        event.return_value = value

    @main.handle("echo-invoke")
    def _(event, value):
        return value

    @main.handle("throw")
    async def _(event, text):
        raise ipczmq.RemoteError(text)

    @main.on("quit")
    def _(event):
        main.stop()

    say(ready=main.endpoints)
    main.run()


def perform(renderer, verb, hex, channel=None):  # pylint: disable=redefined-builtin
    args = unpack_bytes(bytes.fromhex(hex))
    if verb == "sendSync":
        return renderer.send_sync(channel or "echo-sync", *args, deadline=30)
    if verb == "invoke":
        return renderer.invoke(channel or "echo-invoke", *args, deadline=30).get()
    replies = []
    renderer.once("echo-event-reply", lambda event, *back: replies.append(list(back)))
    renderer.send(channel or "echo-event", *args)
    while not replies and channel in (None, "echo-event"):
        renderer.poll(1)
    return replies[0] if replies else None


def be_renderer(endpoint):
    renderer = ipczmq.IpcRenderer(endpoint)
    for line in sys.stdin:
        try:
            say(ok=True, hex=pack_value(perform(renderer, **json.loads(line)), aside=False)[0].hex())
        except ipczmq.Error as e:
            say(ok=False, error=str(e), code=e.errc.name.lower())
    renderer.close()


if __name__ == "__main__":
    {"main": be_main, "renderer": be_renderer}[sys.argv[1]](sys.argv[2])
