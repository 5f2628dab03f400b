// SPDX-License-Identifier: MIT
// What ipcMain, ipcRenderer and webContents.ipc share: an EventEmitter with Electron's handlers.
'use strict';

const { EventEmitter } = require('events');

// Names that mean something to EventEmitter itself: a peer must not reach them.
const META = new Set(['newListener', 'removeListener']);

class Ipc extends EventEmitter {
  constructor() {
    super();
    this._invokeHandlers = new Map();
    Object.defineProperty(this, '_invokeHandlers', { enumerable: false });
  }

  handle(channel, fn) {
    if (this._invokeHandlers.has(channel))
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    if (typeof fn !== 'function')
      throw new TypeError(`Expected handler to be a function, but found type '${typeof fn}'`);
    if (typeof channel !== 'string') throw new TypeError('Missing required channel argument');
    this._handlerAdded(channel);
    this._invokeHandlers.set(channel, fn);
  }

  handleOnce(channel, fn) {
    this.handle(channel, (event, ...args) => {
      this.removeHandler(channel);
      return fn(event, ...args);
    });
  }

  removeHandler(channel) {
    if (this._invokeHandlers.delete(channel)) this._handlerRemoved(channel);
  }

  hasHandler(channel) {
    return this._invokeHandlers.has(channel);
  }

  // emit() for messages of a peer.
  _deliver(channel, event, args) {
    if (META.has(channel) || (channel === 'error' && this.listenerCount('error') === 0)) return false;
    return this.emit(channel, event, ...args);
  }

  _handlerAdded() {}
  _handlerRemoved() {}
}

module.exports = { Ipc, META };
