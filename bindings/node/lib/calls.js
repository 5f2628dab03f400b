// SPDX-License-Identifier: MIT
// invoke, on the side that calls: from the number that the addon gives to the promise.
'use strict';

const codec = require('./codec');
const { fromCall } = require('./errors');

// Options may come first, which a channel, being a string, cannot be taken for.
function splitOptions(first, rest) {
  if (typeof first !== 'object' || first === null) return { options: {}, channel: first, args: rest };
  const { signal, timeout } = first;
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new TypeError('The option "signal" must be an AbortSignal');
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0))
    throw new TypeError('The option "timeout" must be milliseconds, 0 for none');
  return { options: first, channel: rest[0], args: rest.slice(1) };
}

function checkChannel(channel) {
  if (typeof channel !== 'string') throw new TypeError('Missing required channel argument');
}

const milliseconds = ({ timeout }) =>
  timeout === undefined ? undefined : timeout === Infinity ? 0 : Math.ceil(timeout);

class Calls {
  constructor(changed) {
    this.waiting = new Map();
    this.changed = changed;
  }

  get size() {
    return this.waiting.size;
  }

  // Throws what cannot be sent; async callers turn that into a rejection.
  start(native, peer, first, rest) {
    const { options, channel, args } = splitOptions(first, rest);
    checkChannel(channel);
    const { signal } = options;
    signal?.throwIfAborted();
    const p = codec.pack(args, 'args');
    const id = native.invoke(peer, channel, p.bytes, p.start, p.end, p.attachments, milliseconds(options));
    return new Promise((resolve, reject) => {
      const call = { channel, resolve, reject, signal, abort: undefined };
      this.waiting.set(id, call);
      if (signal !== undefined) {
        call.abort = () => {
          this.take(id);
          native.cancel(id);
          reject(signal.reason);
        };
        signal.addEventListener('abort', call.abort, { once: true });
      }
      this.changed();
    });
  }

  take(id) {
    const call = this.waiting.get(id);
    if (call === undefined) return undefined;
    this.waiting.delete(id);
    if (call.abort !== undefined) call.signal.removeEventListener('abort', call.abort);
    this.changed();
    return call;
  }

  // The addon's `reply`.
  settle(id, error, end, source) {
    const call = this.take(id);
    if (call === undefined) return;
    if (error !== undefined) {
      call.reject(fromCall(call.channel, error, 'invoke'));
      return;
    }
    let value;
    try {
      value = codec.read(end, source);
    } catch (malformed) {
      call.reject(fromCall(call.channel, malformed, 'invoke'));
      return;
    }
    call.resolve(value);
  }

  failAll(message) {
    for (const id of [...this.waiting.keys()]) {
      const call = this.take(id);
      call.reject(fromCall(call.channel, Object.assign(new Error(message), { code: 'closed' }), 'invoke'));
    }
  }
}

module.exports = { Calls, checkChannel, milliseconds, splitOptions };
