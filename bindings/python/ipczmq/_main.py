# SPDX-License-Identifier: MIT
"""Main, and its handles of renderers."""
from __future__ import annotations

import weakref
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Union

from . import _native
from ._call import Call
from ._codec import checked_channel, pack_args
from ._emitter import Emitter
from ._endpoint import Endpoint, _log
from ._lost import Lost


class GoneDetails(NamedTuple):
    """Why a renderer has gone: "clean-exit", "crashed", "lost", "killed", "protocol-error" or "overflow"."""
    reason: str
    message: str
    unacknowledged: int
    lost: Lost


class WebContents:
    """Main's handle of one renderer (and, as `event.sender` in a renderer, its handle of main). Thread-safe."""
    __slots__ = ("_native", "_endpoint")

    def __init__(self, native: Any, endpoint: Endpoint) -> None:
        self._native = native
        self._endpoint = endpoint

    @property
    def id(self) -> int:
        """A small number, never used again by this main. 0 is main itself."""
        n: int = self._native.id
        return n

    @property
    def identity(self) -> str:
        name: str = self._native.identity
        return name

    def is_destroyed(self) -> bool:
        return bool(self._native.is_destroyed())

    def send(self, channel: str, *args: Any) -> None:
        """Raises Error: PEER_GONE, OVERFLOW (its queue is full), TOO_LARGE, BAD_CHANNEL, BAD_ARGUMENTS."""
        self._native.send(checked_channel(channel), *pack_args(args))

    def invoke(self, channel: str, *args: Any, deadline: Optional[float] = None) -> Call:
        """Calls the renderer's handler; without a deadline (seconds), the option call_deadline holds."""
        return Call(self._native.invoke(checked_channel(channel), *pack_args(args), deadline), self._endpoint)

    @property
    def ipc(self) -> Emitter:
        """Listeners and handlers for this peer alone; called before the endpoint's own."""
        known = self._endpoint._ipcs
        if self.id not in known:
            emitter = Emitter()
            emitter._setup(self._native.emitter(), self._endpoint)
            known.setdefault(self.id, emitter)
        return known[self.id]

    def close(self) -> None:
        """Ends its session."""
        self._native.close()

    def info(self) -> Dict[str, Any]:
        """pid, host, endpoint, library, connected, and counters."""
        known: Dict[str, Any] = self._native.info()
        return known

    def writable(self) -> bool:
        """Whether a send would find room in the queue."""
        return bool(self._native.writable())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WebContents) and bool(self._native == other._native)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<ipczmq.WebContents {self.id} {self.identity!r}>"


class IpcMain(Endpoint):
    """The one main, to which renderers connect: Electron's ipcMain.

    `endpoint`: "ipc://path", "tcp://127.0.0.1:5000", "tcp://127.0.0.1:*", "inproc://name", or several; without it,
    IPCZMQ_ENDPOINT or a socket of the user's own. `binary`: what large binaries arrive as; `memoryview` copies nothing.
    Options, times in seconds: identity, insecure, duplicates ("refuse", "replace"), ping_interval, ping_timeout,
    unresponsive_after, resume_for, linger, call_deadline, overflow ("block", "fail", "drop_oldest", "drop_newest",
    "disconnect"), block_for, queue_bytes, queue_messages, total_queue_bytes, total_inbox_bytes, connections_max,
    part_bytes, depth, and log(level, line).
    """

    def __init__(self, endpoint: Union[str, Sequence[str], None] = None, *, binary: Callable[[Any], Any] = bytes,
                 **options: Any) -> None:
        if endpoint is not None:
            options["endpoints"] = [endpoint] if isinstance(endpoint, str) else list(endpoint)
        options.setdefault("log", _log)
        super().__init__(_native.Main(options), binary)
        self._hooks: Dict[str, Callable[..., object]] = {}
        me = weakref.ref(self)

        def happened(what: str, contents: Any, reason: str, message: str, count: int, lost: Any) -> None:
            main = me()
            if main is not None:
                main._happened(what, contents, GoneDetails(reason, message, count, Lost(lost, binary)))

        self._native.set_hooks(happened)

    def _happened(self, what: str, native: Any, details: GoneDetails) -> None:
        hook = self._hooks.get(what)
        try:
            if hook is not None:
                contents = WebContents(native, self)
                if what == "overflow":
                    hook(contents, details.unacknowledged)
                elif what == "render_process_gone":
                    hook(contents, details)
                else:
                    hook(contents)
        finally:
            if what == "destroyed":
                self._ipcs.pop(native.id, None)

    @property
    def endpoints(self) -> List[str]:
        """Where it is bound, with the ports that were chosen."""
        bound: List[str] = self._native.endpoints()
        return bound

    def broadcast(self, channel: str, *args: Any) -> int:
        """Sends to every renderer; returns how many. One whose queue is full is left out."""
        n: int = self._native.broadcast(checked_channel(channel), *pack_args(args))
        return n

    def publish(self, channel: str, *args: Any) -> int:
        """Sends to those that listen on the channel; returns how many."""
        n: int = self._native.publish(checked_channel(channel), *pack_args(args))
        return n

    def web_contents(self) -> List[WebContents]:
        """The renderers that are there, by id."""
        return [WebContents(each, self) for each in self._native.web_contents()]

    def from_id(self, id_: int) -> Optional[WebContents]:
        found = self._native.from_id(id_)
        return None if found is None else WebContents(found, self)

    def from_identity(self, identity: str) -> Optional[WebContents]:
        found = self._native.from_identity(identity)
        return None if found is None else WebContents(found, self)

    # One hook each, set anew by a second call; all are decorators, and called where listeners are.

    def on_web_contents_created(self, hook: Callable[[WebContents], object]) -> Callable[[WebContents], object]:
        """A renderer has come; before its first message."""
        self._hooks["web_contents_created"] = hook
        return hook

    def on_render_process_gone(self, hook: Callable[[WebContents, GoneDetails], object]
                               ) -> Callable[[WebContents, GoneDetails], object]:
        """After the last of its messages."""
        self._hooks["render_process_gone"] = hook
        return hook

    def on_destroyed(self, hook: Callable[[WebContents], object]) -> Callable[[WebContents], object]:
        self._hooks["destroyed"] = hook
        return hook

    def on_unresponsive(self, hook: Callable[[WebContents], object]) -> Callable[[WebContents], object]:
        self._hooks["unresponsive"] = hook
        return hook

    def on_responsive(self, hook: Callable[[WebContents], object]) -> Callable[[WebContents], object]:
        self._hooks["responsive"] = hook
        return hook

    def on_recovered(self, hook: Callable[[WebContents], object]) -> Callable[[WebContents], object]:
        """It came back after its connection was lost, and nothing was lost with it."""
        self._hooks["recovered"] = hook
        return hook

    def on_overflow(self, hook: Callable[[WebContents, int], object]) -> Callable[[WebContents, int], object]:
        """The overflow policy dropped messages to it: so many since the last time."""
        self._hooks["overflow"] = hook
        return hook

    def on_drain(self, hook: Callable[[WebContents], object]) -> Callable[[WebContents], object]:
        """Its queue, once full, has room again."""
        self._hooks["drain"] = hook
        return hook
