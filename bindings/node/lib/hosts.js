// SPDX-License-Identifier: MIT
// Objects that are more than their properties: structured clone refuses them.
'use strict';

const { types } = require('util');

const checks = [
  ['Promise', types.isPromise],
  ['WeakMap', types.isWeakMap],
  ['WeakSet', types.isWeakSet],
  ['generator', types.isGeneratorObject],
  ['Map iterator', types.isMapIterator],
  ['Set iterator', types.isSetIterator],
  ['module', types.isModuleNamespaceObject],
  ['SharedArrayBuffer', types.isSharedArrayBuffer],
  ['native object', types.isExternal],
];

// Classes of Node and of the web platform; those that this Node lacks are left out.
const classes = [
  'WeakRef', 'FinalizationRegistry', 'EventTarget', 'Event', 'Blob', 'URL', 'URLSearchParams',
  'ReadableStream', 'WritableStream', 'TransformStream', 'Headers', 'Request', 'Response', 'FormData',
  'BroadcastChannel', 'CryptoKey', 'MessageChannel', 'TextDecoder', 'TextEncoder',
]
  .map((name) => globalThis[name])
  .filter((c) => typeof c === 'function');

// Its kind, or undefined for an object that is only its properties.
function isHost(v) {
  for (const [name, check] of checks) if (check(v)) return name;
  for (const c of classes) if (v instanceof c) return c.name;
  // Iterators, Intl.* and the like: classes of the engine itself that we do not know.
  const { constructor } = v;
  if (typeof constructor === 'function' && Symbol.toStringTag in v) {
    const text = Function.prototype.toString.call(constructor);
    if (text.includes('[native code]')) return String(v[Symbol.toStringTag]);
  }
  return undefined;
}

module.exports = { isHost };
