# SPDX-License-Identifier: MIT
"""What is raised, and how it travels."""
from __future__ import annotations

import enum
import traceback
from typing import Any, Optional, Tuple


class Errc(enum.IntEnum):
    """What went wrong; the names are those of the wire."""
    NO_LISTENER = 1
    NO_REPLY = 2
    NO_HANDLER = 3
    DUPLICATE_HANDLER = 4
    BAD_ARGUMENTS = 5
    TIMED_OUT = 6
    CANCELLED = 7
    DISCONNECTED = 8
    MAIN_RESTARTED = 9
    PEER_GONE = 10
    CLOSED = 11
    OVERFLOW = 12
    TOO_LARGE = 13
    BAD_CHANNEL = 14
    REFUSED = 15
    DUPLICATE_IDENTITY = 16
    INCOMPATIBLE = 17
    ENDPOINT_IN_USE = 18
    BAD_ENDPOINT = 19
    FORBIDDEN = 20
    FORKED = 21
    REENTERED = 22
    BAD_FRAME = 23
    REMOTE_FAILED = 24
    SYSTEM = 25


class Error(Exception):
    """Everything that ipczmq raises. `errc` says what, the text says channel, peer, cause and next step."""

    def __init__(self, message: str, errc: Errc = Errc.SYSTEM) -> None:
        super().__init__(message)
        self.errc = errc


class BadArguments(Error, TypeError):
    """A value that cannot be packed, or arguments that do not fit. `path` names the value: `args[0].user.age`."""

    def __init__(self, message: str, path: Optional[str] = None) -> None:
        super().__init__(message, Errc.BAD_ARGUMENTS)
        self.path = path


class TimedOut(Error, TimeoutError):
    """The deadline passed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Errc.TIMED_OUT)


class RemoteError(Error):
    """An error from the other side, or one that is meant for it.

    Caught by a caller: `name` and `message` of what was raised there, `data` what was attached, and `errc` is
    REMOTE_FAILED, or what the library there has found (NO_HANDLER, NO_LISTENER, …). To raise in a listener or handler:
    `RemoteError("too big", name="RangeError", data={"limit": 7})` travels whole.
    """

    def __init__(self, message: str, *, name: str = "Error", data: Any = None, errc: Errc = Errc.REMOTE_FAILED,
                 text: Optional[str] = None) -> None:
        super().__init__(f"{name}: {message}" if text is None else text, errc)
        self.name = name
        self.message = message
        self.data = data


def make(code: int, what: str, name: Optional[str] = None, message: str = "", data: bytes = b"") -> Error:
    """The exception for an error of the library (called by the native module)."""
    from ._codec import unpack_bytes
    errc = Errc(code) if code in Errc._value2member_map_ else Errc.SYSTEM
    if name is not None:
        return RemoteError(message, name=name, data=unpack_bytes(data) if data else None, errc=errc, text=what)
    if errc is Errc.TIMED_OUT:
        return TimedOut(what)
    if errc is Errc.BAD_ARGUMENTS:
        return BadArguments(what)
    return Error(what, errc)


def describe(exception: BaseException) -> Tuple[int, str, str, bytes]:
    """(code, name, message, packed data) of what Python code raised (called by the native module)."""
    from ._codec import pack_value
    forget_locals(exception)
    data = getattr(exception, "data", None)
    packed = b""
    if data is not None:
        try:
            packed = pack_value(data, aside=False)[0]
        except BadArguments:
            pass  # what a foreign exception calls data need not be meant for us
    if isinstance(exception, RemoteError):
        return int(exception.errc), _text(exception.name), _text(exception.message), packed
    code = exception.errc if isinstance(exception, Error) else Errc.REMOTE_FAILED
    return int(code), type(exception).__name__, _text(str(exception)), packed


def _text(text: str) -> str:
    """What UTF-8 can carry of it."""
    return text.encode("utf-8", "replace").decode()


def forget_locals(exception: Optional[BaseException]) -> None:
    """Frees what the frames of a traceback hold: the event among it, which would keep its call open."""
    seen = set()
    while exception is not None and id(exception) not in seen:
        seen.add(id(exception))
        if exception.__traceback__ is not None:
            traceback.clear_frames(exception.__traceback__)
        exception = exception.__cause__ or exception.__context__
