// SPDX-License-Identifier: MIT
// One side of the conformance suite across languages, as a program of its own.
//
//   conformance_peer.js main ENDPOINT      answers until a message comes on "quit"
//   conformance_peer.js renderer ENDPOINT  performs the lines of its input, prints a line for each
//
// A line of input is {"verb": "send" | "sendSync" | "invoke", "hex": msgpack of the arguments}, with
// "channel" when another than echo-event, echo-sync or echo-invoke is meant. The line for it is
// {"ok": true, "hex": msgpack of the result} (of send: of the arguments of the reply), or
// {"ok": false, "error": text, "code": code}.
'use strict';

const readline = require('readline');

const codec = require('../lib/codec');
const { IpcMain, IpcRenderer } = require('..');

const say = (object) => console.log(JSON.stringify(object));

function main(endpoint) {
  const ipcMain = new IpcMain(endpoint);
  ipcMain.on('echo-event', (event, ...args) => event.reply('echo-event-reply', ...args));
  ipcMain.on('echo-sync', (event, value) => (event.returnValue = value));
  ipcMain.handle('echo-invoke', (event, value) => value);
  ipcMain.handle('throw', (event, text) => {
    throw new Error(text);
  });
  ipcMain.on('quit', () => ipcMain.close());
  say({ ready: ipcMain.endpoints });
}

async function perform(renderer, { verb, hex, channel }) {
  const args = codec.decode(Buffer.from(hex, 'hex'));
  if (verb === 'sendSync') return renderer.sendSync(channel ?? 'echo-sync', ...args);
  if (verb === 'invoke') return renderer.invoke(channel ?? 'echo-invoke', ...args);
  const reply = new Promise((resolve) => renderer.once('echo-event-reply', (event, ...back) => resolve(back)));
  renderer.send(channel ?? 'echo-event', ...args);
  if (channel !== undefined && channel !== 'echo-event') return undefined;
  return reply;
}

async function renderer(endpoint) {
  const ipcRenderer = new IpcRenderer(endpoint);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line === '') continue;
    try {
      const result = await perform(ipcRenderer, JSON.parse(line));
      say({ ok: true, hex: codec.encode(result).toString('hex') });
    } catch (error) {
      say({ ok: false, error: error.message, code: error.code });
    }
  }
  await ipcRenderer.drain(5000);
  ipcRenderer.close();
}

const [role, endpoint] = process.argv.slice(2);
const roles = { main, renderer };
if (!(role in roles) || endpoint === undefined) {
  console.error('usage: conformance_peer.js main|renderer ENDPOINT');
  process.exit(2);
}
roles[role](endpoint);
