# SPDX-License-Identifier: MIT
"""Electron's events, and Node's EventEmitter semantics."""
import gc
import logging
import weakref

import pytest

import ipczmq
from conftest import eventually


def test_the_first_program(pair):
    got = []

    @pair.main.on("asynchronous-message")
    def _(event, arg):
        event.sender.send("asynchronous-reply", arg + "pong")

    @pair.main.on("synchronous-message")
    def _(event, arg):
        event.return_value = arg + "pong"
        event.return_value = "the first counts"

    @pair.renderer.on("asynchronous-reply")
    def _(event, arg):
        got.append(arg)

    pair.go()
    pair.renderer.send("asynchronous-message", "ping")
    assert pair.renderer.send_sync("synchronous-message", "ping") == "pingpong"
    assert eventually(lambda: got == ["pingpong"])


def test_emitter_verbs(pair):
    main, calls = pair.main, []

    def listener(event, *args):
        calls.append(("listener", *args))

    token = main.on("x", listener)
    main.on("x", listener)
    main.once("x", lambda event: calls.append("once"))
    main.prepend_listener("x", lambda event: calls.append("first"))
    anything = main.on_any(lambda event: calls.append(event.channel))
    assert main.listener_count("x") == 4 and main.event_names() == ["x"]
    assert main.emit("x", 1)
    assert calls == ["x", "first", ("listener", 1), ("listener", 1), "once"]
    assert main.off("x", listener) and main.off(token) and not main.off(token) and not main.off("x", listener)
    assert main.off(anything)
    calls.clear()
    assert main.emit("x") and calls == ["first"]
    main.remove_all_listeners("x")
    assert not main.emit("x") and main.listener_count("x") == 0
    main.set_max_listeners(3)
    assert main.get_max_listeners() == 3


def test_a_removed_once_is_not_called(pair):
    calls = []

    def listener(event):
        calls.append(1)

    pair.main.once("x", listener)
    assert pair.main.off("x", listener) and not pair.main.emit("x")
    pair.main.prepend_once_listener("x", listener)
    assert pair.main.emit("x") and not pair.main.off("x", listener) and calls == [1]


def test_listener_token_is_still_the_function():
    with ipczmq.IpcRenderer("inproc://nobody-at-all", linger=0) as renderer:
        @renderer.on("x")
        def double(event, n):
            return 2 * n
        assert double(None, 21) == 42
        assert isinstance(double, ipczmq.Listener) and double.channel == "x"


def test_fewer_parameters_than_arguments_are_fine(pair):
    got = []
    pair.main.on("x", lambda event, a: got.append(a))
    pair.main.on("x", lambda: got.append("none"))
    pair.main.on("x", lambda event, a, b, c=3: got.append((a, b, c)))
    assert pair.main.emit("x", 1, 2)
    assert got == [1, "none", (1, 2, 3)]


def test_missing_arguments_are_told_with_their_place(pair):
    pair.main.handle("sum", lambda event, a, b: a + b)
    pair.main.on("sum", lambda event, a, b: a + b)
    pair.go()
    with pytest.raises(ipczmq.RemoteError, match="channel 'sum': argument 2: wanted a value, got nothing") as caught:
        pair.renderer.invoke("sum", 1, deadline=20).get()
    assert caught.value.errc is ipczmq.Errc.BAD_ARGUMENTS
    pair.renderer.send("sum", 1)
    assert eventually(lambda: len(pair.errors) == 1)
    assert "argument 2" in pair.errors[0].what and pair.errors[0].exception.errc is ipczmq.Errc.BAD_ARGUMENTS


def test_listener_that_raises_does_not_rob_the_others(pair):
    got = []

    @pair.main.on("x")
    def _(event):
        raise ValueError("ouch")

    pair.main.on("x", lambda event: got.append(1))
    pair.go()
    pair.renderer.send("x")
    assert eventually(lambda: got == [1])
    failure, = pair.errors
    assert failure.channel == "x" and failure.peer == pair.renderer.identity and failure.what == "ValueError: ouch"
    assert isinstance(failure.exception, ValueError) and failure.exception.__traceback__ is not None


def test_without_a_hook_failures_are_logged_with_their_traceback(endpoint, caplog):
    with ipczmq.IpcMain(endpoint) as main, ipczmq.IpcRenderer(endpoint) as renderer:
        def broken(event):
            raise KeyError("missing")
        main.on("x", broken)
        main.start()
        with caplog.at_level(logging.ERROR, "ipczmq"):
            renderer.send("x")
            assert eventually(lambda: any("KeyError" in r.getMessage() for r in caplog.records))
    assert "in broken" in caplog.text and "on 'x'" in caplog.text


def test_contents_of_their_own(pair):
    pair.go()
    contents, got = pair.contents(), []
    assert contents.id > 0 and not contents.is_destroyed() and contents == pair.main.from_id(contents.id)
    assert contents in pair.main.web_contents() and contents.info()["connected"]

    def listener(event, n):
        got.append(("own", n))

    contents.ipc.on("x", listener)
    pair.main.on("x", lambda event, n: got.append(("main", n)))
    contents.ipc.handle("h", lambda event: "own")
    pair.main.handle("h", lambda event: "main")
    pair.renderer.send("x", 1)
    assert pair.renderer.invoke("h", deadline=20).get() == "own"
    assert got == [("own", 1), ("main", 1)]
    assert pair.main.from_id(contents.id).ipc.off("x", listener)
    pair.renderer.handle("ask", lambda event, n: n + 1)
    assert contents.invoke("ask", 41).get(20) == 42
    contents.close()
    assert eventually(contents.is_destroyed)
    with pytest.raises(ipczmq.Error) as caught:
        contents.send("x")
    assert caught.value.errc is ipczmq.Errc.PEER_GONE


def test_publish_and_broadcast(pair):
    got = []
    pair.renderer.on("news", lambda event, n: got.append(n))
    pair.go()
    pair.contents()
    assert eventually(lambda: pair.main.publish("news", 1) == 1)
    assert pair.main.publish("other") == 0 and pair.main.broadcast("news", 2) == 1
    assert eventually(lambda: got == [1, 2])


def test_life_of_renderers_is_told(endpoint):
    seen = []
    with ipczmq.IpcMain(endpoint) as main:
        main.on_web_contents_created(lambda contents: seen.append(("created", contents.identity)))
        main.on_render_process_gone(lambda contents, details: seen.append((details.reason, details.unacknowledged)))
        main.on_destroyed(lambda contents: seen.append(("destroyed", contents.is_destroyed())))
        main.start()
        with ipczmq.IpcRenderer(endpoint, identity="tester", connect_within=20) as renderer:
            renderer.on_connected(lambda: seen.append("connected"))
            renderer.on_closed(lambda details: seen.append(details.errc))
            assert renderer.is_connected() and renderer.writable() and renderer.info()["pid"] > 0
            assert renderer.poll(20) == 1
            assert main.statistics()["frames_malformed"] == 0
        assert eventually(lambda: len(seen) == 4)
    assert sorted(map(str, seen)) == sorted(map(str, ["connected", ("created", "tester"), ("clean-exit", 0),
                                                      ("destroyed", True)]))


def test_what_the_overflow_policy_drops_is_told(endpoint):
    dropped, got = [], []
    with ipczmq.IpcMain(endpoint, overflow="drop_newest", queue_messages=20, linger=0) as main, \
            ipczmq.IpcRenderer(endpoint, identity="full", connect_within=20, linger=0) as renderer:
        main.on_overflow(lambda contents, n: dropped.append((contents.identity, n)))
        main.start()
        assert eventually(lambda: main.from_identity("full"))
        for i in range(100):
            main.from_identity("full").send("x", i)
        assert eventually(lambda: sum(n for _, n in dropped) == main.statistics()["messages_dropped"])
        assert {name for name, _ in dropped} == {"full"} and sum(n for _, n in dropped) >= 70
        renderer.on("x", lambda event, i: got.append(i))
        renderer.start()
        assert eventually(lambda: len(got) + sum(n for _, n in dropped) == 100)
    assert got == list(range(len(got)))


def fill(renderer):
    """Nobody answers there, so the queue fills, which is one line in the log."""
    for i in range(20):
        renderer.send("x", i)


def test_log_lines_go_to_the_function_given_or_to_the_logger(endpoint, caplog):
    lines = []
    options = {"queue_messages": 10, "overflow": "drop_newest", "linger": 0}
    with ipczmq.IpcRenderer(endpoint, log=lambda level, line: lines.append((level, line)), **options) as renderer:
        fill(renderer)
    assert [level for level, line in lines if "queue" in line] == [2]
    assert not caplog.records
    with ipczmq.IpcRenderer(endpoint, **options) as renderer:
        fill(renderer)
    assert [r.levelname for r in caplog.records if "queue" in r.getMessage()] == ["WARNING"]


def test_what_a_closed_session_left_undelivered_is_given_back(endpoint):
    ended = []
    large = bytes(100_000)
    with ipczmq.IpcMain(endpoint) as main, \
            ipczmq.IpcRenderer(endpoint, identity="r", connect_within=20, binary=bytearray) as renderer:
        renderer.on_closed(ended.append)
        assert eventually(lambda: (main.poll(0.01), main.from_identity("r"))[1])
        renderer.send("x", 1, {"a": None})
        renderer.send("x", large)
        main.from_identity("r").close()
        assert eventually(lambda: (renderer.poll(0.01), ended)[1])
    details, = ended
    assert (details.errc, details.unacknowledged, details.repeated) == (ipczmq.Errc.CLOSED, 2, 0)
    lost = details.lost
    assert len(lost) == lost.unsent + lost.received + lost.unknown == 2
    assert [(m.channel, m.args) for m in lost.messages()] == [("x", [1, {"a": None}]), ("x", [bytearray(large)])]
    assert all(getattr(lost, m.fate) > 0 for m in lost.messages())
    assert isinstance(lost.messages()[1].args[0], bytearray)


def test_nothing_lost_is_an_empty_list(endpoint):
    gone = []
    with ipczmq.IpcMain(endpoint) as main:
        main.on_render_process_gone(lambda contents, details: gone.append(details))
        main.start()
        ipczmq.IpcRenderer(endpoint, connect_within=20).close()
        assert eventually(lambda: gone)
    assert (gone[0].reason, len(gone[0].lost), gone[0].lost.messages()) == ("clean-exit", 0, [])


def test_closed_endpoint_lets_go_of_its_listeners(endpoint):
    main = ipczmq.IpcMain(endpoint)
    main.on("x", lambda event: main)
    main.handle("x", lambda event: main)
    gone = weakref.ref(main)
    main.close()
    del main
    gc.collect()
    assert gone() is None


def test_endpoint_that_is_dropped_closes(endpoint):
    main = ipczmq.IpcMain(endpoint)
    main.on("x", lambda event: None)
    del main
    gc.collect()
    ipczmq.IpcMain(endpoint).close()  # the place is free again
