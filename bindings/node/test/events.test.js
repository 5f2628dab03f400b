// SPDX-License-Identifier: MIT
'use strict';

const assert = require('node:assert/strict');
const { EventEmitter } = require('node:events');
const { test } = require('node:test');

const { IpcMain, complaints, endpoint, eventually, ipcMain, ipcRenderer, once, pair, webContents } = require('./support');

test('ipcMain and ipcRenderer are event emitters with the names of Electron', () => {
  assert.ok(ipcMain instanceof EventEmitter && ipcRenderer instanceof EventEmitter);
  assert.deepEqual(ipcMain.eventNames(), ['error']);
  assert.deepEqual(ipcRenderer.eventNames(), []);
  for (const verb of ['on', 'once', 'off', 'handle', 'handleOnce', 'removeHandler', 'removeAllListeners'])
    assert.equal(typeof ipcMain[verb], 'function');
  for (const verb of ['send', 'sendSync', 'invoke', 'postMessage', 'on', 'once', 'off'])
    assert.equal(typeof ipcRenderer[verb], 'function');
  assert.deepEqual(webContents.getAllWebContents(), []);
  assert.equal(webContents.fromId(1), undefined);
  assert.equal(webContents.getFocusedWebContents(), null);
  assert.throws(() => ipcMain.on('x', 5), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => ipcRenderer.on('x'), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('events come in order, with sender and reply', async (t) => {
  const { main, renderer } = pair(t);
  const seen = [];
  main.on('n', (event, n) => {
    seen.push(n);
    if (n === 999) event.reply('done', n, 'last');
  });
  const done = once(renderer, 'done');
  for (let n = 0; n < 1000; n++) renderer.send('n', n);
  assert.deepEqual(await done, [999, 'last']);
  assert.deepEqual(seen, Array.from({ length: 1000 }, (_, n) => n));
});

test('the event has what Electron documents', async (t) => {
  const { main, renderer } = pair(t);
  let event;
  main.on('x', (e) => (event = e));
  renderer.send('x');
  await eventually(() => event);
  assert.equal(event.type, 'frame');
  assert.equal(event.sender, main.fromId(event.sender.id));
  assert.equal(event.sender, main.getAllWebContents()[0]);
  assert.equal(event.processId, event.sender.getProcessId());
  assert.equal(event.senderFrame, null);
  assert.equal(event.ports, undefined);
  assert.equal(typeof event.reply, 'function');
  assert.equal(event.sender.getOSProcessId(), process.pid);
  const sent = new Promise((resolve) => renderer.once('y', resolve));
  event.sender.send('y');
  const back = await sent;
  assert.equal(back.sender, renderer);
  assert.deepEqual(back.ports, []);
});

test('dispatch goes from ipc-message over webContents.ipc to ipcMain', async (t) => {
  const { main, renderer } = pair(t);
  const order = [];
  main.app.on('web-contents-created', (event, contents) => {
    contents.on('ipc-message', (e, channel, ...args) => order.push(['contents', channel, ...args]));
    contents.on('ipc-message-sync', (e, channel, ...args) => order.push(['contents-sync', channel, ...args]));
    contents.ipc.on('x', (e, ...args) => order.push(['contents.ipc', ...args]));
    contents.ipc.on('s', () => order.push(['contents.ipc sync']));
  });
  main.on('x', (e, ...args) => order.push(['main', ...args]));
  main.on('s', (event) => {
    order.push(['main sync']);
    event.returnValue = 1;
  });
  renderer.send('x', 1, 2);
  renderer.send('nobody', 3);
  renderer.send('end');
  await once(main, 'end');
  assert.deepEqual(order, [
    ['contents', 'x', 1, 2], ['contents.ipc', 1, 2], ['main', 1, 2], ['contents', 'nobody', 3], ['contents', 'end'],
  ]);
});

test('of two handlers that of webContents.ipc is asked, also if it throws', async (t) => {
  const { main, renderer } = pair(t);
  main.handle('x', () => 'main');
  assert.equal(await renderer.invoke('x'), 'main');
  const [contents] = main.getAllWebContents();
  contents.ipc.handle('x', () => 'contents');
  assert.equal(await renderer.invoke('x'), 'contents');
  contents.ipc.removeHandler('x');
  contents.ipc.handle('x', () => {
    throw new Error('no');
  });
  await complaints(() => assert.rejects(renderer.invoke('x'), { message: "Error invoking remote method 'x': Error: no" }));
  contents.ipc.removeHandler('x');
  assert.equal(await renderer.invoke('x'), 'main');
});

test('once, off and removeAllListeners hold for messages too', async (t) => {
  const { main, renderer } = pair(t);
  const seen = [];
  const off = () => seen.push('off');
  main.once('x', () => seen.push('once'));
  main.on('x', off);
  main.off('x', off);
  main.on('x', () => seen.push('on'));
  renderer.send('x');
  renderer.send('x');
  renderer.send('end');
  await once(main, 'end');
  assert.deepEqual(seen, ['once', 'on', 'on']);
  main.removeAllListeners();
  assert.deepEqual(main.eventNames(), []);
  renderer.send('error', 'no listener, and no harm');
  renderer.send('end');
  await once(main, 'end');
});

test('a peer cannot reach the events of the emitter itself', async (t) => {
  const { main, renderer } = pair(t);
  const seen = [];
  main.on('newListener', (...args) => seen.push(typeof args[0]));
  main.on('error', (event, text) => seen.push(text));
  renderer.send('newListener', 'x');
  renderer.send('removeListener', 'x');
  renderer.send('error', 'is a channel');
  await eventually(() => seen.includes('is a channel'));
  assert.deepEqual(seen, ['string', 'is a channel']);
});

test('a listener that throws is an uncaught exception, and the next message comes', async (t) => {
  const { main, renderer } = pair(t);
  const caught = [];
  const catcher = (error) => caught.push(error.message);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', catcher);
  try {
    const seen = [];
    main.on('x', (event, n) => {
      seen.push(n);
      if (n === 1) throw new Error('listener failed');
    });
    renderer.send('x', 1);
    renderer.send('x', 2);
    await eventually(() => seen.length === 2);
    assert.deepEqual(caught, ['listener failed']);
  } finally {
    process.off('uncaughtException', catcher);
    for (const other of others) process.on('uncaughtException', other);
  }
});

test('promises and nextTick run between two messages', async (t) => {
  const { main, renderer } = pair(t);
  const order = [];
  main.on('x', (event, n) => {
    order.push(n);
    Promise.resolve().then(() => order.push(`then ${n}`));
    process.nextTick(() => order.push(`tick ${n}`));
  });
  renderer.send('x', 1);
  renderer.send('x', 2);
  await eventually(() => order.length === 6);
  assert.deepEqual(order, [1, 'tick 1', 'then 1', 2, 'tick 2', 'then 2']);
});

test('postMessage goes both ways, has ports, and is no ipc-message', async (t) => {
  const { main, renderer } = pair(t);
  const seen = [];
  main.app.on('web-contents-created', (event, contents) => {
    contents.on('ipc-message', (e, channel) => seen.push(channel));
    contents.ipc.on('x', (e, value) => seen.push(['contents.ipc', value]));
  });
  const got = new Promise((resolve) => main.on('x', (event, ...args) => resolve([event, args])));
  renderer.postMessage('x', { a: 1 });
  const [event, args] = await got;
  assert.deepEqual(event.ports, []);
  assert.equal(event.reply, undefined);
  assert.deepEqual(args, [{ a: 1 }]);
  assert.deepEqual(seen, [['contents.ipc', { a: 1 }]]);
  const back = new Promise((resolve) => renderer.on('y', (e, ...rest) => resolve([e.ports, rest])));
  event.sender.postMessage('y', [1], []);
  assert.deepEqual(await back, [[], [[1]]]);
  const port = new MessageChannel().port1;
  assert.throws(() => renderer.postMessage('x', 1, [port]), /ports cannot be transferred yet/);
  assert.throws(() => event.sender.postMessage('x', 1, [port]), /ports cannot be transferred yet/);
  assert.throws(() => renderer.postMessage('x', 1, 'port'), { name: 'TypeError', message: 'Invalid value for transfer' });
  port.close();
});

test('publish reaches those that listen, broadcast everybody', async (t) => {
  const { main, renderer } = pair(t);
  main.handle('hello', () => 1);
  const seen = [];
  renderer.on('news', (event, n) => seen.push(n));
  await renderer.invoke('hello');
  assert.equal(main.publish('news', 1), 1);
  assert.equal(main.publish('other', 1), 0);
  assert.equal(main.broadcast('other', 1), 1);
  await eventually(() => seen.length === 1);
  renderer.removeAllListeners('news');
  await renderer.invoke('hello');
  assert.equal(main.publish('news', 2), 0);
  renderer.once('news', (event, n) => seen.push(n));
  await renderer.invoke('hello');
  assert.equal(main.publish('news', 3), 1);
  await eventually(() => seen.length === 2);
  await renderer.invoke('hello');
  assert.equal(main.publish('news', 4), 0);
});

test('a channel is a string of 1 to 255 bytes', async (t) => {
  const { main, renderer } = pair(t);
  for (const bad of [5, undefined, null, Symbol('x'), ['x']]) {
    assert.throws(() => renderer.send(bad), { name: 'TypeError', message: 'Missing required channel argument' });
    await assert.rejects(renderer.invoke(bad), { name: 'TypeError', message: 'Missing required channel argument' });
  }
  assert.throws(() => renderer.send(''), { code: 'bad_channel' });
  assert.throws(() => renderer.send('x'.repeat(256)), { code: 'bad_channel' });
  const long = 'ä'.repeat(127);
  const got = once(main, long);
  renderer.send(long, 1);
  assert.deepEqual(await got, [1]);
});

test('webContents tells when its renderer goes, and then is destroyed', async (t) => {
  const { main, renderer } = pair(t);
  main.handle('x', () => 1);
  await renderer.invoke('x');
  const [contents] = main.getAllWebContents();
  const seen = [];
  contents.on('render-process-gone', (event, details) => seen.push(details.reason));
  main.app.on('render-process-gone', (event, which, details) => seen.push(which.id, details.reason));
  contents.on('destroyed', () => seen.push('destroyed'));
  const { id } = contents;
  renderer.close();
  await eventually(() => seen.includes('destroyed'));
  assert.deepEqual(seen, ['clean-exit', id, 'clean-exit', 'destroyed']);
  assert.equal(contents.isDestroyed(), true);
  assert.equal(contents.id, id);
  assert.equal(main.fromId(id), undefined);
  assert.throws(() => contents.send('x'), { name: 'TypeError', message: 'Object has been destroyed' });
  await assert.rejects(contents.invoke('x'), { message: 'Object has been destroyed' });
});

test('a queue that is full is an error, and drain tells when there is room again', async (t) => {
  const { main, renderer } = pair(t, { queueMessages: 20 }, { queueMessages: 20 });
  main.handle('hello', () => 1);
  let seen = 0;
  renderer.on('x', () => seen++);
  await renderer.invoke('hello');
  const [contents] = main.getAllWebContents();
  const full = (send) => {
    let sent = 0;
    assert.throws(() => {
      for (; sent < 1000; sent++) send();
    }, { code: 'overflow' });
    return sent;
  };
  const drained = new Promise((resolve) => contents.once('drain', resolve));
  const sent = full(() => contents.send('x'));
  assert.equal(contents.isWritable(), false);
  await drained;
  await eventually(() => seen === sent);
  // Main is in this thread: a renderer that waited for room would wait for itself.
  full(() => renderer.send('y'));
});

test('what the overflow policy drops is told', async (t) => {
  const { main, renderer } = pair(t, { queueMessages: 20, overflow: 'drop-newest' });
  main.handle('hello', () => 1);
  const seen = [];
  renderer.on('x', (event, i) => seen.push(i));
  await renderer.invoke('hello');
  const [contents] = main.getAllWebContents();
  let dropped = 0;
  contents.on('overflow', ({ messages }) => { dropped += messages; });
  for (let i = 0; i < 100; i++) contents.send('x', i);
  await eventually(() => seen.length + dropped === 100);
  assert.ok(dropped >= 70, `${dropped} dropped`);
  assert.equal(main.statistics().messagesDropped, dropped);
  assert.deepEqual(seen, [...Array(seen.length).keys()]);
});

test('after close every method says so', async (t) => {
  const { main, renderer } = pair(t);
  main.handle('never', () => new Promise(() => {}));
  main.handle('x', () => 1);
  await renderer.invoke('x');
  const pending = renderer.invoke('never');
  renderer.close();
  await assert.rejects(pending, { code: 'closed' });
  const released = { message: 'IPC method called after context was released' };
  assert.throws(() => renderer.send('x'), released);
  assert.throws(() => renderer.sendSync('x'), released);
  assert.throws(() => renderer.postMessage('x', 1), released);
  await assert.rejects(renderer.invoke('x'), released);
  main.close();
  assert.throws(() => main.broadcast('x'), released);
  main.close();
});

test('a second main at an endpoint is refused, and options are checked', (t) => {
  const { endpoint: where } = pair(t);
  assert.throws(() => new IpcMain(where), { code: 'endpoint_in_use' });
  assert.throws(() => new IpcMain('nonsense'), { code: 'bad_endpoint' });
  assert.throws(() => new IpcMain({ endpoint: endpoint(), pingInterval: 'x' }), /option 'pingInterval': wanted milliseconds/);
  assert.throws(() => new IpcMain({ endpoint: endpoint(), duplicates: 'x' }), /one of 'refuse', 'replace'/);
});
