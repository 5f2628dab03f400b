// SPDX-License-Identifier: MIT
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');

const codec = require('../lib/codec');
const { ExtData, Program, endpoint, eventually, once, pair, root } = require('./support');
const values = require('./values');

// Structure, prototypes and -0; deepEqual compares cycles, too. Own stacks are compared by hand.
const same = (actual, expected) => assert.deepStrictEqual(actual, expected);

test('every value of the table survives the codec', async (t) => {
  for (const [name, make] of Object.entries(values))
    await t.test(name, () => {
      const value = make();
      const back = codec.decode(codec.encode(value));
      same(back, value);
      if (value instanceof Error) assert.equal(back.stack, value.stack ?? '');
    });
});

test('shared references stay shared, over the arguments of one message too', async (t) => {
  const { main, renderer } = pair(t);
  const back = codec.decode(codec.encode(values['shared references']()));
  assert.equal(back.x, back.y);
  assert.equal(back.list[0], back.list[1][0]);
  const one = { n: 1 };
  const got = once(main, 'x');
  renderer.send('x', one, [one], new Map([[one, one]]));
  const [a, [b], c] = await got;
  assert.equal(a, b);
  assert.equal(c.get(a), a);
});

test('what changes on the way is what structured clone changes', () => {
  class Point {
    constructor() {
      this.x = 1;
    }
    get sum() {
      return 5;
    }
  }
  const trip = (v) => codec.decode(codec.encode(v));
  same(trip(new Point()), { x: 1 });
  same(trip(Object.assign(Object.create(null), { a: 1 })), { a: 1 });
  same(trip({ get computed() { return 7; } }), { computed: 7 });
  same(trip({ [Symbol('hidden')]: 1, a: 1 }), { a: 1 });
  same(trip(new (class extends Array {})(1, 2, 3)), [1, 2, 3]);
  assert.ok(Number.isNaN(trip([new Date(NaN)])[0].getTime())); // no two of these are equal to assert
  const buffer = trip(Buffer.from('abc'));
  assert.equal(Object.getPrototypeOf(buffer), Uint8Array.prototype);
  same([...buffer], [97, 98, 99]);
  same(trip({ toJSON: undefined, a: 1 }), { toJSON: undefined, a: 1 });
});

const refused = {
  'args[0].user.onClick is a function': { user: { onClick() {} } },
  'args[0][1] is a symbol': [0, Symbol('s')],
  'args[0].p is a Promise': { p: Promise.resolve() },
  'args[0] is a function': () => {},
  'args[0] is a symbol': Symbol('x'),
  'args[0].get("k") is a function': new Map([['k', () => {}]]),
  'args[0].values()[1] is a WeakMap': new Set([1, new WeakMap()]),
  'args[0]["a b"][0] is a WeakRef': { 'a b': [new WeakRef({})] },
  'args[0].cause.f is a function': new Error('x', { cause: { f() {} } }),
  'args[0] is a generator': (function* () {})(),
  'args[0] is a Array Iterator': [].values(),
  'args[0] is a Proxy': new Proxy({}, {}),
  'args[0] is a SharedArrayBuffer': new SharedArrayBuffer(4),
  'args[0] is over a SharedArrayBuffer': new Uint8Array(new SharedArrayBuffer(4)),
  'args[0] is a URL': new URL('http://localhost/'),
  'args[0] is a EventTarget': new AbortController().signal,
};

test('what cannot be cloned is refused with its path, by every verb, before anything is sent', async (t) => {
  const { main, renderer } = pair(t);
  const seen = [];
  main.handle('hello', () => {});
  main.on('x', () => seen.push('x'));
  await renderer.invoke('hello');
  const [contents] = main.getAllWebContents();
  for (const [detail, value] of Object.entries(refused)) {
    const message = `An object could not be cloned. (${detail})`;
    const path = detail.slice(0, detail.indexOf(' is '));
    assert.throws(() => renderer.send('x', value), { message, path });
    assert.throws(() => renderer.postMessage('x', value), { message });
    assert.throws(() => contents.send('x', value), { message });
    assert.throws(() => main.broadcast('x', value), { message });
    await assert.rejects(renderer.invoke('x', value), { message });
    await assert.rejects(contents.invoke('x', value), { message });
  }
  await renderer.invoke('hello');
  assert.deepEqual(seen, []);
});

const SIZES = [0, 1, 8191, 8192, 65535, 65536, 65537, 262147, 3145729];
const pattern = (size) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255);

test('payloads of every size go through every verb, as binaries and as text', async (t) => {
  const { main, renderer } = pair(t);
  main.handle('echo', (event, v) => v);
  main.on('echo', (event, v) => event.reply('back', v));
  renderer.handle('echo', (event, v) => v);
  await renderer.invoke('echo');
  const [contents] = main.getAllWebContents();
  for (const size of SIZES) {
    for (const value of [pattern(size), 'ä'.repeat(size / 2), { a: [pattern(size), { b: 'x'.repeat(size) }] }]) {
      same(await renderer.invoke('echo', value), value);
      same(await contents.invoke('echo', value), value);
      const sent = once(renderer, 'back');
      renderer.send('echo', value);
      same((await sent)[0], value);
      const posted = once(main, 'posted');
      renderer.postMessage('posted', value);
      same((await posted)[0], value);
    }
  }
});

test('a sender may write to its binary as soon as it is sent, a receiver owns its own', async (t) => {
  const { main, renderer } = pair(t);
  const bytes = pattern(100000);
  const before = bytes.slice();
  const got = once(main, 'x');
  renderer.send('x', bytes, [bytes]);
  bytes.fill(0);
  const [one, [other]] = await got;
  same(one, before);
  assert.equal(one, other);
  one[0] = 77;
  assert.equal(other[0], 77);
});

test('hundreds of large binaries fit in one message', async (t) => {
  const { main, renderer } = pair(t);
  main.handle('count', (event, list) => list.reduce((n, b) => n + b.length, 0));
  assert.equal(await renderer.invoke('count', Array.from({ length: 300 }, () => pattern(8200))), 300 * 8200);
});

test('what is too large or too deep is an error of the caller', async (t) => {
  const { renderer } = pair(t, { limits: { partBytes: 1 << 20 } });
  await eventually(() => renderer.isConnected());
  assert.throws(() => renderer.send('x', 'x'.repeat(2 << 20)), { code: 'too_large' });
  let deep = [];
  for (let i = 0; i < 600; i++) deep = [deep];
  assert.throws(() => renderer.send('x', deep), /deep|nest/i);
});

test('values that only other languages send arrive, too', () => {
  same(codec.decode(Buffer.from('cf0000000000000005', 'hex')), 5);
  same(codec.decode(Buffer.from('cfffffffffffffffff', 'hex')), 2n ** 64n - 1n);
  same(codec.decode(Buffer.from('ca3fc00000', 'hex')), 1.5);
  same(codec.decode(Buffer.from('8101a161', 'hex')), { 1: 'a' });
  const ext = codec.decode(Buffer.from('d52a0102', 'hex'));
  assert.ok(ext instanceof ExtData && ext.type === 42);
  same([...ext.data], [1, 2]);
  same(codec.decode(codec.encode(ext)), ext);
});

test('malformed values throw, and harm nobody', async (t) => {
  for (const hex of ['92d41e0100', '91d41eff', '92d41e0e05', '93d41e0d0500', '92d41e0aa161', '93d41e04a128a0', '93d41e07a3466f6fc40100', '92d41e05a161', 'c1', '92d41e0fc0', '93d41e0982a161'])
    try {
      codec.decode(Buffer.from(hex, 'hex'));
    } catch (error) {
      assert.ok(error instanceof Error, hex);
    }
  same(codec.decode(codec.encode([1, { a: 2 }])), [1, { a: 2 }]);
});

const KINDS = {
  $int: (text) => BigInt(text),
  $float: (text) => ({ nan: NaN, inf: Infinity, '-inf': -Infinity, '-0': -0 })[text],
  $bytes: (hex) => new Uint8Array(Buffer.from(hex, 'hex')),
  $map: (entries) => Object.fromEntries(entries.map(([key, v]) => [String(key), written(v)])),
  $time: (text) => new Date(text),
  $ext: ([type, hex]) => new ExtData(type, new Uint8Array(Buffer.from(hex, 'hex'))),
};

// The value of a vector, as tests/vectors/README.md says that it is written.
function written(value) {
  if (Array.isArray(value)) return value.map(written);
  if (value === null || typeof value !== 'object') return value;
  const [key] = Object.keys(value);
  if (Object.keys(value).length === 1 && Object.hasOwn(KINDS, key)) return KINDS[key](value[key]);
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, written(v)]));
}

// Equal, whatever the class of bytes (a Buffer, or a Uint8Array).
const plain = (v) =>
  v instanceof Uint8Array ? new Uint8Array(v)
    : v instanceof ExtData ? new ExtData(v.type, plain(v.data))
      : Array.isArray(v) ? v.map(plain)
        : v !== null && typeof v === 'object' && !(v instanceof Date)
          ? Object.fromEntries(Object.entries(v).map(([k, item]) => [k, plain(item)])) : v;

test('the vectors that all languages share are kept', async (t) => {
  const vectors = JSON.parse(fs.readFileSync(path.join(root, '../../tests/vectors/values.json'), 'utf8'));
  assert.ok(vectors.length > 70);
  for (const { name, msgpack, value, note } of vectors)
    await t.test(name, () => {
      const made = codec.decode(Buffer.from(msgpack, 'hex'));
      same(plain(made), written(value));
      if (!note.startsWith('decode only') && value?.$map === undefined) assert.equal(codec.encode(made).toString('hex'), msgpack);
    });
});

test('ext values of every size go back as they came', () => {
  for (const size of [0, 1, 3, 16, 255, 256, 65535, 65536, 300000]) {
    const value = new ExtData(7, pattern(size));
    const back = codec.decode(codec.encode([value]))[0];
    same([back.type, plain(back.data)], [7, value.data]);
  }
});

test("JavaScript's own vectors are kept", () => {
  const file = path.join(root, '../../tests/vectors/node_values.json');
  const vectors = JSON.parse(fs.readFileSync(file, 'utf8'));
  assert.ok(vectors.length > 20);
  for (const { name, msgpack, value } of vectors) {
    const made = codec.decode(Buffer.from(msgpack, 'hex'));
    // eslint-disable-next-line no-new-func -- the value is written as JavaScript
    if (name !== 'invalid date') same(made, Function(`return (${value})`)());
    assert.equal(codec.encode(made).toString('hex'), msgpack, name);
  }
});

test('the value table crosses processes by every verb', async (t) => {
  const env = { IPCZMQ_ENDPOINT: endpoint() };
  const main = new Program('main.js', [], { env });
  t.after(() => main.kill());
  await main.line('ready');
  const renderer = new Program('values.js', [], { env });
  assert.equal(await renderer.ends(), 0, renderer.errors);
  assert.ok(renderer.lines.includes(`${Object.keys(values).length} values`), renderer.errors);
});

test('a worker thread is a renderer like any other, and can block', async (t) => {
  const env = { IPCZMQ_ENDPOINT: endpoint() };
  const main = new Program('main.js', [], { env });
  t.after(() => main.kill());
  await main.line('ready');
  const workers = [1, 2, 3].map(
    () => new Worker(path.join(__dirname, 'programs/sync.js'), { env: { ...process.env, ...env }, stdout: true }),
  );
  const codes = await Promise.all(workers.map((w) => new Promise((resolve, reject) => w.on('exit', resolve).on('error', reject))));
  assert.deepEqual(codes, [0, 0, 0]);
});
