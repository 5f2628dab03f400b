# SPDX-License-Identifier: MIT
"""Calls: answers, errors with their details, deadlines, cancelling, answers that come later."""
import threading
import time

import pytest

import ipczmq
from conftest import eventually
from ipczmq import Errc


def failure_of(function, *args, **options):
    with pytest.raises(ipczmq.Error) as caught:
        function(*args, **options)
    return caught.value


def test_errors_travel_whole(pair):
    class Broke(Exception):
        data = {"cents": 7}

    @pair.main.handle("pay")
    def _(event, how):
        if how == "plain":
            raise ValueError("no money")
        if how == "data":
            raise Broke("no money")
        if how == "unsendable":
            error = RuntimeError("odd")
            error.data = object()
            raise error
        raise ipczmq.RemoteError("too big", name="RangeError", data=[1, {"limit": 5}])

    pair.go()
    prefix = "Error invoking remote method 'pay': "
    for how, text, name, message, data in [
            ("plain", "ValueError: no money", "ValueError", "no money", None),
            ("data", "Broke: no money", "Broke", "no money", {"cents": 7}),
            ("unsendable", "RuntimeError: odd", "RuntimeError", "odd", None),
            ("remote", "RangeError: too big", "RangeError", "too big", [1, {"limit": 5}])]:
        e = failure_of(pair.renderer.invoke("pay", how, deadline=20).get)
        assert isinstance(e, ipczmq.RemoteError)
        assert (str(e), e.name, e.message, e.data, e.errc) == (prefix + text, name, message, data, Errc.REMOTE_FAILED)


def test_what_a_listener_raises_answers_its_call_at_once(pair):
    @pair.main.on("x")
    def _(event):
        local = event  # a traceback holds this frame, the frame the event, and the event the call
        raise ValueError(f"ouch {local.channel}")

    pair.go()
    e = failure_of(pair.renderer.send_sync, "x", deadline=20)
    assert (e.name, e.message, e.errc) == ("ValueError", "ouch x", Errc.REMOTE_FAILED)
    assert len(pair.errors) == 1


def test_nobody_is_an_error_at_once(pair):
    pair.main.on("silent", lambda event: None)
    pair.go()
    assert failure_of(pair.renderer.send_sync, "nobody").errc is Errc.NO_LISTENER
    assert failure_of(pair.renderer.send_sync, "silent").errc is Errc.NO_REPLY
    e = failure_of(pair.renderer.invoke("nobody").get, 20)
    assert e.errc is Errc.NO_HANDLER
    assert str(e) == "Error invoking remote method 'nobody': Error: No handler registered for 'nobody'"


def test_deadline_passes(pair):
    kept = []
    pair.main.on("x", kept.append)
    pair.go()
    pair.contents()
    began = time.monotonic()
    e = failure_of(pair.renderer.send_sync, "x", deadline=0.3)
    assert isinstance(e, ipczmq.TimedOut) and isinstance(e, TimeoutError) and e.errc is Errc.TIMED_OUT
    assert 0.3 <= time.monotonic() - began < 10
    assert eventually(lambda: kept[0].cancelled)


def test_get_with_a_timeout_leaves_the_call_alone(pair):
    release = threading.Event()

    @pair.main.handle("x")
    def _(event):
        release.wait(20)
        return 42

    pair.go()
    call = pair.renderer.invoke("x")
    assert failure_of(call.get, 0.25).errc is Errc.TIMED_OUT
    assert not call.ready()
    release.set()
    assert call.get(20) == 42 and call.ready() and call.get() == 42


def test_cancel_reaches_the_other_side(pair):
    cancelled, kept = threading.Event(), []

    @pair.main.on("x")
    def _(event):
        event.on_cancel(cancelled.set)
        kept.append(event)

    @pair.main.handle("y")
    async def _(event):
        import asyncio
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            kept.append("y was cancelled")
            raise

    pair.go()
    assert failure_of(pair.renderer.send_sync, "x", deadline=0.2).errc is Errc.TIMED_OUT
    assert cancelled.wait(20)
    call = pair.renderer.invoke("y")
    assert failure_of(call.get, 0.3).errc is Errc.TIMED_OUT
    call.cancel()
    assert failure_of(call.get).errc is Errc.CANCELLED
    assert eventually(lambda: "y was cancelled" in kept)


def test_kept_event_answers_later_from_another_thread(pair):
    @pair.main.on("x")
    def _(event, n):
        threading.Timer(0.05, lambda: setattr(event, "return_value", n + 1)).start()

    @pair.main.on("fails")
    def _(event):
        threading.Timer(0.05, lambda: event.fail(ipczmq.RemoteError("late", name="SlowError"))).start()

    pair.go()
    assert pair.renderer.send_sync("x", 41, deadline=20) == 42
    assert failure_of(pair.renderer.send_sync, "fails", deadline=20).name == "SlowError"


def test_event_that_is_dropped_unanswered_is_no_reply(pair):
    @pair.main.on("x")
    def _(event):
        threading.Timer(0.05, lambda kept=event: None).start()

    pair.go()
    assert failure_of(pair.renderer.send_sync, "x", deadline=20).errc is Errc.NO_REPLY


def test_async_handlers_work_without_a_loop_of_the_users(pair):
    import asyncio

    @pair.main.handle("slow")
    async def _(event, n):
        await asyncio.sleep(0.01)
        return n + 1

    @pair.main.handle("fails")
    async def _(event):
        await asyncio.sleep(0)
        raise ValueError("later")

    @pair.main.on("sync")
    async def _(event, n):
        await asyncio.sleep(0.01)
        event.return_value = n * 2

    @pair.main.on("one-way")
    async def _(event):
        raise ValueError("nobody waits")

    pair.go()
    assert [c.get(20) for c in [pair.renderer.invoke("slow", i) for i in range(50)]] == list(range(1, 51))
    assert failure_of(pair.renderer.invoke("fails").get, 20).name == "ValueError"
    assert pair.renderer.send_sync("sync", 21, deadline=20) == 42
    pair.renderer.send("one-way")
    assert eventually(lambda: [f.what for f in pair.errors] == ["nobody waits"])


def test_then_is_called_back_where_listeners_are(pair):
    got = []
    pair.main.handle("x", lambda event: 7)
    pair.go()
    pair.renderer.invoke("x").then(lambda call: got.append((call.get(), threading.current_thread().name)))
    assert eventually(lambda: len(got) == 1)
    assert got[0][0] == 7 and got[0][1] != "MainThread"


def test_send_sync_inside_a_listener(pair):
    got = []
    pair.main.on("ask", lambda event: event.reply("question"))
    pair.main.on("inner", lambda event: setattr(event, "return_value", "answer"))
    pair.renderer.on("question", lambda event: got.append(pair.renderer.send_sync("inner", deadline=20)))
    pair.go()
    pair.renderer.send("ask")
    assert eventually(lambda: got == ["answer"])


def test_handle_once_and_result_that_cannot_be_sent(pair):
    pair.main.handle_once("once", lambda event: object())
    assert pair.main.has_handler("once")
    pair.go()
    e = failure_of(pair.renderer.invoke("once").get, 20)
    assert e.errc is Errc.BAD_ARGUMENTS and "the handler's result cannot be sent: msgpack has no object" in str(e)
    assert failure_of(pair.renderer.invoke("once").get, 20).errc is Errc.NO_HANDLER


def test_many_threads_call_at_once(pair):
    pair.main.handle("square", lambda event, n: n * n)
    pair.main.on("square", lambda event, n: setattr(event, "return_value", n * n))
    pair.go()
    wrong = []

    def work(base):
        for n in range(base, base + 50):
            if pair.renderer.invoke("square", n).get(30) != n * n or pair.renderer.send_sync("square", n) != n * n:
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(i * 1000,)) for i in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert wrong == [] and not any(t.is_alive() for t in threads)
