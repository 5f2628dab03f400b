// SPDX-License-Identifier: MIT
// The one-way messages that a session left behind when it ended.
'use strict';

const codec = require('./codec');

class Lost {
  #read;
  #messages;

  // From the addon.
  constructor({ unsent, received, unknown, read }) {
    this.unsent = unsent;
    this.received = received;
    this.unknown = unknown;
    this.#read = read;
  }

  get total() {
    return this.unsent + this.received + this.unknown;
  }

  // In the order of sending; read when somebody asks.
  get messages() {
    if (this.#messages === undefined) {
      const messages = [];
      this.#read((fate, channel, end, source) => {
        messages.push({ fate, channel, args: codec.readArgs(end, source).args });
      });
      this.#messages = messages;
    }
    return this.#messages;
  }
}

module.exports = { Lost };
