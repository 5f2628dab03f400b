# SPDX-License-Identifier: MIT
"""What IpcMain and IpcRenderer share: driving, closing, failures."""
from __future__ import annotations

import asyncio
import atexit
import logging
import sys
import threading
import weakref
from typing import Any, Callable, Dict, NamedTuple, Optional, Set, Tuple, TypeVar

from . import _native
from ._asyncio import Loops
from ._emitter import Emitter
from ._event import Event

log = logging.getLogger("ipczmq")
_LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)
Self = TypeVar("Self", bound="Endpoint")


class Failure(NamedTuple):
    """A listener raised, or a message did not fit it. Given to `on_error`."""
    channel: str
    peer: str
    what: str
    exception: BaseException


def _settle(done: "asyncio.Future[None]") -> None:
    if not done.done():
        done.set_result(None)


def _log(level: int, line: str) -> None:
    log.log(_LEVELS[level], line)


class Endpoint(Emitter):
    """Thread-safe. Listeners run one at a time, on the thread in run() or poll(), on start()'s own, or in the loop of
    asyncio that serves the endpoint. Closing: `close()`, or `with`, or at the end of the program."""

    _native: Any

    def __init__(self, native: Any, binary: Callable[[Any], Any]) -> None:
        if binary not in (bytes, bytearray, memoryview):
            raise TypeError("binary is bytes, bytearray or memoryview")
        self._native = native
        self._large = binary
        self._fd: Optional[int] = None
        self._loops = Loops(self)
        self._running = 0  # threads in run()
        self._started = False
        self._waiting: Set[Callable[[], None]] = set()
        self._serving: Optional[Tuple[asyncio.AbstractEventLoop, "asyncio.Future[None]"]] = None
        self._error_hook: Optional[Callable[[Failure], object]] = None
        self._ipcs: Dict[int, Emitter] = {}
        self._setup(native.emitter(), self)
        me = weakref.ref(self)  # the native side holds the hook

        def failed(channel: str, peer: str, what: str, exception: BaseException) -> None:
            endpoint = me()
            if endpoint is not None:
                endpoint._failed(channel, peer, what, exception)

        native.on_error(failed)
        _alive.add(self)

    # --- driving ---

    def run(self) -> None:
        """Dispatches on this thread until stop(). Ctrl-C comes out of it as KeyboardInterrupt."""
        self._loops.detach()
        self._running += 1
        try:
            self._native.run()
        finally:
            self._running -= 1

    def start(self) -> None:
        """Dispatches on a thread of its own until stop() or close()."""
        self._loops.detach()
        self._native.start()
        self._started = True

    def stop(self) -> None:
        """Ends run(), serve() and start()'s thread, or else the next run(). From any thread or listener."""
        serving = self._serving
        if serving is not None:
            loop, done = serving
            loop.call_soon_threadsafe(_settle, done)
            return
        self._started = False
        self._native.stop()

    def poll(self, wait: float = 0) -> int:
        """Dispatches what has arrived, waiting at most `wait` seconds for the first. Returns how many messages."""
        n: int = self._native.poll(wait)
        return n

    def fd(self) -> int:
        """A descriptor that is readable (level-triggered) when poll() has something to do. For foreign loops."""
        if self._fd is None:
            self._fd = self._native.fd()
        return self._fd

    async def serve(self) -> None:
        """Dispatches in this asyncio loop until stop(): run() for asyncio. Awaiting a call does the same meanwhile."""
        loop = asyncio.get_running_loop()
        self._drive_in(loop)
        done: "asyncio.Future[None]" = loop.create_future()
        self._serving = loop, done
        try:
            await done
        finally:
            self._serving = None

    def _drive_in(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._running and not self._started and not self.is_closed():
            self.fd()
            self._loops.attach(loop)

    # --- ending ---

    def drain(self, within: float) -> bool:
        """Waits until all that was sent has been acknowledged; False when `within` seconds have passed before."""
        complete, _ = self._native.drain(within)
        return bool(complete)

    def close(self) -> None:
        """Waits for acknowledgements for `linger`, then ends. Open calls fail with CLOSED, and so does later use."""
        self._loops.close()
        self._native.close()
        for tell in list(self._waiting):
            tell()
        if self._serving is not None:
            self.stop()
        self._let_go()
        for each in list(self._ipcs.values()):
            each._let_go()

    def is_closed(self) -> bool:
        return bool(self._native.is_closed())

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self: Self) -> Self:
        self._drive_in(asyncio.get_running_loop())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._loops.detach()
        await asyncio.get_running_loop().run_in_executor(None, self.close)

    # --- the rest ---

    @property
    def identity(self) -> str:
        name: str = self._native.identity()
        return name

    def statistics(self) -> Dict[str, int]:
        """Totals since the endpoint was made."""
        totals: Dict[str, int] = self._native.statistics()
        return totals

    def on_error(self, hook: Callable[[Failure], object]) -> Callable[[Failure], object]:
        """Gets what listeners raise and nobody else hears of. One hook; without it, the logger "ipczmq" is told."""
        if not callable(hook):
            raise TypeError(f"Expected hook to be a function, but found type '{type(hook).__name__}'")
        self._error_hook = hook
        return hook

    def _failed(self, channel: str, peer: str, what: str, exception: BaseException) -> None:
        if not isinstance(exception, Exception) and threading.current_thread() is threading.main_thread():
            return  # Ctrl-C and the like: run(), poll() or the loop raises it
        if self._error_hook is not None:
            self._error_hook(Failure(channel, peer, what, exception))
            return
        log.error("a message from '%s' on '%s' failed in a listener: %s", peer, channel, what,
                  exc_info=(type(exception), exception, exception.__traceback__))

    def _event(self, native: Any) -> Event:
        from ._main import WebContents
        return Event(native, WebContents(native.sender, self))


_alive: "weakref.WeakSet[Endpoint]" = weakref.WeakSet()


def _end() -> None:
    """At the end of the program, while Python still works: nothing of the library runs Python code after this."""
    for endpoint in list(_alive):
        try:
            endpoint.close()
        except Exception as e:  # pylint: disable=broad-except
            print(f"ipczmq: closing at exit: {e}", file=sys.stderr)
    _native.close_interpreter()


atexit.register(_end)
