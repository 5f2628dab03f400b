// SPDX-License-Identifier: MIT
// One native endpoint and what belongs to it: its calls, its signals, and when it keeps the
// process alive.
'use strict';

const { Endpoint } = require('./native');
const { Calls } = require('./calls');
const { RELEASED } = require('./errors');
const { Signals } = require('./served');

// All that are open, so that the end of the process closes them: what was sent is delivered first.
const open = new Set();
process.on('exit', () => {
  for (const link of open) link.close();
});

// JavaScript reads deeper structures than other languages commonly do.
const DEFAULTS = { limits: { depth: 512 } };

class Link {
  // `role` is 'main' or 'renderer'; `receiver` has message(), notice() and wanted().
  constructor(role, receiver) {
    this.role = role;
    this.receiver = receiver;
    this.native = null;
    this.closed = false;
    this.channels = [];
    this.calls = new Calls(() => this.update());
    this.signals = new Signals();
    this.log = undefined; // option log
    this.forced = undefined; // ref() or unref()
    this.alive = true;
  }

  open(options) {
    if (this.closed) throw new Error(RELEASED);
    const { receiver } = this;
    const { log } = options;
    if (log !== undefined && log !== null && typeof log !== 'function')
      throw new TypeError("option 'log': wanted a function");
    this.log = log ?? undefined;
    const all = { ...DEFAULTS, ...options, limits: { ...DEFAULTS.limits, ...options.limits } };
    this.native = new Endpoint(this.role, all, {
      message: (kind, peer, channel, end, source, reply) =>
        receiver._message(kind, peer, this.channelOf(channel), end, source, reply),
      reply: (id, error, end, source) => this.calls.settle(id, error, end, source),
      cancelled: (reply) => this.signals.cancelled(reply),
      notice: (what, peer, text, more, count, lost, repeated) =>
        receiver._notice(what, peer, text, more, count, lost, repeated),
      log: this.log && ((level, line) => log(level, line)),
    });
    open.add(this);
    this.update();
    return this.native;
  }

  // The addon numbers the first channels that it meets, in this order.
  channelOf(channel) {
    if (typeof channel === 'number') return this.channels[channel];
    if (this.channels.length < 1024) this.channels.push(channel);
    return channel;
  }

  // What no caller hears of.
  complain(text) {
    if (this.log !== undefined) this.log('error', text);
    else console.error(`ipczmq: ${text}`);
  }

  update() {
    if (this.native === null) return;
    const alive = this.forced ?? this.receiver._wanted();
    if (alive === this.alive) return;
    this.alive = alive;
    this.native.keepAlive(alive);
  }

  ref() {
    this.forced = true;
    this.update();
  }

  unref() {
    this.forced = false;
    this.update();
  }

  // Waits for the other side to have what was sent, for at most `linger`.
  close() {
    if (this.closed) return;
    this.closed = true;
    open.delete(this);
    const { native } = this;
    this.native = null;
    native?.close();
    this.calls.failAll(RELEASED);
  }
}

// Whether a main of this very thread is bound to `where`.
const servedHere = (where) =>
  [...open].some((link) => link.role === 'main' && link.native.facts().endpoints.includes(where));

module.exports = { Link, servedHere };
