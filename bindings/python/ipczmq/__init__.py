# SPDX-License-Identifier: MIT
"""Electron's ipcMain and ipcRenderer between processes, over ZeroMQ and msgpack.

    main = ipczmq.IpcMain()

    @main.handle("sum")
    def sum(event, a, b):
        return a + b

    main.run()

and in another process

    renderer = ipczmq.IpcRenderer()
    print(renderer.invoke("sum", 1, 2).get())   # or: await renderer.invoke("sum", 1, 2)
"""
try:
    from . import _native
except ImportError as _problem:
    raise ImportError(
        f"ipczmq: the native module is not there ({_problem}). In the source tree, './dev build' builds it and "
        "PYTHONPATH=build/dev/bindings/python finds it; 'pip install --no-build-isolation ./bindings/python' installs it"
    ) from None

from ._call import Call
from ._emitter import Emitter, Listener
from ._endpoint import Failure
from ._errors import BadArguments, Errc, Error, RemoteError, TimedOut
from ._event import Event
from ._lost import Lost, LostMessage
from ._main import GoneDetails, IpcMain, WebContents
from ._renderer import DisconnectDetails, IpcRenderer

__version__: str = _native.version

__all__ = [
    "BadArguments", "Call", "DisconnectDetails", "Emitter", "Errc", "Error", "Event", "Failure", "GoneDetails",
    "IpcMain", "IpcRenderer", "Listener", "Lost", "LostMessage", "RemoteError", "TimedOut", "WebContents", "__version__",
]
