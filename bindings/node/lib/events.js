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

const hidden = (object, properties) => {
  for (const [key, value] of Object.entries(properties))
    Object.defineProperty(object, key, { value, writable: true });
};

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

class IpcMainSyncEvent extends IpcMainSendEvent {
  constructor(sender, owner, reply) {
    super(sender);
    hidden(this, { _owner: owner, _reply: reply, _answered: false, _later: undefined });
  }

  get returnValue() {
    return undefined;
  }

  set returnValue(value) {
    if (this._answered || this._owner.native === null) return;
    const p = codec.pack(value, 'returnValue');
    this._answered = true;
    this._owner.signals.delete(this._reply);
    this._owner.native.answer(this._reply, p.bytes, p.start, p.end, p.attachments);
    if (this._later !== undefined) answered(this._later);
  }
}

class IpcMainInvokeEvent extends IpcMainEvent {
  constructor(sender, owner, reply) {
    super(sender);
    hidden(this, { _owner: owner, _reply: reply });
  }
}

// In a renderer.
class IpcRendererEvent extends IpcEvent {
  constructor(sender) {
    super();
    this.sender = sender;
    this.ports = [];
  }
}

class IpcRendererInvokeEvent extends IpcEvent {
  constructor(sender, reply) {
    super();
    this.sender = sender;
    hidden(this, { _reply: reply });
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
