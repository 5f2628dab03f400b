// SPDX-License-Identifier: MIT
// The log, and what is known of messages whose session is over.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { IpcMain, IpcRenderer, Program, endpoint, eventually, pair } = require('./support');

const snippet = (text, env) => new Program('snippet.js', [text], { env });
// Nobody answers there, so the queue fills, which is one line in the log.
const fill = (renderer) => {
  for (let n = 0; n < 20; n++) renderer.send('x', n);
};

test('the function given as log gets the lines of the library, as tasks of their own', async (t) => {
  const lines = [];
  const renderer = new IpcRenderer({ endpoint: endpoint(), queueMessages: 10, overflow: 'drop-newest', linger: 0, log: (...line) => lines.push(line) });
  t.after(() => renderer.close());
  fill(renderer);
  assert.deepEqual(lines, [], 'never within a call');
  await eventually(() => lines.length !== 0);
  const [level, line] = lines[0];
  assert.equal(level, 'warning');
  assert.match(line, /queue/);
});

test('close() gives the log what is left of it, and what fails at the start is told too', () => {
  const lines = [];
  const log = (level, line) => lines.push(`${level} ${line}`);
  const renderer = new IpcRenderer({ endpoint: endpoint(), queueMessages: 10, overflow: 'drop-newest', linger: 0, log });
  fill(renderer);
  renderer.close();
  assert.match(lines.join('\n'), /^warning .*queue/m);
  assert.throws(() => new IpcMain({ endpoint: endpoint(), log: 'file' }), /option 'log': wanted a function/);
  assert.throws(() => new IpcMain({ endpoint: 'nonsense', log }), { code: 'bad_endpoint' });
});

test('without it, warnings go to stderr', async () => {
  const program = (options) =>
    snippet(`const r = new (require(${JSON.stringify(require.resolve('..'))}).IpcRenderer)({ endpoint: '${endpoint()}', queueMessages: 10, overflow: 'drop-newest', linger: 0${options} });
      for (let n = 0; n < 20; n++) r.send('x', n)`);
  const plain = program('');
  assert.equal(await plain.ends(), 0);
  assert.match(plain.errors, /^ipczmq: .*queue/m);
  const quiet = program(", log: (level, line) => console.log(level)");
  assert.equal(await quiet.ends(), 0);
  assert.equal(quiet.errors, '');
  assert.ok(quiet.lines.includes('warning'), 'also when the process ends at once');
});

test('what no caller hears of goes to the log', async (t) => {
  const lines = [];
  const { main, renderer } = pair(t, { log: (level, line) => lines.push(`${level} ${line}`) });
  main.handle('x', () => {});
  await renderer.invoke('x');
  main._notice('failure', 0, '', 'something', 0);
  assert.deepEqual(lines.filter((line) => line.startsWith('error')), ['error something']);
});

test('a renderer that loses its session is given back what main had not dispatched', async (t) => {
  const { main, renderer } = pair(t);
  main.handle('hello', () => {});
  await renderer.invoke('hello');
  main.on('x', () => assert.fail('it was dispatched'));
  const closed = new Promise((resolve) => renderer.connection.once('closed', resolve));
  const large = new Uint8Array(100000).fill(7);
  renderer.send('x', 1, { a: [null, undefined] });
  renderer.send('x', large);
  renderer.postMessage('y', 'posted');
  main.getAllWebContents()[0].close();
  const { code, lost, unacknowledged, repeated } = await closed;
  assert.equal(code, 'closed');
  assert.deepEqual([unacknowledged, lost.total, lost.unsent + lost.received + lost.unknown, repeated], [3, 3, 3, 0]);
  for (const { fate } of lost.messages) assert.ok(lost[fate] > 0);
  assert.deepEqual(
    lost.messages.map(({ channel, args }) => [channel, args]),
    [['x', [1, { a: [null, undefined] }]], ['x', [large]], ['y', ['posted']]],
  );
  assert.equal(lost.messages, lost.messages);
  renderer.close();
  assert.equal(lost.messages.length, 3, 'after close() too');
});

test('main is given back what a renderer that crashed had not dispatched', async (t) => {
  const main = new IpcMain(endpoint());
  t.after(() => main.close());
  main.handle('hello', () => {});
  const renderer = snippet("ipcRenderer.on('x', () => {}); ipcRenderer.invoke('hello').then(() => console.log('here'))", { IPCZMQ_ENDPOINT: main.endpoints[0] });
  await renderer.line('here');
  const [contents] = main.getAllWebContents();
  const gone = new Promise((resolve) => contents.once('render-process-gone', (event, details) => resolve(details)));
  renderer.process.kill('SIGSTOP');
  for (let n = 0; n < 5; n++) contents.send('x', n);
  await renderer.kill('SIGKILL');
  const { reason, lost, unacknowledged } = await gone;
  assert.equal(reason, 'crashed');
  assert.equal(unacknowledged, 5);
  assert.deepEqual(lost.messages.map(({ args }) => args), [[0], [1], [2], [3], [4]]);
});

test('nothing lost is an empty list', async (t) => {
  const main = new IpcMain(endpoint());
  t.after(() => main.close());
  const renderer = new IpcRenderer(main.endpoints[0]);
  main.handle('hello', () => {});
  await renderer.invoke('hello');
  const gone = new Promise((resolve) => main.app.once('render-process-gone', (event, contents, details) => resolve(details)));
  renderer.close();
  const { reason, lost } = await gone;
  assert.deepEqual([reason, lost.total, lost.messages], ['clean-exit', 0, []]);
});
