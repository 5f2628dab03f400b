// SPDX-License-Identifier: MIT
// As much of Electron's `app` as has a meaning without windows.
'use strict';

const { EventEmitter } = require('events');

class App extends EventEmitter {
  constructor(closeAll) {
    super();
    let ready = false;
    const becomesReady = new Promise((resolve) => {
      setImmediate(() => {
        ready = true;
        this.emit('ready', {}, {});
        resolve();
      });
    });
    const quit = (code) => {
      const event = { defaultPrevented: false, preventDefault() { this.defaultPrevented = true; } };
      this.emit('before-quit', event);
      if (!event.defaultPrevented) this.emit('will-quit', event);
      if (event.defaultPrevented) return;
      closeAll();
      this.emit('quit', {}, code);
      process.exit(code);
    };
    this.isReady = () => ready;
    this.whenReady = () => becomesReady;
    this.quit = () => quit(process.exitCode ?? 0);
    this.exit = (code = 0) => process.exit(code);
  }
}

module.exports = { App };
