// SPDX-License-Identifier: MIT
// From what msgpack carried back to the values of JavaScript: the opposite of clone.js. Foreign
// input: whatever does not fit throws, and costs its sender this one message.
'use strict';

const { Tag } = require('./tags');

const errorClasses = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const viewClasses = Object.fromEntries(
  [
    Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
    Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView,
  ].map((c) => [c.name, c]),
);

let defined = [];

const set = (object, key, value, enumerable = true) =>
  Object.defineProperty(object, key, { value, enumerable, writable: true, configurable: true });

function bytes(v) {
  if (v instanceof Uint8Array) return v;
  throw new Error('malformed value: no binary where one belongs');
}

function text(v) {
  if (typeof v === 'string') return v;
  throw new Error('malformed value: no string where one belongs');
}

// `known` is told the new object before what is inside it is made: cycles refer to it.
const makers = {
  map(items, known) {
    const map = known(new Map());
    for (let i = 1; i + 1 < items.length; i += 2) map.set(revive(items[i]), revive(items[i + 1]));
    return map;
  },
  set(items, known) {
    const made = known(new Set());
    for (let i = 1; i < items.length; i++) made.add(revive(items[i]));
    return made;
  },
  error(items, known) {
    const name = text(revive(items[1]));
    const own = Object.prototype.hasOwnProperty.call(errorClasses, name);
    const error = known(new (own ? errorClasses[name] : Error)(text(revive(items[2]))));
    if (!own) set(error, 'name', name, false);
    set(error, 'stack', text(revive(items[3])), false);
    for (let i = 4; i + 1 < items.length; i += 2) {
      const key = text(revive(items[i]));
      set(error, key, revive(items[i + 1]), key !== 'cause' && key !== 'errors');
    }
    return error;
  },
  regexp: (items, known) => known(new RegExp(text(items[1]), text(items[2]))),
  bigint: (items) => BigInt(text(items[1])),
  date: (items, known) => known(new Date(NaN)),
  view(items, known) {
    const name = text(items[1]);
    if (!Object.prototype.hasOwnProperty.call(viewClasses, name))
      throw new Error(`malformed value: no typed array is called ${name}`);
    const View = viewClasses[name];
    const size = View.BYTES_PER_ELEMENT ?? 1;
    let from = bytes(items[2]);
    if (from.byteOffset % size !== 0) from = from.slice();
    return known(new View(from.buffer, from.byteOffset, from.byteLength / size));
  },
  arraybuffer(items, known) {
    const from = bytes(items[1]);
    const whole = from.byteOffset === 0 && from.byteLength === from.buffer.byteLength;
    return known(whole ? from.buffer : from.slice().buffer);
  },
  array(items, known) {
    const array = known([]);
    const length = items[1];
    if (!Number.isInteger(length) || length < 0 || length > 0xffffffff)
      throw new Error('malformed value: bad length of an array');
    array.length = length;
    for (let i = 2; i + 1 < items.length; i += 2) {
      const key = text(revive(items[i]));
      if (key !== 'length') set(array, key, revive(items[i + 1]));
    }
    return array;
  },
  object(items, known) {
    const object = known({});
    for (let i = 1; i + 1 < items.length; i += 2) set(object, text(revive(items[i])), revive(items[i + 1]));
    return object;
  },
  string: (items) => Buffer.from(bytes(items[1])).toString('utf16le'),
  boxed: (items, known) => known(Object(revive(items[1]))),
  define(items) {
    const id = items[1];
    if (id !== defined.length) throw new Error('malformed value: shared objects out of order');
    defined.push(undefined);
    return revive(items[2], id);
  },
  refer(items) {
    if (defined[items[1]] === undefined) throw new Error('malformed value: refers to nothing');
    return defined[items[1]];
  },
};

function revive(v, id = -1) {
  if (typeof v !== 'object' || v === null) return v;
  const known = (object) => {
    if (id >= 0) defined[id] = object;
    return object;
  };
  if (Array.isArray(v)) {
    if (v[0] instanceof Tag) {
      const make = makers[v[0].name];
      if (make === undefined) throw new Error('malformed value: a tag out of place');
      return make(v, known);
    }
    known(v);
    for (let i = 0; i < v.length; i++) v[i] = revive(v[i]);
    return v;
  }
  known(v);
  if (Object.getPrototypeOf(v) === Object.prototype) for (const key of Object.keys(v)) v[key] = revive(v[key]);
  return v;
}

function reviveAll(v) {
  defined = [];
  try {
    return revive(v);
  } finally {
    defined = [];
  }
}

module.exports = { revive: reviveAll };
