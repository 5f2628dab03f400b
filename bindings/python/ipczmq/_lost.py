# SPDX-License-Identifier: MIT
"""Messages whose session is over."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, List, NamedTuple

from ._codec import unpack

if TYPE_CHECKING:
    from . import _native


class LostMessage(NamedTuple):
    """One of them: `send(m.channel, *m.args)` sends it again."""
    fate: str
    """"unsent": it never left. "received": the other process took it, and has not said that its listeners returned.
    "unknown": it had left, and nobody knows whether it arrived."""
    channel: str
    args: List[Any]


class Lost:
    """The one-way messages that a session left behind when it ended: sent, and not known to have been dispatched. Keeps
    their bytes for as long as it lives."""
    __slots__ = ("_native", "_large")

    def __init__(self, native: "_native.Undelivered", large: Callable[[Any], Any]) -> None:
        self._native = native
        self._large = large

    @property
    def unsent(self) -> int:
        return self._native.unsent

    @property
    def received(self) -> int:
        return self._native.received

    @property
    def unknown(self) -> int:
        return self._native.unknown

    def __len__(self) -> int:
        return self.unsent + self.received + self.unknown

    def messages(self) -> List[LostMessage]:
        """In the order of sending. Unpacks them anew at every call."""
        return [LostMessage(fate, channel, unpack(args, self._large)) for fate, channel, args in self._native.messages()]

    def __repr__(self) -> str:
        return f"<ipczmq.Lost unsent={self.unsent} received={self.received} unknown={self.unknown}>"
