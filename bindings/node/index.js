// SPDX-License-Identifier: MIT
'use strict';

const native = require('./lib/native');
const { App } = require('./lib/app');
const { ExtData } = require('./lib/tags');
const { IpcMain } = require('./lib/ipc-main');
const { IpcRenderer } = require('./lib/ipc-renderer');
const { WebContents } = require('./lib/web-contents');

// The ones that every process has, as in Electron; they bind and connect when they are used.
const ipcMain = new IpcMain(undefined, true);
const ipcRenderer = new IpcRenderer(undefined, true);
const app = new App(() => {
  ipcMain.close();
  ipcRenderer.close();
});
ipcMain.app = app;

const webContents = {
  getAllWebContents: () => ipcMain.getAllWebContents(),
  getFocusedWebContents: () => null,
  fromId: (id) => ipcMain.fromId(id),
  fromIdentity: (identity) => ipcMain.fromIdentity(identity),
};

module.exports = {
  ExtData,
  IpcMain,
  IpcRenderer,
  WebContents,
  app,
  bind: (where) => ipcMain.bind(where),
  connect: (where) => ipcRenderer.connect(where),
  ipcMain,
  ipcRenderer,
  version: native.version,
  webContents,
};
