# SPDX-License-Identifier: MIT
"""What is refused, and what the message says."""
import pytest

import ipczmq
from ipczmq import Errc


@pytest.fixture
def main(endpoint):
    with ipczmq.IpcMain(endpoint) as made:
        yield made


@pytest.fixture
def renderer(main):
    with ipczmq.IpcRenderer(main.endpoints[0], linger=0.1) as made:
        yield made


@pytest.mark.parametrize("verb", ["on", "once", "add_listener", "prepend_listener", "prepend_once_listener"])
@pytest.mark.parametrize("wrong, name", [(None, "NoneType"), (7, "int"), ("text", "str")])
def test_listener_that_is_no_function(main, verb, wrong, name):
    with pytest.raises(TypeError, match=f"Expected listener to be a function, but found type '{name}'"):
        getattr(main, verb)("x", wrong)
    assert main.listener_count("x") == 0


@pytest.mark.parametrize("verb", ["handle", "handle_once"])
def test_handler_that_is_no_function(main, verb):
    with pytest.raises(TypeError, match="Expected handler to be a function, but found type 'int'"):
        getattr(main, verb)("x", 7)
    assert not main.has_handler("x")


def test_second_handler(main):
    main.handle("x", print)
    with pytest.raises(ipczmq.Error, match="Attempted to register a second handler for 'x'") as caught:
        main.handle("x", 7)  # that it is no function is looked at later, as Electron does
    assert caught.value.errc is Errc.DUPLICATE_HANDLER


@pytest.mark.parametrize("channel, name", [(7, "int"), (None, "NoneType"), (b"x", "bytes")])
def test_channel_that_is_no_text(main, renderer, channel, name):
    for call in (lambda: main.on(channel, print), lambda: main.handle(channel, print), lambda: main.emit(channel),
                 lambda: renderer.send(channel), lambda: renderer.send_sync(channel), lambda: renderer.invoke(channel),
                 lambda: main.broadcast(channel), lambda: main.publish(channel)):
        with pytest.raises(TypeError, match=f"a channel is a str, not {name}"):
            call()


@pytest.mark.parametrize("channel", ["", "x" * 256, "\udcff"])
def test_channel_that_is_none(main, renderer, channel):
    for call in (lambda: main.on(channel, print), lambda: renderer.send(channel)):
        with pytest.raises((ipczmq.Error, UnicodeEncodeError)) as caught:
            call()
        assert not isinstance(caught.value, ipczmq.Error) or caught.value.errc is Errc.BAD_CHANNEL


def test_after_close(main, renderer):
    call = renderer.invoke("never")
    renderer.close()
    renderer.close()
    assert renderer.is_closed()
    for use in (lambda: renderer.send("x"), lambda: renderer.send_sync("x"), lambda: renderer.invoke("x"),
                renderer.run, renderer.poll, lambda: renderer.drain(1), renderer.fd, renderer.start, call.get):
        with pytest.raises(ipczmq.Error) as caught:
            use()
        assert caught.value.errc is Errc.CLOSED


def test_driven_from_its_own_listener(main, renderer):
    problems = []

    @main.on("x")
    def _(event):
        for drive in (main.poll, main.run):
            try:
                drive()
            except ipczmq.Error as e:
                problems.append(e.errc)

    renderer.send("x")
    while not problems:
        main.poll(1)
    assert problems == [Errc.REENTERED] * 2


@pytest.mark.parametrize("options, message", [
    ({"lingre": 1}, "no option 'lingre'"),
    ({"duplicates": "maybe"}, "none of refuse, replace"),
    ({"overflow": "maybe"}, "none of block"),
    ({"linger": float("nan")}, "NaN"),
    ({"binary": str}, "binary is bytes, bytearray or memoryview"),
])
def test_options(endpoint, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        ipczmq.IpcMain(endpoint + "-other", **options)


def test_endpoints(main, endpoint):
    for where, errc in [(endpoint, Errc.ENDPOINT_IN_USE), ("pigeon://x", Errc.BAD_ENDPOINT),
                        ("tcp://0.0.0.0:*", Errc.FORBIDDEN)]:
        with pytest.raises(ipczmq.Error) as caught:
            ipczmq.IpcMain(where)
        assert caught.value.errc is errc
    with pytest.raises(ipczmq.Error) as caught:
        ipczmq.IpcRenderer(endpoint + "-nobody", connect_within=0.2)
    assert caught.value.errc is Errc.DISCONNECTED and "no main answers" in str(caught.value)


def test_errc_names_are_the_librarys():
    for errc in Errc:
        assert ipczmq._native.errc_name(int(errc)) == errc.name.lower()
