// SPDX-License-Identifier: MIT
// What listeners and handlers are called with.
'use strict';

const codec = require('./codec');
const { answered } = require('./served');

class IpcEvent {
  preventDefault() {
    this.defaultPrevented = true;
  }
}
IpcEvent.prototype.defaultPrevented = false;

// In main. `owner` is the IpcMain.
class IpcMainEvent extends IpcEvent {
  constructor(sender) {
    super();
    this.type = 'frame';
    this.sender = sender;
    this.processId = sender.id;
    this.frameId = 1;
  }

  // Frames belong to browsers.
  get senderFrame() {
    return null;
  }
}

class IpcMainSendEvent extends IpcMainEvent {
  // A sender that has gone is no error here, as in Electron.
  reply(channel, ...args) {
    if (!this.sender.isDestroyed()) this.sender.send(channel, ...args);
  }
}

class IpcMainPostEvent extends IpcMainEvent {
  constructor(sender) {
    super(sender);
    this.ports = [];
  }
}

// For calls: tells when the caller has cancelled, timed out or gone. One object, however often asked for.
const withSignal = (Class, owner) =>
  Object.defineProperty(Class.prototype, 'signal', {
    get() {
      const { signals, native } = owner(this);
      const signal = signals.of(native, this._reply);
      Object.defineProperty(this, 'signal', { value: signal });
      return signal;
    },
  });

// What is private here is read by this package alone, and is no property that a program would see.
const ofCall = (Base) =>
  class extends Base {
    #owner;
    #reply;

    constructor(sender, owner, reply) {
      super(sender);
      this.#owner = owner;
      this.#reply = reply;
    }

    get _owner() {
      return this.#owner;
    }

    get _reply() {
      return this.#reply;
    }
  };

class IpcMainSyncEvent extends ofCall(IpcMainSendEvent) {
  #answered = false;
  #later = undefined;

  get _answered() {
    return this.#answered;
  }

  set _answered(is) {
    this.#answered = is;
  }

  set _later(call) {
    this.#later = call;
  }

  get returnValue() {
    return undefined;
  }

  set returnValue(value) {
    const owner = this._owner;
    if (this.#answered || owner.native === null) return;
    const p = codec.pack(value, 'returnValue');
    this.#answered = true;
    owner.signals.delete(this._reply);
    owner.native.answer(this._reply, p.bytes, p.start, p.end, p.attachments);
    if (this.#later !== undefined) answered(this.#later);
  }
}

class IpcMainInvokeEvent extends ofCall(IpcMainEvent) {}

// In a renderer.
class IpcRendererEvent extends IpcEvent {
  constructor(sender) {
    super();
    this.sender = sender;
    this.ports = [];
  }
}

class IpcRendererInvokeEvent extends IpcEvent {
  #reply;

  constructor(sender, reply) {
    super();
    this.sender = sender;
    this.#reply = reply;
  }

  get _reply() {
    return this.#reply;
  }
}

withSignal(IpcMainSyncEvent, (event) => event._owner);
withSignal(IpcMainInvokeEvent, (event) => event._owner);
withSignal(IpcRendererInvokeEvent, (event) => event.sender._link);

module.exports = {
  IpcMainInvokeEvent,
  IpcMainPostEvent,
  IpcMainSendEvent,
  IpcMainSyncEvent,
  IpcRendererEvent,
  IpcRendererInvokeEvent,
};
