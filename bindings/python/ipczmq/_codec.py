# SPDX-License-Identifier: MIT
"""Python values ↔ msgpack, by python3-msgpack. Large binaries go beside the msgpack, without copies."""
from __future__ import annotations

import datetime
from typing import Any, Callable, List, Optional, Tuple

import msgpack

from . import _native
from ._errors import BadArguments, Errc, Error

# The protocol's own: stands for the large binary of that index.
ATTACHMENT = 31

_OPTIONS = {"use_bin_type": True, "datetime": True, "unicode_errors": "surrogateescape", "strict_types": False}
_UNSENDABLE = (TypeError, ValueError, OverflowError, UnicodeError, RecursionError, BufferError)
_LEVELS = 64  # how deep arrays and maps may be nested, as every peer accepts


def checked_channel(channel: object) -> str:
    if not isinstance(channel, str):
        raise TypeError(f"a channel is a str, not {type(channel).__name__}")
    try:
        channel.encode()
    except UnicodeEncodeError:
        raise Error(f"channel {channel!r:.80} has no UTF-8 form", Errc.BAD_CHANNEL) from None
    return channel


def _pack(value: Any) -> bytes:
    packed: bytes = msgpack.packb(value, **_OPTIONS)
    return packed


def pack_args(args: Tuple[Any, ...]) -> Tuple[bytes, List[Any]]:
    """Arguments as one msgpack array, and the large binaries that it refers to."""
    return pack_value(args, root="args")


def pack_value(value: Any, root: str = "value", aside: bool = True) -> Tuple[bytes, List[Any]]:
    buffers: List[Any] = []
    try:
        return _pack(_native.put_aside(value, buffers, msgpack.ExtType) if aside else value), buffers
    except _UNSENDABLE as problem:
        path, why = _locate(value, root, problem)
        raise BadArguments(f"{path} cannot be sent: {why}", path) from None


def _reason(value: Any, problem: BaseException) -> str:
    if isinstance(problem, OverflowError):
        return f"{value!r:.60} has more than 64 bits"
    if isinstance(problem, RecursionError):
        return "it contains itself, or is nested too deeply"
    if isinstance(value, datetime.datetime):
        return "a datetime needs a time zone"
    if isinstance(problem, TypeError):
        what = getattr(type(value), "__qualname__", type(value).__name__)
        return f"msgpack has no {what} (send numbers, text, bytes, lists, dicts, datetimes with a zone)"
    return str(problem)


def _locate(value: Any, path: str, problem: BaseException, level: int = 0) -> Tuple[str, str]:
    """The innermost value that cannot be packed."""
    if level > _LEVELS:
        return path, _reason(value, RecursionError())
    if isinstance(value, dict):
        parts = [(f"{path}.{k}" if isinstance(k, str) and k.isidentifier() else f"{path}[{k!r:.60}]", v)
                 for k, v in value.items()]
        parts += [(f"the key {k!r:.60} of {path}", k) for k in value]
    elif isinstance(value, (list, tuple)) and not isinstance(value, msgpack.ExtType):
        parts = [(f"{path}[{i}]", v) for i, v in enumerate(value)]
    else:
        parts = []
    for inner, part in parts:
        try:
            _pack(_native.put_aside(part, [], msgpack.ExtType))
        except _UNSENDABLE as worse:
            return _locate(part, inner, worse, level + 1)
    return path, _reason(value, problem)


def unpack(value: Any, large: Callable[[Any], Any]) -> Any:
    """A received value (of the native module). `large` makes of a large binary what the user gets."""
    buffers = value.buffers
    return _unpack(memoryview(value), (lambda index: large(memoryview(buffers[index]))) if buffers else None)


def unpack_bytes(packed: bytes) -> Any:
    return _unpack(packed, None)


def _unpack(packed: Any, attachment: Optional[Callable[[int], Any]]) -> Any:
    def extension(code: int, data: bytes) -> Any:
        if code == ATTACHMENT and attachment is not None:
            return attachment(int.from_bytes(data, "big"))
        return msgpack.ExtType(code, data)

    try:
        return msgpack.unpackb(packed, ext_hook=extension, strict_map_key=False, timestamp=3, raw=False,
                               unicode_errors="surrogateescape")
    except (ValueError, TypeError) as problem:
        raise BadArguments(f"what was sent is no value of Python's: {problem}") from None
