// SPDX-License-Identifier: MIT
import ipczmq from './index.js';

export const {
  ExtData, IpcMain, IpcRenderer, WebContents, app, bind, connect, ipcMain, ipcRenderer, version, webContents,
} = ipczmq;
export default ipczmq;
