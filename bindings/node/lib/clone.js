// SPDX-License-Identifier: MIT
// From any value to one that msgpack can carry, by the rules of structured clone. Most messages
// need nothing: `scan` finds out, and `convert` copies the others.
'use strict';

const { types } = require('util');
const { ExtData, Raw, tags } = require('./tags');
const { isHost } = require('./hosts');

// From this size on a binary travels beside the message, not in it; and only so many.
const ATTACH_FROM = 8192;
const ATTACHMENTS_MAX = 200;

const hasOwn = Object.prototype.hasOwnProperty;
const isWellFormed =
  String.prototype.isWellFormed ??
  function wellFormed() {
    return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(this);
  };
const UINT8 = Uint8Array.prototype;
const OBJECT = Object.prototype;

class Uncloneable extends Error {}

// Of the scan that runs: containers seen, those seen twice, and whether anything needs converting.
let seen = null;
let shared = null;
let special = false;

// Leading byte order marks, and halves of surrogate pairs, do not survive UTF-8 decoders.
const isOddString = (s) => s.charCodeAt(0) === 0xfeff || !isWellFormed.call(s);
// msgpackr writes integers beyond 32 bits as floats, which other languages' integers refuse.
const isLongInteger = (n) => Number.isSafeInteger(n) && (n > 0xffffffff || n < -0x80000000);
const fitsPlainly = (b) =>
  (b > 0x20000000000000n || b < -0x20000000000000n) && b <= 0xffffffffffffffffn && b >= -0x8000000000000000n;

function scan(v) {
  switch (typeof v) {
    case 'string':
      if (isOddString(v)) special = true;
      return;
    case 'number':
      if ((v | 0) === v ? Object.is(v, -0) : isLongInteger(v)) special = true;
      return;
    case 'boolean':
    case 'undefined':
      return;
    case 'bigint':
      if (v >= 0n || !fitsPlainly(v)) special = true;
      return;
    case 'object':
      if (v !== null) scanObject(v);
      return;
    default:
      throw new Uncloneable();
  }
}

function scanObject(v) {
  if (seen === null) seen = new Set();
  if (seen.has(v)) {
    special = true;
    (shared ??= new Set()).add(v);
    return;
  }
  seen.add(v);
  if (types.isProxy(v)) throw new Uncloneable();
  if (Array.isArray(v)) return scanArray(v);
  const prototype = Object.getPrototypeOf(v);
  if (prototype === OBJECT || prototype === null) return scanPlain(v);
  scanOther(v, prototype);
}

function scanArray(v) {
  const { length } = v;
  for (let i = 0; i < length; i++) {
    const item = v[i];
    if (item === undefined && !hasOwn.call(v, i)) {
      special = true;
      for (const key of Object.keys(v)) scan(v[key]);
      return;
    }
    scan(item);
  }
  // Names beside the numbers, as matches of regular expressions have; looked for in short ones only.
  if (length < 1024 && Object.keys(v).length > length) {
    special = true;
    for (const key of Object.keys(v).slice(length)) scan(v[key]);
  }
}

function scanPlain(v) {
  for (const key of Object.keys(v)) {
    // msgpackr would take these for more than names.
    if (key === '__proto__' || key === 'constructor' || key === 'toJSON' || isOddString(key))
      special = true;
    scan(v[key]);
  }
}

function scanOther(v, prototype) {
  if (v instanceof Raw) return; // ours
  if (ArrayBuffer.isView(v)) {
    if (types.isSharedArrayBuffer(v.buffer)) throw new Uncloneable();
    if (v.byteLength >= ATTACH_FROM || (prototype !== UINT8 && !Buffer.isBuffer(v))) special = true;
    return;
  }
  if (types.isDate(v)) {
    if (Number.isNaN(v.getTime())) special = true;
    return;
  }
  special = true;
  if (types.isMap(v)) {
    for (const [key, item] of v) {
      scan(key);
      scan(item);
    }
  } else if (types.isSet(v)) {
    for (const item of v) scan(item);
  } else if (types.isNativeError(v) || v instanceof Error) {
    for (const key of errorKeys(v)) scan(v[key]);
  } else if (types.isBoxedPrimitive(v)) {
    scan(v.valueOf());
  } else if (!types.isRegExp(v) && !types.isArrayBuffer(v) && !(v instanceof ExtData)) {
    if (isHost(v)) throw new Uncloneable();
    scanPlain(v);
  }
}

// What an error has beside message, stack, and the name of its class.
function errorKeys(e) {
  const keys = Object.keys(e).filter((k) => k !== 'message' && k !== 'stack');
  for (const hidden of ['cause', 'errors'])
    if (hasOwn.call(e, hidden) && !keys.includes(hidden)) keys.push(hidden);
  return keys;
}

// Of the conversion that runs.
let ids = null;
let attachments = null;
let mayAttach = true;

function convert(v) {
  switch (typeof v) {
    case 'string':
      return isOddString(v) ? [tags.string, bytesOf(Buffer.from(v, 'utf16le'))] : v;
    case 'number':
      if (Object.is(v, -0)) return MINUS_ZERO;
      return isLongInteger(v) ? longInteger(BigInt(v)) : v;
    case 'bigint':
      return fitsPlainly(v) ? longInteger(v) : [tags.bigint, v.toString()];
    case 'object':
      break;
    default:
      return v;
  }
  if (v === null) return null;
  if (shared === null || !shared.has(v)) return convertObject(v);
  const known = ids.get(v);
  if (known !== undefined) return [tags.refer, known];
  const id = ids.size;
  ids.set(v, id);
  return [tags.define, id, convertObject(v)];
}

// msgpackr writes what is positive as a signed integer; others write the unsigned form.
function longInteger(n) {
  if (n < 0n) return n;
  const bytes = Buffer.alloc(9, 0xcf);
  bytes.writeBigUInt64BE(n, 1);
  return new Raw(bytes);
}

const MINUS_ZERO = new Raw([0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0]);

function bytesOf(view) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (!mayAttach || bytes.length < ATTACH_FROM || attachments.length >= ATTACHMENTS_MAX) return bytes;
  attachments.push(bytes);
  return new Raw([0xd6, 31, 0, 0, 0, attachments.length - 1]);
}

function convertObject(v) {
  if (Array.isArray(v)) return convertArray(v);
  if (v instanceof Raw) return v;
  if (ArrayBuffer.isView(v)) {
    if (Buffer.isBuffer(v) || Object.getPrototypeOf(v) === UINT8) return bytesOf(v);
    return [tags.view, types.isDataView(v) ? 'DataView' : v[Symbol.toStringTag], bytesOf(v)];
  }
  if (types.isDate(v)) return Number.isNaN(v.getTime()) ? [tags.date] : v;
  if (types.isMap(v)) {
    const items = [tags.map];
    for (const [key, item] of v) items.push(convert(key), convert(item));
    return items;
  }
  if (types.isSet(v)) return [tags.set, ...Array.from(v, convert)];
  if (types.isNativeError(v) || v instanceof Error) return convertError(v);
  if (types.isRegExp(v)) return [tags.regexp, v.source, v.flags];
  if (types.isArrayBuffer(v)) return [tags.arraybuffer, bytesOf(new Uint8Array(v))];
  if (types.isBoxedPrimitive(v)) return [tags.boxed, convert(v.valueOf())];
  if (v instanceof ExtData) return new Raw(extBytes(v));
  return convertPlain(v);
}

function convertArray(v) {
  const keys = v.length < 1024 ? Object.keys(v) : null;
  let holes = keys !== null && keys.length !== v.length;
  const items = new Array(v.length);
  for (let i = 0; i < v.length && !holes; i++) {
    if (v[i] === undefined && !hasOwn.call(v, i)) holes = true;
    else items[i] = convert(v[i]);
  }
  if (!holes) return items;
  const sparse = [tags.array, v.length];
  for (const key of Object.keys(v)) sparse.push(convert(key), convert(v[key]));
  return sparse;
}

function convertPlain(v) {
  const keys = Object.keys(v);
  const odd = keys.some((k) => k === '__proto__' || k === 'constructor' || k === 'toJSON' || isOddString(k));
  if (odd) return [tags.object, ...keys.flatMap((key) => [convert(key), convert(v[key])])];
  const copy = {};
  for (const key of keys) copy[key] = convert(v[key]);
  return copy;
}

function convertError(e) {
  const text = (key) => (e[key] === undefined ? '' : convert(String(e[key])));
  const rest = errorKeys(e).flatMap((key) => [convert(key), convert(e[key])]);
  return [tags.error, text('name'), text('message'), text('stack'), ...rest];
}

const FIXED_EXT = new Map([[1, 0xd4], [2, 0xd5], [4, 0xd6], [8, 0xd7], [16, 0xd8]]);

// In the shortest form.
function extBytes({ type, data }) {
  const size = data.length;
  let head;
  if (FIXED_EXT.has(size)) head = [FIXED_EXT.get(size)];
  else if (size < 256) head = [0xc7, size];
  else if (size < 65536) head = [0xc8, size >> 8, size & 255];
  else head = [0xc9, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255];
  return Buffer.concat([Buffer.from([...head, type & 255]), data]);
}

// The path to the first thing in `v` that cannot be cloned, and what it is.
function locate(v, path, visited = new Set()) {
  if (typeof v === 'function') return `${path} is a function`;
  if (typeof v === 'symbol') return `${path} is a symbol`;
  if (typeof v !== 'object' || v === null || visited.has(v)) return null;
  visited.add(v);
  if (types.isProxy(v)) return `${path} is a Proxy`;
  let inside = [];
  if (types.isMap(v)) {
    let i = 0;
    for (const [key, item] of v) {
      inside.push([key, `${path}.keys()[${i}]`], [item, `${path}.get(${typeof key === 'string' ? JSON.stringify(key) : `key ${i}`})`]);
      i++;
    }
  } else if (types.isSet(v)) {
    inside = Array.from(v, (item, i) => [item, `${path}.values()[${i}]`]);
  } else if (ArrayBuffer.isView(v)) {
    return types.isSharedArrayBuffer(v.buffer) ? `${path} is over a SharedArrayBuffer` : null;
  } else {
    const isError = types.isNativeError(v) || v instanceof Error;
    if (!isError && !Array.isArray(v) && isHost(v)) return `${path} is a ${isHost(v)}`;
    for (const key of isError ? errorKeys(v) : Object.keys(v)) {
      const step = Array.isArray(v) && /^\d+$/.test(key) ? `[${key}]`
        : /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
      inside.push([v[key], path + step]);
    }
  }
  for (const [item, where] of inside) {
    const found = locate(item, where, visited);
    if (found !== null) return found;
  }
  return null;
}

// Electron's text, and where it is.
function cloneError(v, name) {
  const detail = locate(v, name);
  const error = new Error(`An object could not be cloned.${detail === null ? '' : ` (${detail})`}`);
  if (detail !== null) error.path = detail.slice(0, detail.indexOf(' is '));
  error.code = 'ERR_IPCZMQ_CLONE';
  return error;
}

// What is to be packed for `v`, and its attachments (or undefined). `name` is what the path in an
// error begins with: 'args' for an array of arguments, which is the caller's own and whole.
function prepare(v, name, attach = true) {
  seen = shared = null;
  special = false;
  try {
    if (name === 'args') for (let i = 0; i < v.length; i++) scan(v[i]);
    else scan(v);
    if (!special) return { value: v, attachments: undefined };
    ids = new Map();
    attachments = [];
    mayAttach = attach;
    return { value: convert(v), attachments: attachments.length === 0 ? undefined : attachments };
  } catch (error) {
    throw error instanceof Uncloneable ? cloneError(v, name) : error;
  } finally {
    seen = shared = ids = attachments = null;
  }
}

module.exports = { prepare };
