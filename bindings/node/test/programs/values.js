// SPDX-License-Identifier: MIT
// Sends the value table to programs/main.js by every verb, and compares what comes back.
'use strict';

const assert = require('node:assert/strict');

const { ipcRenderer } = require('../..');
const values = require('../values');

async function run() {
  let count = 0;
  for (const [name, make] of Object.entries(values)) {
    const same = (back) => assert.deepStrictEqual(back, make(), name);
    same(ipcRenderer.sendSync('echo', make()));
    same(await ipcRenderer.invoke('echo', make()));
    const reply = new Promise((resolve) => ipcRenderer.once('event-reply', (event, v) => resolve(v)));
    ipcRenderer.send('event', make());
    same(await reply);
    count++;
  }
  for (const size of [0, 1, 65535, 65536, 65537, 262147, 3145729]) {
    const bytes = new Uint8Array(size).fill(size);
    assert.deepStrictEqual(ipcRenderer.sendSync('echo', bytes), bytes);
    assert.deepStrictEqual(ipcRenderer.sendSync('echo', [bytes, 'x'.repeat(size)]), [bytes, 'x'.repeat(size)]);
  }
  console.log(`${count} values`);
}
run();
