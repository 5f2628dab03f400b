// SPDX-License-Identifier: MIT
// node --import ipczmq/electron main.mjs: import and require of 'electron' are ipczmq.
import { createRequire, register } from 'node:module';

const require = createRequire(import.meta.url);
require('./electron.js');
register?.('./electron-hooks.mjs', import.meta.url);

export * from './index.mjs';
export { default } from './index.mjs';
