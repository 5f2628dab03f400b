// SPDX-License-Identifier: MIT
'use strict';

const { IpcMain, IpcRenderer } = require('../..');

module.exports = {
  serve(address, ready) {
    const main = new IpcMain(`ipc://${address}`);
    let count = 0;
    main.on('data', () => count++);
    main.handle('count', () => {
      const n = count;
      count = 0;
      return n;
    });
    main.handle('echo', (event, v) => v);
    main.on('echo', (event, v) => (event.returnValue = v));
    ready();
    return () => main.close();
  },

  async connect(address) {
    const renderer = new IpcRenderer(`ipc://${address}`);
    await renderer.invoke('count');
    return {
      // What each way likes best: text up to a few KiB, binaries beyond.
      payload: (size) => (size <= 1024 ? 'x'.repeat(size) : new Uint8Array(size)),
      async flood(payload, n) {
        for (let i = 0; i < n; i++) renderer.send('data', payload);
        return renderer.invoke('count');
      },
      echo: (payload) => renderer.invoke('echo', payload),
      echoSync: (payload) => renderer.sendSync('echo', payload),
      close: () => renderer.close(),
    };
  },
};
