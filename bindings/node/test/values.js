// SPDX-License-Identifier: MIT
// The value table: name, and a function that makes the value anew.
'use strict';

const cycle = () => {
  const a = { name: 'a' };
  a.self = a;
  a.list = [a, { back: a }];
  return a;
};
const shared = () => {
  const one = { n: 1 };
  return { x: one, y: one, list: [one, [one]] };
};
const sparse = () => {
  const a = [];
  a[2] = 'x';
  a[5] = undefined;
  a.length = 8;
  a.extra = 'named';
  return a;
};
const error = () =>
  Object.assign(new RangeError('too far', { cause: new TypeError('deep', { cause: 'a string' }) }), {
    code: 'E_FAR', details: { at: new Date(5) }, list: [1, undefined],
  });
const named = () => {
  const e = new Error('own name');
  e.name = 'CustomError';
  return e;
};

module.exports = {
  undefined: () => undefined,
  null: () => null,
  booleans: () => [true, false],
  'small numbers': () => [0, 1, -1, 127, 128, -32, -33, 255, 256, 65535, 65536, 4294967295, -2147483648],
  'large integers': () => [4294967296, -2147483649, 1.7e12, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  floats: () => [0.5, -1.25, 1e300, 5e-324, 2 ** 53, 2 ** 64, -(2 ** 63), Number.MAX_VALUE],
  'NaN and infinities': () => [NaN, Infinity, -Infinity],
  'minus zero': () => -0,
  bigints: () => [0n, 5n, -5n, 2n ** 32n, 2n ** 53n, -(2n ** 53n), 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n, 2n ** 64n, -(2n ** 200n)],
  strings: () => ['', 'a', 'ä€😀', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(255), 'ü'.repeat(70000), '\0nul'],
  'odd strings': () => ['\ufeffbom' + 'x'.repeat(100), '\ud800', 'a\udc00b', { '\ud801': 1 }],
  dates: () => [new Date(0), new Date(1234567890123), new Date(-1), new Date(8.64e15), new Date(-8.64e15)],
  regexps: () => [/a+/, /ä\/[/]/giu, new RegExp('', 'y')],
  map: () => new Map([[1, 'one'], ['k', new Map([[{ key: true }, [undefined]]])], [NaN, -0]]),
  set: () => new Set([1, 'x', { a: 1 }, new Set()]),
  error,
  'error with a name of its own': named,
  'error without stack': () => Object.defineProperty(new Error('x'), 'stack', { value: undefined, configurable: true, writable: true }),
  'aggregate error': () => new Error('several', { cause: new AggregateError([new Error('one')], 'all').errors }),
  'array buffer': () => Uint8Array.from([1, 2, 3]).buffer,
  'typed arrays': () => [
    new Int8Array([-1, 1]), new Uint8ClampedArray([300, 2]), new Int16Array([-300]), new Uint16Array([60000]),
    new Int32Array([-70000]), new Uint32Array([4e9]), new Float32Array([0.5, NaN]), new Float64Array([Math.PI, -0]),
    new BigInt64Array([-5n]), new BigUint64Array([2n ** 64n - 1n]), new DataView(Uint8Array.from([9, 8]).buffer, 1),
  ],
  'large typed array': () => new Float64Array(5000).map((_, i) => i / 3),
  'boxed primitives': () => [Object(1), Object('s'), Object(false), Object(5n)],
  'nested containers': () => ({ a: [{ b: [[], {}] }], '': 0, 'with space': 1, 10: 'ten' }),
  'undefined inside': () => ({ u: undefined, list: [undefined, null] }),
  'sparse array': sparse,
  'array with names': () => 'abc'.match(/b(x)?/),
  cycle,
  'shared references': shared,
  'cycle through a map': () => {
    const m = new Map();
    m.set('self', m).set(m, new Set([m]));
    return m;
  },
  'cycle through an error': () => {
    const e = new Error('loop');
    e.self = e;
    return e;
  },
  'keys with a meaning': () => JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "toJSON": 3, "hasOwnProperty": 4, "then": 5}'),
  'an object of many keys': () => Object.fromEntries(Array.from({ length: 70000 }, (_, i) => [`k${i}`, i])),
  'a long array': () => Array.from({ length: 70000 }, (_, i) => i),
  deep: () => {
    let v = 'bottom';
    for (let i = 0; i < 200; i++) v = { v };
    return v;
  },
};
