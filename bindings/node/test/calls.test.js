// SPDX-License-Identifier: MIT
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { Program, complaints, endpoint, eventually, pair } = require('./support');

test('sendSync blocks, answers, and throws what it should', async (t) => {
  const env = { IPCZMQ_ENDPOINT: endpoint() };
  const main = new Program('main.js', [], { env });
  t.after(() => main.kill());
  await main.line('ready');
  const renderer = new Program('sync.js', [], { env });
  assert.equal(await renderer.ends(), 0, renderer.errors);
  assert.ok(renderer.lines.includes('done'), renderer.errors);
  assert.ok(main.lines.includes('uncaught: too far'), 'a listener that throws is an uncaught exception in main');
  assert.match(main.errors, /WebContents #1 called ipcRenderer.sendSync\(\) with 'no-such-channel' channel without listeners\./);
});

test('sendSync to a main of the same thread is an error, not a standstill', (t) => {
  const { renderer } = pair(t);
  assert.throws(() => renderer.sendSync('x'), /would wait for its own thread/);
});

test('invoke resolves with values, promises and thenables', async (t) => {
  const { main, renderer } = pair(t);
  main.handle('sum', (event, a, b) => a + b);
  main.handle('later', async (event, a) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return [a];
  });
  main.handle('thenable', () => ({ then: (resolve) => resolve('then') }));
  main.handle('nothing', () => {});
  assert.equal(await renderer.invoke('sum', 1, 2), 3);
  assert.deepEqual(await renderer.invoke('later', 'x'), ['x']);
  assert.equal(await renderer.invoke('thenable'), 'then');
  assert.equal(await renderer.invoke('nothing'), undefined);
});

test('the texts of rejections are those of Electron', async (t) => {
  const { main, renderer } = pair(t);
  const thrown = {
    error: new Error('boom'),
    type: new TypeError('bad'),
    empty: new Error(''),
    string: 'oops',
    object: { a: 1 },
    nothing: undefined,
  };
  for (const [channel, what] of Object.entries(thrown))
    main.handle(channel, () => Promise.reject(what));
  main.handle('sync', () => {
    throw new Error('at once');
  });
  main.handle('function', () => ({ f() {} }));
  const text = async (channel) => {
    const error = await renderer.invoke(channel).then(assert.fail, (e) => e);
    assert.equal(error.constructor, Error);
    return error.message.replace(`Error invoking remote method '${channel}': `, '');
  };
  const lines = await complaints(async () => {
    assert.equal(await text('error'), 'Error: boom');
    assert.equal(await text('type'), 'TypeError: bad');
    assert.equal(await text('empty'), 'Error');
    assert.equal(await text('string'), 'oops');
    assert.equal(await text('object'), '[object Object]');
    assert.equal(await text('nothing'), 'undefined');
    assert.equal(await text('sync'), 'Error: at once');
    assert.equal(await text('function'), 'Error: An object could not be cloned. (result.f is a function)');
    assert.equal(await text('absent'), "Error: No handler registered for 'absent'");
  });
  assert.ok(lines.includes("Error occurred in handler for 'error': Error: boom"), lines.join('\n'));
});

test('an error comes whole, as the cause', async (t) => {
  const { main, renderer } = pair(t);
  main.handle('x', () => {
    throw Object.assign(new RangeError('far', { cause: new Error('deep') }), { code: 'E_FAR', at: new Map([['k', 1]]) });
  });
  await complaints(async () => {
    const { cause } = await renderer.invoke('x').then(assert.fail, (e) => e);
    assert.ok(cause instanceof RangeError);
    assert.equal(cause.message, 'far');
    assert.equal(cause.code, 'E_FAR');
    assert.deepEqual(cause.at, new Map([['k', 1]]));
    assert.equal(cause.cause.message, 'deep');
    assert.match(cause.stack, /calls\.test\.js/);
  });
});

test('handlers: one a channel, handleOnce goes before it runs, removal does not stop a call', async (t) => {
  const { main, renderer } = pair(t);
  main.handle('x', () => 1);
  assert.throws(() => main.handle('x', () => 2), { message: "Attempted to register a second handler for 'x'" });
  assert.throws(() => main.handle('x', 5), { message: "Attempted to register a second handler for 'x'" });
  assert.throws(() => main.handle('y', 5), { name: 'TypeError', message: "Expected handler to be a function, but found type 'number'" });
  main.removeHandler('unknown');
  assert.equal(main.listenerCount('x'), 0);
  main.handleOnce('once', () => 'once');
  const both = await Promise.allSettled([renderer.invoke('once'), renderer.invoke('once')]);
  assert.deepEqual(both.map((r) => r.value ?? r.reason.message), ['once', "Error invoking remote method 'once': Error: No handler registered for 'once'"]);
  let release;
  main.handle('running', () => new Promise((resolve) => (release = resolve)));
  const running = renderer.invoke('running');
  await eventually(() => release);
  main.removeHandler('running');
  main.handle('running', () => 'other');
  assert.equal(await renderer.invoke('running'), 'other');
  release('first');
  assert.equal(await running, 'first');
  main.handleOnce('bad', 5);
  await complaints(() => assert.rejects(renderer.invoke('bad'), /TypeError: fn is not a function/));
  assert.equal(main.hasHandler('bad'), false);
});

test('invokes run side by side, and answers come as they are ready', async (t) => {
  const { main, renderer } = pair(t);
  const release = [];
  main.handle('x', (event, n) => new Promise((resolve) => (release[n] = () => resolve(n))));
  const order = [];
  const all = [0, 1, 2].map((n) => renderer.invoke('x', n).then((v) => order.push(v)));
  await eventually(() => release.length === 3);
  for (const n of [2, 0, 1]) {
    release[n]();
    await eventually(() => order.includes(n));
  }
  await Promise.all(all);
  assert.deepEqual(order, [2, 0, 1]);
});

test('timeout and signal end a call, and event.signal tells the handler', async (t) => {
  const { main, renderer } = pair(t);
  const reasons = [];
  main.handle('x', (event) => new Promise((resolve) => {
    event.signal.addEventListener('abort', () => {
      reasons.push(event.signal.reason.name);
      resolve();
    });
  }));
  await assert.rejects(renderer.invoke({ timeout: 60 }, 'x'), { name: 'TimeoutError', code: 'timed_out' });
  await eventually(() => reasons.length === 1);
  const controller = new AbortController();
  const cancelled = renderer.invoke({ signal: controller.signal }, 'x');
  setTimeout(() => controller.abort(new Error('enough')), 20);
  await assert.rejects(cancelled, { message: 'enough' });
  await eventually(() => reasons.length === 2);
  await assert.rejects(renderer.invoke({ signal: AbortSignal.abort() }, 'x'), { name: 'AbortError' });
  await assert.rejects(renderer.invoke({ signal: 5 }, 'x'), { name: 'TypeError' });
  await assert.rejects(renderer.invoke({ timeout: -1 }, 'x'), { name: 'TypeError' });
  const gone = renderer.invoke('x').catch((e) => e.code);
  await renderer.drain(5000);
  renderer.close();
  assert.equal(await gone, 'closed');
  await eventually(() => reasons.length === 3);
  assert.deepEqual(reasons, ['AbortError', 'AbortError', 'AbortError']);
});

test('main invokes handlers of a renderer', async (t) => {
  const { main, renderer } = pair(t);
  main.handle('hello', () => 1);
  let signal;
  const kept = []; // a promise that nobody holds would be answered: reply was never sent
  renderer.handle('double', (event, n) => {
    assert.equal(event.sender, renderer);
    return n * 2;
  });
  renderer.handle('never', (event) => {
    signal = event.signal;
    const promise = new Promise((resolve) => kept.push(resolve));
    kept.push(promise);
    return promise;
  });
  renderer.handleOnce('once', async () => 'once');
  renderer.handle('throws', () => {
    throw new TypeError('no');
  });
  await renderer.invoke('hello');
  const [contents] = main.getAllWebContents();
  assert.equal(await contents.invoke('double', 21), 42);
  assert.equal(await contents.invoke('once'), 'once');
  await assert.rejects(contents.invoke('once'), { message: "Error invoking remote method 'once': Error: No handler registered for 'once'" });
  await complaints(() => assert.rejects(contents.invoke('throws'), { message: "Error invoking remote method 'throws': TypeError: no" }));
  await assert.rejects(contents.invoke({ timeout: 60 }, 'never'), { code: 'timed_out' });
  await eventually(() => signal.aborted);
  const pending = contents.invoke('never').then(assert.fail, (error) => error.code);
  await main.drain(5000);
  renderer.close();
  assert.equal(await pending, 'peer_gone');
});

test('a handler whose promise is lost answers: reply was never sent', async (t) => {
  const { main, renderer } = pair(t);
  main.handle('lost', () => new Promise(() => {}));
  await assert.rejects(renderer.invoke('lost'), { code: 'no_reply', message: "Error invoking remote method 'lost': reply was never sent" });
});

test('calls to a main that dies fail at once', async (t) => {
  const env = { IPCZMQ_ENDPOINT: endpoint() };
  const main = new Program('main.js', [], { env });
  await main.line('ready');
  const { IpcRenderer } = require('..');
  const renderer = new IpcRenderer({ endpoint: env.IPCZMQ_ENDPOINT });
  t.after(() => renderer.close());
  const states = [];
  for (const state of ['connected', 'disconnected']) renderer.connection.on(state, () => states.push(state));
  assert.equal(await renderer.invoke('echo', 1), 1);
  const pending = renderer.invoke('never').then(assert.fail, (error) => error.code);
  await renderer.drain(10000);
  await main.kill();
  assert.match(await pending, /^(disconnected|main_restarted)$/);
  assert.equal(states[0], 'connected');
  assert.ok(states.includes('disconnected'));
});
