// SPDX-License-Identifier: MIT
import ipczmq, { ipcMain, IpcRenderer } from '../../index.mjs';

const version: string = ipczmq.version;
ipcMain.on('x', (event) => event.sender.id.toFixed());
new IpcRenderer('ipc:///tmp/x').ref().unref();
void version;
