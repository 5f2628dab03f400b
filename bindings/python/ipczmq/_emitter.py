# SPDX-License-Identifier: MIT
"""The listener and handler verbs of IpcMain, IpcRenderer and WebContents.ipc."""
from __future__ import annotations

import asyncio
import inspect
import threading
import weakref
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Set, Tuple, TypeVar, Union, overload

from ._codec import checked_channel, pack_args, pack_value, unpack
from ._errors import BadArguments, Error, Errc
from ._event import Event

if TYPE_CHECKING:
    from . import _native
    from ._endpoint import Endpoint

F = TypeVar("F", bound=Callable[..., Any])
_MISSING: Any = object()


class Listener:
    """A registration, returned by `on`. Calling it is calling the function, so that decorators leave it usable."""
    __slots__ = ("channel", "function", "id")

    def __init__(self, channel: Optional[str], function: Callable[..., Any], id_: int) -> None:
        self.channel, self.function, self.id = channel, function, id_

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


def _check(channel: object, function: object, what: str) -> None:
    checked_channel(channel)
    if not callable(function):
        raise TypeError(f"Expected {what} to be a function, but found type '{type(function).__name__}'")


def _positions(function: Callable[..., Any]) -> Tuple[int, Optional[int]]:
    """How many positional arguments it needs, and how many it takes at most (None: any number)."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 0, None
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = sum(p.default is p.empty for p in positional)
    return needed, None if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(positional)


def _calling(function: Callable[..., Any]) -> Callable[[Event, List[Any]], Any]:
    """As in JavaScript a listener may take fewer arguments than are sent; missing ones are an error with a place."""
    needed, most = _positions(function)

    def call(event: Event, args: List[Any]) -> Any:
        if 1 + len(args) < needed:
            raise BadArguments(f"channel '{event.channel}': argument {len(args) + 1}: wanted a value, got nothing "
                               f"({len(args)} argument{'s were' if len(args) != 1 else ' was'} sent)")
        given = (event, *args)
        return function(*(given if most is None else given[:most]))

    return call


class Emitter:
    """Node's EventEmitter semantics. Thread-safe.

    A listener is called with (event, *args); one that takes fewer arguments gets fewer. It may be `async def`: it then
    runs as a task of the endpoint's loop. Every verb that takes a function is a decorator without it.
    """

    def _setup(self, native: "_native.Emitter", endpoint: "Endpoint") -> None:
        self._emitter = native
        self._owner = weakref.ref(endpoint)
        self._handled: Set[str] = set()
        self._tokens: Dict[str, List[Listener]] = {}
        self._tokens_lock = threading.Lock()

    # --- listeners ---

    @overload
    def on(self, channel: str, listener: Callable[..., Any]) -> Listener: ...
    @overload
    def on(self, channel: str) -> Callable[[Callable[..., Any]], Listener]: ...
    def on(self, channel: str, listener: Any = _MISSING) -> Any:
        """Calls `listener` for every message on the channel."""
        return self._add(channel, listener, False, False)

    @overload
    def once(self, channel: str, listener: Callable[..., Any]) -> Listener: ...
    @overload
    def once(self, channel: str) -> Callable[[Callable[..., Any]], Listener]: ...
    def once(self, channel: str, listener: Any = _MISSING) -> Any:
        """The same for the next message only."""
        return self._add(channel, listener, True, False)

    def add_listener(self, channel: str, listener: Callable[..., Any]) -> Listener:
        return self.on(channel, listener)

    def prepend_listener(self, channel: str, listener: Callable[..., Any]) -> Listener:
        """As `on`, before those that are there."""
        added: Listener = self._add(channel, listener, False, True)
        return added

    def prepend_once_listener(self, channel: str, listener: Callable[..., Any]) -> Listener:
        added: Listener = self._add(channel, listener, True, True)
        return added

    def on_any(self, listener: Callable[..., Any]) -> Listener:
        """Calls `listener` for every message, before the channel's own; `event.channel` tells which."""
        _check("", listener, "listener")
        return Listener(None, listener, self._emitter.add_any(self._adapt(_calling(listener))))

    def off(self, channel: Union[str, Listener], listener: Union[Callable[..., Any], Listener, None] = None) -> bool:
        """Removes one registration: `off(token)`, or `off(channel, function)` for the most recent of that function."""
        if isinstance(channel, Listener):
            return self._emitter.off(channel.id)
        if isinstance(listener, Listener):
            return listener.channel == channel and self._emitter.off(listener.id)
        _check(channel, listener, "listener")
        with self._tokens_lock:
            known = self._tokens.get(channel, [])
            for token in reversed(known):
                if token.function == listener:
                    known.remove(token)
                    if self._emitter.off(token.id):
                        return True
        return False

    def remove_listener(self, channel: Union[str, Listener],
                        listener: Union[Callable[..., Any], Listener, None] = None) -> bool:
        return self.off(channel, listener)

    def remove_all_listeners(self, channel: Optional[str] = None) -> None:
        self._emitter.remove_all(channel)
        with self._tokens_lock:
            if channel is None:
                self._tokens.clear()
            else:
                self._tokens.pop(channel, None)

    def listener_count(self, channel: str) -> int:
        return self._emitter.listener_count(channel)

    def event_names(self) -> List[str]:
        return self._emitter.event_names()

    def set_max_listeners(self, n: int) -> None:
        """More on one channel than this is logged once. 0: no limit."""
        self._emitter.set_max_listeners(n)

    def get_max_listeners(self) -> int:
        return self._emitter.get_max_listeners()

    def emit(self, channel: str, *args: Any) -> bool:
        """Calls the channel's listeners here and now; nothing is sent. False when there are none."""
        return self._emitter.emit(checked_channel(channel), *pack_args(args))

    # --- handlers ---

    @overload
    def handle(self, channel: str, handler: Callable[..., Any]) -> None: ...
    @overload
    def handle(self, channel: str) -> Callable[[F], F]: ...
    def handle(self, channel: str, handler: Any = _MISSING) -> Any:
        """The channel's one handler for `invoke`: what it returns is the answer. It may be `async def`."""
        return self._add_handler(channel, handler, False)

    @overload
    def handle_once(self, channel: str, handler: Callable[..., Any]) -> None: ...
    @overload
    def handle_once(self, channel: str) -> Callable[[F], F]: ...
    def handle_once(self, channel: str, handler: Any = _MISSING) -> Any:
        return self._add_handler(channel, handler, True)

    def remove_handler(self, channel: str) -> None:
        self._emitter.remove_handler(channel)
        self._handled.discard(channel)

    def has_handler(self, channel: str) -> bool:
        return self._emitter.has_handler(channel)

    # --- inside ---

    def _let_go(self) -> None:
        """Drops all functions: they may hold the endpoint, which holds them."""
        self.remove_all_listeners()
        for channel in list(self._handled):
            self.remove_handler(channel)

    def _add(self, channel: str, listener: Any, once: bool, prepend: bool) -> Any:
        if listener is _MISSING and isinstance(channel, str):
            return lambda function: self._add(channel, function, once, prepend)
        _check(channel, listener, "listener")
        token = Listener(channel, listener, 0)
        call = self._adapt(_calling(listener))
        if once:
            call = self._forgetting(token, call)
        with self._tokens_lock:
            self._tokens.setdefault(channel, []).append(token)
            try:
                token.id = self._emitter.add(channel, call, once, prepend)
            except BaseException:
                self._tokens[channel].remove(token)
                raise
        return token

    def _forgetting(self, token: Listener, call: Callable[..., None]) -> Callable[..., None]:
        def once(native: Any, value: Any) -> None:
            with self._tokens_lock:
                known = self._tokens.get(token.channel or "", [])
                if token in known:
                    known.remove(token)
            call(native, value)
        return once

    def _add_handler(self, channel: str, handler: Any, once: bool) -> Any:
        if handler is _MISSING and isinstance(channel, str):
            def decorate(function: F) -> F:
                self._add_handler(channel, function, once)
                return function
            return decorate
        if isinstance(channel, str) and self.has_handler(channel):
            raise Error(f"Attempted to register a second handler for '{channel}'", Errc.DUPLICATE_HANDLER)
        _check(channel, handler, "handler")
        self._emitter.handle(channel, self._adapt(_calling(handler), answers=True), once)
        self._handled.add(channel)
        return None

    def _adapt(self, call: Callable[[Event, List[Any]], Any], answers: bool = False) -> Callable[..., None]:
        """What the native module calls, with its event and the packed arguments."""
        alive = self._owner  # weakly: the native side holds this function

        def called(native: "_native.Event", value: "_native.Value") -> None:
            owner = alive()
            if owner is None:
                return
            args = unpack(value, owner._large)
            del value  # it holds the event, which a listener may want to let go
            event = owner._event(native)
            result = call(event, args)
            if asyncio.iscoroutine(result) or isinstance(result, asyncio.Future):
                owner._loops.spawn(result, event, answers)
            elif answers:
                native.set_return(*pack_value(result, "the handler's result"))

        return called
