// SPDX-License-Identifier: MIT
// Runs the text in its first argument, with ipczmq's names at hand.
'use strict';

const ipczmq = require('../..');

// eslint-disable-next-line no-new-func -- the tests write them
Function('ipczmq', 'require', 'process', `const { ipcMain, ipcRenderer, app, IpcMain, IpcRenderer } = ipczmq; ${process.argv[2]}`)(
  ipczmq, require, process,
);
