// SPDX-License-Identifier: MIT
// Electron's ipcRenderer over a native renderer.
'use strict';

const { EventEmitter } = require('events');

const codec = require('./codec');
const { checkChannel, milliseconds, splitOptions } = require('./calls');
const { RELEASED, fromCall } = require('./errors');
const { IpcRendererEvent, IpcRendererInvokeEvent } = require('./events');
const { Ipc, META } = require('./ipc');
const { Link, servedHere } = require('./link');
const { Lost } = require('./lost');
const { Invocation } = require('./served');
const { checkTransfer } = require('./web-contents');

const EVENT = 0;
// How long a send waits for room in a full queue, in milliseconds.
const BLOCK_FOR = 30000;

class IpcRenderer extends Ipc {
  // new IpcRenderer(endpoint | options) connects at once, in the background. `lazily`: at the first
  // use, for the one that every process has.
  constructor(where, lazily = false) {
    super();
    Object.defineProperties(this, {
      _link: { value: new Link('renderer', this) },
      _listening: { value: new Set() },
      // Events that are not messages: 'connected', 'disconnected', 'recovered', 'closed'.
      connection: { value: new EventEmitter() },
      _soon: { value: false, writable: true },
      _where: { value: undefined, writable: true },
    });
    if (!lazily) this.connect(where);
  }

  // Connects; without an argument to IPCZMQ_ENDPOINT, or else to the user's own.
  connect(where) {
    if (this._link.native !== null) throw new Error('ipcRenderer is connected already');
    const options = { blockFor: BLOCK_FOR, ...(typeof where === 'string' ? { endpoint: where } : where) };
    // A worker's environment is its own, and not that of the addon.
    options.endpoint ??= process.env.IPCZMQ_ENDPOINT;
    this._where = options.endpoint;
    // A full queue is emptied by main: this thread must not wait for itself.
    if (servedHere(this._where)) options.overflow ??= 'fail';
    const native = this._link.open(options);
    for (const channel of this._invokeHandlers.keys()) native.handle(0, channel);
    for (const channel of this._listening) native.listen(channel);
    return this;
  }

  _used() {
    if (this._soon || this._link.native !== null || this._link.closed) return;
    this._soon = true;
    process.nextTick(() => {
      if (this._link.native === null && !this._link.closed) this.connect();
    });
  }

  get _native() {
    if (this._link.native === null) {
      if (this._link.closed) throw new Error(RELEASED);
      this.connect();
    }
    return this._link.native;
  }

  send(channel, ...args) {
    checkChannel(channel);
    const native = this._native;
    const p = codec.pack(args, 'args');
    native.send(0, channel, p.bytes, p.start, p.end, p.attachments);
  }

  postMessage(channel, message, transfer) {
    checkChannel(channel);
    checkTransfer(transfer);
    const native = this._native;
    const p = codec.pack([message, codec.tags.post], 'args');
    native.send(0, channel, p.bytes, p.start, p.end, p.attachments);
  }

  // sendSync([{ timeout }], channel, ...args)
  sendSync(first, ...rest) {
    const { options, channel, args } = splitOptions(first, rest);
    checkChannel(channel);
    const native = this._native;
    if (servedHere(this._where))
      throw new Error(`sendSync('${channel}') would wait for its own thread, which is main: use invoke, or a worker`);
    const p = codec.pack(args, 'args');
    try {
      return native.sendSync(channel, p.bytes, p.start, p.end, p.attachments, milliseconds(options));
    } catch (error) {
      throw error.code === undefined ? error : fromCall(channel, error, 'sendSync');
    }
  }

  // invoke([{ signal, timeout }], channel, ...args)
  async invoke(first, ...rest) {
    return this._link.calls.start(this._native, 0, first, rest);
  }

  isConnected() {
    return this._link.native?.facts().connected ?? false;
  }

  get identity() {
    return this._native.facts().identity;
  }

  // What is known of main: pid, host, endpoint, library, counters.
  info() {
    return this._native.peerFacts(0);
  }

  statistics() {
    return this._native.facts().statistics;
  }

  isWritable() {
    return this._native.writable(0);
  }

  drain(ms = 1000) {
    return this._native.drain(ms);
  }

  close() {
    this._link.close();
  }

  ref() {
    this._link.ref();
    return this;
  }

  unref() {
    this._link.unref();
    return this;
  }

  // Who listens, serves or waits for an answer keeps the process alive.
  _wanted() {
    return this._listening.size !== 0 || this._invokeHandlers.size !== 0 || this._link.calls.size !== 0;
  }

  _handlerAdded(channel) {
    if (this._link.native !== null) this._link.native.handle(0, channel);
    else this._used();
    queueMicrotask(() => this._link.update());
  }

  _handlerRemoved(channel) {
    this._link.native?.removeHandler(0, channel);
    this._link.update();
  }

  // After every change of listeners: main is told what this renderer listens on.
  _listenersChanged(channel) {
    if (channel === undefined) {
      for (const name of [...this._listening]) this._listenersChanged(name);
      return;
    }
    if (typeof channel !== 'string' || META.has(channel)) return;
    const wanted = this.listenerCount(channel) !== 0;
    if (wanted === this._listening.has(channel)) return;
    if (wanted) {
      this._listening.add(channel);
      if (this._link.native !== null) this._link.native.listen(channel);
      else this._used();
    } else {
      this._listening.delete(channel);
      this._link.native?.unlisten(channel);
    }
    this._link.update();
  }

  _message(kind, peer, channel, end, source, reply) {
    let args;
    try {
      args = codec.readArgs(end, source).args;
    } catch (error) {
      if (kind !== EVENT) this._link.native.fail(reply, 'bad_arguments', '', `channel '${channel}': ${error.message}`);
      this._link.complain(`a message from main on '${channel}' cannot be read: ${error.message}`);
      return;
    }
    if (kind === EVENT) {
      this._deliver(channel, new IpcRendererEvent(this), args);
      this._listenersChanged(channel); // a once() is gone now
      return;
    }
    const event = new IpcRendererInvokeEvent(this, reply);
    new Invocation(this._link, channel, reply).run(this._invokeHandlers.get(channel), event, args);
  }

  _notice(what, peer, text, more, count, lost, repeated) {
    if (what === 'failure') this._link.complain(more);
    else if (what === 'disconnected' || what === 'closed')
      this.connection.emit(what, { code: text, message: more, unacknowledged: count, lost: new Lost(lost), repeated });
    else this.connection.emit(what, { messages: count }); // connected, recovered, drain, overflow
  }
}

for (const verb of [
  'on', 'addListener', 'prependListener', 'once', 'prependOnceListener',
  'off', 'removeListener', 'removeAllListeners',
]) {
  const inherited = IpcRenderer.prototype[verb];
  IpcRenderer.prototype[verb] = function change(channel, ...listener) {
    const result = inherited.apply(this, channel === undefined ? [] : [channel, ...listener]);
    this._listenersChanged(channel);
    return result;
  };
}

module.exports = { IpcRenderer };
