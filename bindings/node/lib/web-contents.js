// SPDX-License-Identifier: MIT
// Main's handle of one renderer.
'use strict';

const { EventEmitter } = require('events');

const codec = require('./codec');
const { checkChannel } = require('./calls');
const { Ipc } = require('./ipc');

const NO_PORTS = 'ports cannot be transferred yet: postMessage takes a message only';

function checkTransfer(transfer) {
  if (transfer === undefined) return;
  if (!Array.isArray(transfer)) throw new TypeError('Invalid value for transfer');
  if (transfer.length !== 0) throw new Error(NO_PORTS);
}

class WebContentsIpc extends Ipc {
  constructor(owner, id) {
    super();
    this.on('error', () => {});
    this._handlerAdded = (channel) => owner._link.native?.handle(id, channel);
    this._handlerRemoved = (channel) => owner._link.native?.removeHandler(id, channel);
    for (const key of ['_handlerAdded', '_handlerRemoved'])
      Object.defineProperty(this, key, { enumerable: false });
  }
}

class WebContents extends EventEmitter {
  constructor(owner, id, identity) {
    super();
    Object.defineProperties(this, {
      id: { value: id, enumerable: true },
      identity: { value: identity, enumerable: true },
      _owner: { value: owner },
      _ipc: { value: undefined, writable: true },
      _gone: { value: undefined, writable: true },
      _destroyed: { value: false, writable: true },
    });
  }

  // Listeners and handlers for this renderer alone.
  get ipc() {
    return (this._ipc ??= new WebContentsIpc(this._owner, this.id));
  }

  get _native() {
    const { native } = this._owner._link;
    if (this._destroyed || native === null) throw new TypeError('Object has been destroyed');
    return native;
  }

  send(channel, ...args) {
    checkChannel(channel);
    const native = this._native;
    const p = codec.pack(args, 'args');
    native.send(this.id, channel, p.bytes, p.start, p.end, p.attachments);
  }

  postMessage(channel, message, transfer) {
    checkChannel(channel);
    checkTransfer(transfer);
    const native = this._native;
    const p = codec.pack([message, codec.tags.post], 'args');
    native.send(this.id, channel, p.bytes, p.start, p.end, p.attachments);
  }

  // invoke([{ signal, timeout }], channel, ...args)
  async invoke(first, ...rest) {
    return this._owner._link.calls.start(this._native, this.id, first, rest);
  }

  isDestroyed() {
    return this._destroyed;
  }

  isCrashed() {
    return this._gone === 'crashed';
  }

  // Whether a send would find room in its queue.
  isWritable() {
    return !this._destroyed && this._owner._link.native !== null && this._native.writable(this.id);
  }

  close() {
    if (!this._destroyed) this._owner._link.native?.closePeer(this.id);
  }

  forcefullyCrashRenderer() {
    this.close();
  }

  // What is known of its process: pid, host, endpoint, library, counters.
  info() {
    return this._native.peerFacts(this.id);
  }

  getOSProcessId() {
    return this._destroyed ? 0 : this.info().pid;
  }

  getProcessId() {
    return this.id;
  }

  getType() {
    return 'remote';
  }
}

module.exports = { WebContents, checkTransfer };
