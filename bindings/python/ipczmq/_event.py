# SPDX-License-Identifier: MIT
"""What listeners and handlers are called with."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Union

from ._codec import pack_value

if TYPE_CHECKING:
    from . import _native
    from ._main import WebContents


class Event:
    """One message. Keeping it keeps its call open: it can be answered later, from any thread.

    `channel`: where it came. `sender`: who sent it.
    """
    __slots__ = ("channel", "sender", "_native")

    def __init__(self, native: "_native.Event", sender: "WebContents") -> None:
        self._native = native
        self.channel = native.channel
        self.sender = sender

    @property
    def return_value(self) -> None:
        """Answers a synchronous call when it is assigned to; the first assignment counts. Reads as None."""
        return None

    @return_value.setter
    def return_value(self, value: Any) -> None:
        self._native.set_return(*pack_value(value, "return_value"))

    def reply(self, channel: str, *args: Any) -> None:
        """Sends to the sender."""
        self.sender.send(channel, *args)

    @property
    def is_call(self) -> bool:
        """Whether somebody waits for an answer."""
        return self._native.is_call

    @property
    def cancelled(self) -> bool:
        """The caller has cancelled, timed out or gone."""
        return self._native.cancelled

    def on_cancel(self, callback: Callable[[], object]) -> None:
        """`callback` is called, on any thread, when `cancelled` becomes true. One callback an event."""
        self._native.on_cancel(callback)

    def fail(self, error: Union[BaseException, str]) -> bool:
        """Answers a call with an error, now or later. False when it was answered before, or nobody waits."""
        from ._errors import RemoteError
        return self._native.fail(RemoteError(error) if isinstance(error, str) else error)

    def __repr__(self) -> str:
        return f"<ipczmq.Event {self.channel!r} from {self.sender!r}>"
