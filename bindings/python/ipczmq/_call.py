# SPDX-License-Identifier: MIT
"""The answer to come of an invoke."""
from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Callable, Generator, Optional

from ._codec import unpack

if TYPE_CHECKING:
    from . import _native
    from ._endpoint import Endpoint


class Call:
    """`get()` blocks, `await` does not. Dropping it detaches: the call goes on. Thread-safe."""
    __slots__ = ("_native", "_endpoint", "__weakref__")

    def __init__(self, native: "_native.Call", endpoint: "Endpoint") -> None:
        self._native = native
        self._endpoint = endpoint

    def get(self, timeout: Optional[float] = None) -> Any:
        """The answer. Raises RemoteError (the handler raised, there is none) or Error; TimedOut after `timeout` seconds,
        and then the call itself goes on. Runs no listeners."""
        return unpack(self._native.get(timeout), self._endpoint._large)

    def ready(self) -> bool:
        """Whether get() would return, or raise, at once."""
        return self._native.ready()

    def cancel(self) -> None:
        """Tells the other side to stop, and completes with Error(CANCELLED)."""
        self._native.cancel()

    def then(self, callback: Callable[["Call"], object]) -> None:
        """Calls back once, on the dispatching thread, when the answer is there; its get() then returns at once. When the
        endpoint closes first, it raises Error(CLOSED)."""
        self._native.then(lambda: callback(self))

    def __await__(self) -> Generator[Any, None, Any]:
        """Cancelling the task that waits cancels the call."""
        if not self.ready():
            yield from self._wait_in(asyncio.get_running_loop())
        return self.get()

    def _wait_in(self, loop: asyncio.AbstractEventLoop) -> Generator[Any, None, None]:
        done: "asyncio.Future[None]" = loop.create_future()

        def settle() -> None:
            if not done.done():
                done.set_result(None)

        def tell() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle)

        self._endpoint._drive_in(loop)
        self._endpoint._waiting.add(tell)
        try:
            self._native.then(tell)
            if self._endpoint.is_closed():
                tell()  # it closed meanwhile, and dispatches nothing any more
            yield from done
        except asyncio.CancelledError:
            self._native.cancel()
            raise
        finally:
            self._endpoint._waiting.discard(tell)
