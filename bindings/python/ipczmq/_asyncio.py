# SPDX-License-Identifier: MIT
"""An endpoint among asyncio's loops: which one drives it, and where its coroutines run."""
from __future__ import annotations

import asyncio
import threading
import weakref
from typing import TYPE_CHECKING, Any, Awaitable, Optional, Set

from ._codec import pack_value
from ._errors import Errc, Error
from ._event import Event

if TYPE_CHECKING:
    from ._endpoint import Endpoint

_JOIN_SECONDS = 1.0


class Loops:
    def __init__(self, endpoint: "Endpoint") -> None:
        self._endpoint = weakref.ref(endpoint)
        self._driving: Optional[asyncio.AbstractEventLoop] = None
        self._background: Optional[asyncio.AbstractEventLoop] = None
        self._thread: Optional[threading.Thread] = None
        self._tasks: Set["asyncio.Task[Any]"] = set()
        self._lock = threading.Lock()

    # --- who drives ---

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Has `loop`, which is this thread's, dispatch the endpoint: its descriptor is among those that it watches."""
        endpoint = self._endpoint()
        if endpoint is None or self._driving is loop:
            return
        if self._driving is not None and not self._driving.is_closed():
            return  # another one does
        self._driving = loop
        loop.add_reader(endpoint._native.fd(), self._readable)

    def detach(self) -> None:
        """From any thread."""
        loop, self._driving = self._driving, None
        endpoint = self._endpoint()
        if loop is None or loop.is_closed() or endpoint is None or endpoint._fd is None:
            return
        if _running() is loop:
            loop.remove_reader(endpoint._fd)
        else:
            try:
                loop.call_soon_threadsafe(loop.remove_reader, endpoint._fd)
            except RuntimeError:
                pass  # it was closed meanwhile

    def _readable(self) -> None:
        endpoint = self._endpoint()
        if endpoint is None:
            return
        try:
            endpoint._native.poll(0)
        except Error as e:
            if e.errc not in (Errc.CLOSED, Errc.REENTERED):
                raise
            self.detach()  # it is over, or a thread in run() does it now

    # --- what runs ---

    def spawn(self, work: Awaitable[Any], event: Event, answers: bool) -> None:
        """Runs what an async listener or handler returned, and answers with what comes of it."""
        loop = self._driving
        if loop is None or not loop.is_running():
            loop = _running() or self._own_loop()
        finish = self._finish(work, event, answers)
        if _running() is loop:
            self._start(loop, finish, event)
        else:
            loop.call_soon_threadsafe(self._start, loop, finish, event)

    def _start(self, loop: asyncio.AbstractEventLoop, finish: Any, event: Event) -> None:
        task = loop.create_task(finish)
        self._tasks.add(task)  # the loop itself holds it weakly
        task.add_done_callback(self._tasks.discard)
        if event.is_call:
            def cancel() -> None:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(task.cancel)
            event.on_cancel(cancel)

    async def _finish(self, work: Awaitable[Any], event: Event, answers: bool) -> None:
        try:
            result = await work
            if answers:
                event._native.set_return(*pack_value(result, "the handler's result"))
        except asyncio.CancelledError:
            event.fail(Error(f"'{event.channel}' was cancelled", Errc.CANCELLED))
            raise
        except Exception as e:  # pylint: disable=broad-except
            told = event.fail(e)
            endpoint = self._endpoint()
            if endpoint is not None and not (answers and told):
                endpoint._failed(event.channel, event.sender.identity, str(e), e)

    def _own_loop(self) -> asyncio.AbstractEventLoop:
        """For endpoints that no loop drives: one on a thread of its own."""
        with self._lock:
            if self._background is None:
                self._background = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._background.run_forever, name="ipczmq-asyncio", daemon=True)
                self._thread.start()
            return self._background

    def close(self) -> None:
        self.detach()
        with self._lock:
            loop, thread, self._background = self._background, self._thread, None
        if loop is None or thread is None:
            return

        loop.call_soon_threadsafe(self._end, loop)
        if thread is not threading.current_thread():
            thread.join(_JOIN_SECONDS)
            if not thread.is_alive():
                loop.close()

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        for task in list(self._tasks):
            task.cancel()
        loop.call_soon(loop.stop)  # after they have been told


def _running() -> Optional[asyncio.AbstractEventLoop]:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
