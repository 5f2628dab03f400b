// SPDX-License-Identifier: MIT
// Electron's ipcMain over a native main.
'use strict';

const { EventEmitter } = require('events');

const codec = require('./codec');
const { checkChannel } = require('./calls');
const { RELEASED, describe } = require('./errors');
const { IpcMainInvokeEvent, IpcMainPostEvent, IpcMainSendEvent, IpcMainSyncEvent } = require('./events');
const { Ipc } = require('./ipc');
const { Link } = require('./link');
const { Lost } = require('./lost');
const { Invocation, answerLater } = require('./served');
const { WebContents } = require('./web-contents');

const EVENT = 0;
const SYNC_CALL = 1;

// The endpoint(s), or options that name them.
function mainOptions(where = {}) {
  if (typeof where === 'string') return { endpoints: [where] };
  if (Array.isArray(where)) return { endpoints: where };
  const { endpoint, ...options } = where;
  if (endpoint !== undefined) return { ...options, endpoints: [endpoint] };
  // A worker's environment is its own, and not that of the addon.
  const { IPCZMQ_ENDPOINT: wanted } = process.env;
  return options.endpoints === undefined && wanted ? { ...options, endpoints: [wanted] } : options;
}

class IpcMain extends Ipc {
  // new IpcMain(endpoint | [endpoints] | options) binds at once. `lazily`: at the first use, for
  // the one that every process has.
  constructor(where, lazily = false) {
    super();
    Object.defineProperties(this, {
      _link: { value: new Link('main', this) },
      _contents: { value: new Map() },
      // Events that are not messages: 'web-contents-created', 'render-process-gone'.
      app: { value: new EventEmitter(), writable: true },
      _soon: { value: false, writable: true },
    });
    if (!lazily) this.bind(where);
    super.on('error', () => {}); // Electron's: a renderer may send 'error'
  }

  // Binds; without an argument to IPCZMQ_ENDPOINT, or else to the user's own.
  bind(where) {
    if (this._link.native !== null) throw new Error(`ipcMain is bound already, to ${this.endpoints.join(', ')}`);
    const native = this._link.open(mainOptions(where));
    for (const channel of this._invokeHandlers.keys()) native.handle(0, channel);
    return this;
  }

  // The default main binds after the program had its chance to call bind().
  _used() {
    if (this._soon || this._link.native !== null || this._link.closed) return;
    this._soon = true;
    process.nextTick(() => {
      if (this._link.native === null && !this._link.closed) this.bind();
    });
  }

  get endpoints() {
    return this._link.native?.facts().endpoints ?? [];
  }

  statistics() {
    return this._native.facts().statistics;
  }

  get _native() {
    if (this._link.native === null) {
      if (this._link.closed) throw new Error(RELEASED);
      this.bind();
    }
    return this._link.native;
  }

  // To every renderer, or to those that listen on the channel; returns how many.
  broadcast(channel, ...args) {
    checkChannel(channel);
    const p = codec.pack(args, 'args');
    return this._native.broadcast(channel, p.bytes, p.start, p.end, p.attachments);
  }

  publish(channel, ...args) {
    checkChannel(channel);
    const p = codec.pack(args, 'args');
    return this._native.publish(channel, p.bytes, p.start, p.end, p.attachments);
  }

  getAllWebContents() {
    return [...this._contents.values()];
  }

  fromId(id) {
    return this._contents.get(id);
  }

  fromIdentity(identity) {
    return this.getAllWebContents().find((contents) => contents.identity === identity);
  }

  drain(milliseconds = 1000) {
    return this._native.drain(milliseconds);
  }

  close() {
    this._link.close();
    for (const contents of this._contents.values()) contents._destroyed = true;
    this._contents.clear();
  }

  ref() {
    this._link.ref();
    return this;
  }

  unref() {
    this._link.unref();
    return this;
  }

  // A main that is bound serves, so it keeps the process alive.
  _wanted() {
    return true;
  }

  _handlerAdded(channel) {
    if (this._link.native !== null) this._link.native.handle(0, channel);
    else this._used();
  }

  _handlerRemoved(channel) {
    this._link.native?.removeHandler(0, channel);
  }

  _message(kind, peer, channel, end, source, reply) {
    const contents = this._contents.get(peer);
    let message;
    try {
      message = codec.readArgs(end, source);
    } catch (error) {
      if (kind !== EVENT) this._link.native.fail(reply, 'bad_arguments', '', `channel '${channel}': ${error.message}`);
      this._link.complain(`a message from '${contents?.identity}' on '${channel}' cannot be read: ${error.message}`);
      return;
    }
    const { args, post } = message;
    if (kind === EVENT) this._event(contents, channel, args, post);
    else if (kind === SYNC_CALL) this._syncCall(contents, channel, args, reply);
    else this._invoke(contents, channel, args, reply);
  }

  _event(contents, channel, args, post) {
    if (post) {
      const event = new IpcMainPostEvent(contents);
      contents._ipc?._deliver(channel, event, args);
      this._deliver(channel, event, args);
      return;
    }
    const event = new IpcMainSendEvent(contents);
    if (contents.listenerCount('ipc-message') !== 0) contents.emit('ipc-message', event, channel, ...args);
    contents._ipc?._deliver(channel, event, args);
    this._deliver(channel, event, args);
  }

  _syncCall(contents, channel, args, reply) {
    const { native } = this._link;
    const event = new IpcMainSyncEvent(contents, this._link, reply);
    let heard = false;
    try {
      heard = contents.emit('ipc-message-sync', event, channel, ...args);
      if (contents._ipc?._deliver(channel, event, args)) heard = true;
      if (this._deliver(channel, event, args)) heard = true;
    } catch (error) {
      if (!event._answered) {
        event._answered = true;
        const { name, message, data } = describe(error);
        native.fail(reply, 'remote_failed', name, message, data);
      }
      throw error;
    }
    if (event._answered) return;
    if (heard) {
      event._later = answerLater(event, native, reply);
      return;
    }
    console.error(
      `WebContents #${contents.id} called ipcRenderer.sendSync() with '${channel}' channel without listeners.`,
    );
    native.drop(reply);
  }

  _invoke(contents, channel, args, reply) {
    const handler = contents._ipc?._invokeHandlers.get(channel) ?? this._invokeHandlers.get(channel);
    const event = new IpcMainInvokeEvent(contents, this._link, reply);
    new Invocation(this._link, channel, reply).run(handler, event, args);
  }

  _notice(what, peer, text, more, count, lost) {
    if (what === 'failure') {
      this._link.complain(more);
      return;
    }
    if (what === 'created') {
      const contents = new WebContents(this, peer, text);
      this._contents.set(peer, contents);
      this.app.emit('web-contents-created', { defaultPrevented: false, preventDefault() {} }, contents);
      contents.emit('did-finish-load');
      return;
    }
    const contents = this._contents.get(peer);
    if (contents === undefined) return;
    if (what === 'gone') {
      const details = { reason: text, exitCode: 0, message: more, unacknowledged: count, lost: new Lost(lost) };
      contents._gone = text;
      const event = { sender: contents, preventDefault() {} };
      contents.emit('render-process-gone', event, details);
      this.app.emit('render-process-gone', event, contents, details);
    } else if (what === 'destroyed') {
      this._contents.delete(peer);
      contents._destroyed = true;
      contents.emit('destroyed');
    } else {
      contents.emit(what, { messages: count }); // unresponsive, responsive, recovered, drain, overflow
    }
  }
}

// Using the default main is what makes a process one.
for (const verb of ['on', 'addListener', 'prependListener', 'once', 'prependOnceListener']) {
  const inherited = IpcMain.prototype[verb];
  IpcMain.prototype[verb] = function listen(channel, listener) {
    const result = inherited.call(this, channel, listener);
    this._used();
    return result;
  };
}

module.exports = { IpcMain };
