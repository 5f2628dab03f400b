// SPDX-License-Identifier: MIT
export * from './index.js';
import * as ipczmq from './index.js';
export default ipczmq;
