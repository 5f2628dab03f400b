// SPDX-License-Identifier: MIT
// A main for the tests of calls: its endpoint comes as IPCZMQ_ENDPOINT.
'use strict';

const { ipcMain } = require('../..');

// Does not count as uncaught: what a test wants to see is what the caller gets.
process.on('uncaughtException', (error) => console.log(`uncaught: ${error.message}`));

const kept = new Map();
ipcMain.on('echo', (event, value) => (event.returnValue = value));
ipcMain.on('later', (event, value) => setTimeout(() => (event.returnValue = value), 50));
ipcMain.on('first-wins', (event) => {
  event.returnValue = 1;
  event.returnValue = 2;
});
ipcMain.on('first-wins', (event) => (event.returnValue = 3));
ipcMain.on('nobody-answers', () => {});
ipcMain.on('keeps', (event) => kept.set(event.sender, event));
ipcMain.on('release', (event) => {
  kept.get(event.sender).returnValue = 'released';
  event.returnValue = true;
});
ipcMain.on('throws', (event, text) => {
  throw Object.assign(new RangeError(text), { extra: 5 });
});
ipcMain.on('uncloneable', (event) => {
  try {
    event.returnValue = { f() {} };
  } catch (error) {
    event.returnValue = error.message;
  }
});
ipcMain.on('undefined', (event) => (event.returnValue = undefined));
ipcMain.on('event', (event, value) => event.reply('event-reply', value));
ipcMain.on('order', (event) => {
  for (let n = 0; n < 10; n++) event.sender.send('pushed', n);
  event.returnValue = 'ordered';
});
ipcMain.handle('echo', (event, value) => value);
// Held, for a promise that nobody holds would be answered: reply was never sent.
const never = new Promise(() => {});
globalThis.never = never;
ipcMain.handle('never', () => never);
ipcMain.on('quit', () => process.exit(0));
console.log('ready');
