# SPDX-License-Identifier: MIT
"""A renderer."""
from __future__ import annotations

import weakref
from typing import Any, Callable, Dict, NamedTuple, Optional

from . import _native
from ._call import Call
from ._codec import checked_channel, pack_args
from ._endpoint import Endpoint, _log
from ._errors import Errc
from ._lost import Lost


class DisconnectDetails(NamedTuple):
    """Why the connection broke or the session ended."""
    errc: Errc
    message: str
    unacknowledged: int
    lost: Lost
    repeated: int
    """Messages that go to the next main although the last may have dispatched them (after_restart="repeat")."""


class IpcRenderer(Endpoint):
    """One renderer, connected to main: Electron's ipcRenderer.

    `endpoint` and `binary`: see IpcMain. Options, times in seconds: identity, insecure, connect_within (the constructor
    waits so long for main, and else raises), call_deadline, linger, overflow, block_for, queue_bytes, queue_messages,
    after_restart ("report" or "repeat"), part_bytes, depth, and log(level, line).
    """

    def __init__(self, endpoint: Optional[str] = None, *, binary: Callable[[Any], Any] = bytes, **options: Any) -> None:
        if endpoint is not None:
            options["endpoint"] = endpoint
        options.setdefault("log", _log)
        super().__init__(_native.Renderer(options), binary)
        self._hooks: Dict[str, Callable[..., object]] = {}
        me = weakref.ref(self)

        def happened(what: str, code: int, message: str, count: int, lost: Any, repeated: int) -> None:
            renderer = me()
            hook = renderer._hooks.get(what) if renderer is not None else None
            if hook is None:
                return
            if what == "overflow":
                hook(count)
            elif code:
                hook(DisconnectDetails(Errc(code), message, count, Lost(lost, binary), repeated))
            else:
                hook()

        self._native.set_hooks(happened)

    def send(self, channel: str, *args: Any) -> None:
        """Sends an event to main. Waits while the queue is full (in a listener it raises Error(OVERFLOW))."""
        self._native.send(checked_channel(channel), *pack_args(args))

    def send_sync(self, channel: str, *args: Any, deadline: Optional[float] = None) -> Any:
        """Sends, and waits for `event.return_value`: at most `deadline` seconds. Other messages stay queued meanwhile.
        Ctrl-C ends it."""
        call = Call(self._native.start_sync(checked_channel(channel), *pack_args(args), deadline), self)
        try:
            return call.get()
        except BaseException:
            call.cancel()  # no effect on one that is complete
            raise

    def invoke(self, channel: str, *args: Any, deadline: Optional[float] = None) -> Call:
        """Calls main's handler: `.get()` the answer, or `await` it."""
        return Call(self._native.invoke(checked_channel(channel), *pack_args(args), deadline), self)

    def is_connected(self) -> bool:
        return bool(self._native.is_connected())

    def info(self) -> Dict[str, Any]:
        """What is known of main."""
        known: Dict[str, Any] = _native.describe_main(self._native)
        return known

    def writable(self) -> bool:
        """Whether a send would find room in the queue."""
        return bool(self._native.writable())

    # One hook each, set anew by a second call; all are decorators, and called where listeners are.

    def on_connected(self, hook: Callable[[], object]) -> Callable[[], object]:
        """Main has welcomed this renderer: a new session."""
        self._hooks["connected"] = hook
        return hook

    def on_disconnected(self, hook: Callable[[DisconnectDetails], object]) -> Callable[[DisconnectDetails], object]:
        """The connection broke, or main was restarted. It goes on trying."""
        self._hooks["disconnected"] = hook
        return hook

    def on_recovered(self, hook: Callable[[], object]) -> Callable[[], object]:
        """The connection came back and the session goes on; nothing was lost."""
        self._hooks["recovered"] = hook
        return hook

    def on_overflow(self, hook: Callable[[int], object]) -> Callable[[int], object]:
        """The overflow policy dropped messages: so many since the last time."""
        self._hooks["overflow"] = hook
        return hook

    def on_drain(self, hook: Callable[[], object]) -> Callable[[], object]:
        """The queue to main, once full, has room again."""
        self._hooks["drain"] = hook
        return hook

    def on_closed(self, hook: Callable[[DisconnectDetails], object]) -> Callable[[DisconnectDetails], object]:
        """It is over: main closed or refused this renderer."""
        self._hooks["closed"] = hook
        return hook
