// SPDX-License-Identifier: MIT
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const v8 = require('node:v8');
const vm = require('node:vm');

const { IpcMain, IpcRenderer, endpoint, eventually } = require('./support');
const heap = require('../lib/heap');

v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc');
const MIB = 1 << 20;

test('what malloc keeps of a flood of large binaries goes back when none has come for a while', async (t) => {
  const where = endpoint();
  const main = new IpcMain(where);
  const renderer = new IpcRenderer(where);
  t.after(() => [renderer, main].forEach((e) => e.close()));
  let count = 0;
  main.on('data', () => count++);
  main.handle('count', () => count);
  const big = new Uint8Array(MIB);
  for (let i = 1; i <= 300; i++) {
    renderer.send('data', big);
    if (i % 50 === 0) assert.equal(await renderer.invoke('count'), i);
  }
  // Nothing waits for the timer.
  assert.ok(!process.getActiveResourcesInfo().includes('Timeout'));
  await eventually(() => {
    gc();
    return process.memoryUsage().arrayBuffers < 20 * MIB;
  }, 'the garbage to be collected');
  const kept = process.memoryUsage().rss;
  heap.look(); // some came since the last time
  heap.look();
  await eventually(() => process.memoryUsage().rss < kept - 32 * MIB, 'memory to go back to the kernel');
});
