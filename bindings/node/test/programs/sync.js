// SPDX-License-Identifier: MIT
// Synchronous calls against programs/main.js. Prints "done", or fails.
'use strict';

const assert = require('node:assert/strict');

const { ipcRenderer } = require('../..');

const call = (...args) => ipcRenderer.sendSync(...args);

assert.equal(call('echo', 'ping'), 'ping');
assert.equal(call('echo'), undefined);
assert.equal(call('echo', null), null);
assert.equal(call('undefined'), undefined);
assert.equal(call('later', 'late'), 'late');
assert.equal(call('first-wins'), 1);
assert.equal(call('uncloneable'), 'An object could not be cloned. (returnValue.f is a function)');

// Bad input, before anything is sent.
assert.throws(() => call(), { name: 'TypeError', message: 'Missing required channel argument' });
assert.throws(() => call('echo', { a: [{ f() {} }] }), { message: 'An object could not be cloned. (args[0].a[0].f is a function)', path: 'args[0].a[0].f' });
assert.throws(() => call({ timeout: 'x' }, 'echo'), { name: 'TypeError' });

// No listener: at once. Nobody answers: when nobody can any more.
const started = Date.now();
assert.throws(() => call('no-such-channel'), { code: 'no_listener', message: /nobody in 'main' listens on 'no-such-channel'/ });
assert.throws(() => call('nobody-answers'), { code: 'no_reply', message: "Error calling 'nobody-answers': reply was never sent" });
assert.ok(Date.now() - started < 20000);

// What a listener throws answers, whole.
assert.throws(
  () => call('throws', 'too far'),
  (error) => {
    assert.equal(error.message, "Error calling 'throws': RangeError: too far");
    assert.ok(error.cause instanceof RangeError);
    assert.equal(error.cause.extra, 5);
    return true;
  },
);

// invoke never reaches listeners, sendSync never handlers: 'echo' has both.
assert.equal(call('echo', 1), 1);
assert.throws(() => call('never'), { code: 'no_listener' });

// It blocks: a timer that is due does not run meanwhile.
let ran = false;
setTimeout(() => (ran = true), 0);
assert.throws(() => call({ timeout: 150 }, 'keeps'), { name: 'TimeoutError', code: 'timed_out' });
assert.equal(ran, false);
assert.equal(call('release'), true);

// What main pushed meanwhile comes afterwards, in order.
const pushed = [];
ipcRenderer.on('pushed', (event, n) => {
  pushed.push(n);
  if (pushed.length < 10) return;
  assert.deepEqual(pushed, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  inside();
});
assert.equal(call('order'), 'ordered');
assert.deepEqual(pushed, []);

// From inside a listener too.
function inside() {
  assert.equal(call('echo', 'inside'), 'inside');
  console.log('done');
  ipcRenderer.close();
}
