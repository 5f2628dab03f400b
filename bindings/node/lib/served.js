// SPDX-License-Identifier: MIT
// Calls on the side that answers: handlers, their results, and calls that nobody answers.
'use strict';

const v8 = require('v8');
const vm = require('vm');

const codec = require('./codec');
const { describe } = require('./errors');

// Electron answers "reply was never sent" when the garbage collector finds that nobody can answer
// any more. We look on purpose, so that the caller need not wait for memory to run short.
const LOOK_AFTER = [200, 1000, 5000, 30000];
let collect;
let looking;
let looks = 0;
const unanswered = new Set();

const unreachable = new FinalizationRegistry((call) => {
  if (unanswered.delete(call)) call.native.drop(call.reply);
});

function look() {
  looking = undefined;
  if (unanswered.size === 0) return;
  if (collect === undefined) {
    v8.setFlagsFromString('--expose-gc');
    collect = vm.runInNewContext('gc');
  }
  collect();
  schedule();
}

function schedule() {
  if (looking !== undefined || unanswered.size === 0) return;
  looking = setTimeout(look, LOOK_AFTER[Math.min(looks++, LOOK_AFTER.length - 1)]);
  looking.unref();
}

// `holder` is what could still answer: an event, or a promise.
function answerLater(holder, native, reply) {
  const call = { native, reply };
  unanswered.add(call);
  unreachable.register(holder, call, call);
  looks = 0;
  schedule();
  return call;
}

function answered(call) {
  unanswered.delete(call);
  unreachable.unregister(call);
}

// A handler's outcome, sent back.
class Invocation {
  constructor(owner, channel, reply) {
    this.owner = owner;
    this.channel = channel;
    this.reply = reply;
  }

  run(handler, event, args) {
    let result;
    try {
      result = handler(event, ...args);
      if (result === null || typeof result !== 'object' || typeof result.then !== 'function') {
        this.resolve(result);
        return;
      }
    } catch (error) {
      this.reject(error);
      return;
    }
    const promise = Promise.resolve(result);
    const call = answerLater(promise, this.owner.native, this.reply);
    promise.then(
      (value) => {
        answered(call);
        this.resolve(value);
      },
      (error) => {
        answered(call);
        this.reject(error);
      },
    );
  }

  resolve(value) {
    const { owner } = this;
    owner.signals.delete(this.reply);
    if (owner.native === null) return;
    try {
      const p = codec.pack(value, 'result');
      owner.native.answer(this.reply, p.bytes, p.start, p.end, p.attachments);
    } catch (error) {
      this.reject(error);
    }
  }

  reject(error) {
    const { owner } = this;
    owner.signals.delete(this.reply);
    console.error(`Error occurred in handler for '${this.channel}':`, error);
    if (owner.native === null) return;
    const { name, message, data } = describe(error);
    owner.native.fail(this.reply, 'remote_failed', name, message, data);
  }
}

// event.signal: made when it is asked for.
class Signals {
  constructor() {
    this.controllers = new Map();
  }

  of(native, reply) {
    let controller = this.controllers.get(reply);
    if (controller === undefined) {
      controller = new AbortController();
      this.controllers.set(reply, controller);
      native?.watchCancel(reply);
    }
    return controller.signal;
  }

  delete(reply) {
    this.controllers.delete(reply);
  }

  cancelled(reply) {
    const controller = this.controllers.get(reply);
    this.controllers.delete(reply);
    controller?.abort(new DOMException('The caller has cancelled, timed out or gone', 'AbortError'));
  }
}

module.exports = { Invocation, Signals, answerLater, answered };
