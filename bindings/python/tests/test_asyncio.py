# SPDX-License-Identifier: MIT
"""In asyncio's loops: no thread of ours, no busy polling."""
import asyncio
import resource
import threading
import time

import pytest

import ipczmq
from ipczmq import Errc


def in_loop(endpoint):
    """Runs an async test with a main and a renderer that the test's own loop serves."""
    def run(test):
        async def wrapped():
            async with ipczmq.IpcMain(endpoint) as main, ipczmq.IpcRenderer(endpoint) as renderer:
                await asyncio.wait_for(test(main, renderer), 60)
        asyncio.run(wrapped())
    return run


def test_await_both_sides_in_one_loop(endpoint):
    async def test(main, renderer):
        seen = []

        @main.handle("sum")
        async def _(event, a, b):
            seen.append(threading.current_thread())
            await asyncio.sleep(0)
            return a + b

        assert await renderer.invoke("sum", 1, 2) == 3
        assert await asyncio.gather(*[renderer.invoke("sum", i, i) for i in range(100)]) == [2 * i for i in range(100)]
        assert set(seen) == {threading.main_thread()}
        with pytest.raises(ipczmq.RemoteError, match="No handler registered for 'nobody'"):
            await renderer.invoke("nobody")

    in_loop(endpoint)(test)


def test_events_both_ways(endpoint):
    async def test(main, renderer):
        got = asyncio.Queue()
        main.on("ping", lambda event, n: event.reply("pong", n + 1))

        @renderer.on("pong")
        async def _(event, n):
            await got.put(n)

        renderer.send("ping", 1)
        assert await got.get() == 2
        (contents,) = main.web_contents()
        renderer.handle("ask", lambda event: "answer")
        assert await contents.invoke("ask") == "answer"

    in_loop(endpoint)(test)


def test_slow_handlers_run_at_the_same_time(endpoint):
    async def test(main, renderer):
        both = asyncio.Barrier(2)

        @main.handle("meet")
        async def _(event):
            await both.wait()  # returns when two are there
            return "met"

        assert await asyncio.gather(renderer.invoke("meet"), renderer.invoke("meet")) == ["met", "met"]

    in_loop(endpoint)(test)


def test_waiting_costs_no_time(endpoint):
    async def test(main, renderer):
        @main.handle("slow")
        async def _(event):
            await asyncio.sleep(2)

        await renderer.invoke("slow", deadline=30)
        polls = 0
        for each in (main, renderer):
            native, real = each._native, each._native.poll

            class Counting:
                def __getattr__(self, name, native=native):
                    return getattr(native, name)

                def poll(self, wait, real=real):
                    nonlocal polls
                    polls += 1
                    return real(wait)
            each._native = Counting()
        before = resource.getrusage(resource.RUSAGE_SELF)
        await renderer.invoke("slow", deadline=30)
        after = resource.getrusage(resource.RUSAGE_SELF)
        # A call, an answer, their acknowledgements, and a ping a second from either side.
        assert polls < 60
        assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5

    in_loop(endpoint)(test)


def test_cancelling_the_task_cancels_the_call(endpoint):
    async def test(main, renderer):
        began, ended = asyncio.Event(), asyncio.Event()

        @main.handle("forever")
        async def _(event):
            began.set()
            try:
                await asyncio.sleep(1000)
            finally:
                ended.set()

        task = asyncio.create_task(_wait_for(renderer.invoke("forever")))
        await began.wait()  # one that is cancelled before it is dispatched never runs
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await ended.wait()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(_wait_for(renderer.invoke("forever")), 0.1)

    in_loop(endpoint)(test)


async def _wait_for(call):
    return await call


def test_deadline(endpoint):
    async def test(main, renderer):
        kept = []
        main.handle("never", lambda event: asyncio.get_running_loop().create_future())
        main.on("keep", kept.append)
        with pytest.raises(ipczmq.TimedOut):
            await renderer.invoke("never", deadline=0.2)

    in_loop(endpoint)(test)


def test_serve_until_stop(endpoint):
    async def serve():
        main = ipczmq.IpcMain(endpoint)
        main.on("stop", lambda event: main.stop())
        await main.serve()
        main.close()

    def renderer():
        with ipczmq.IpcRenderer(endpoint) as r:
            r.send("stop")

    thread = threading.Thread(target=renderer)
    thread.start()
    asyncio.run(asyncio.wait_for(serve(), 30))
    thread.join(30)


def test_close_ends_what_waits(endpoint):
    async def test(main, renderer):
        main.handle("never", lambda event: asyncio.get_running_loop().create_future())
        waiting = asyncio.create_task(_wait_for(renderer.invoke("never")))
        await asyncio.sleep(0.1)
        await asyncio.get_running_loop().run_in_executor(None, renderer.close)
        with pytest.raises(ipczmq.Error) as caught:
            await waiting
        assert caught.value.errc is Errc.CLOSED

    in_loop(endpoint)(test)


def test_one_endpoint_in_one_loop_after_the_other(endpoint):
    with ipczmq.IpcMain(endpoint) as main, ipczmq.IpcRenderer(endpoint) as renderer:
        main.handle("x", lambda event: 1)
        main.start()
        for _ in range(3):
            assert asyncio.run(_wait_for(renderer.invoke("x"))) == 1
        renderer.start()
        assert asyncio.run(_wait_for(renderer.invoke("x"))) == 1  # a thread of its own drives it now


def test_blocking_calls_of_other_threads_go_on(endpoint):
    async def test(main, renderer):
        main.handle("x", lambda event, n: n)
        results = await asyncio.gather(*[
            asyncio.get_running_loop().run_in_executor(None, renderer.send_sync_or_invoke, i) for i in range(20)])
        assert results == list(range(20))

    class Renderer(ipczmq.IpcRenderer):
        def send_sync_or_invoke(self, n):
            return self.invoke("x", n).get(30)

    async def run():
        async with ipczmq.IpcMain(endpoint) as main, Renderer(endpoint) as renderer:
            await asyncio.wait_for(test(main, renderer), 60)
    began = time.monotonic()
    asyncio.run(run())
    assert time.monotonic() - began < 60
