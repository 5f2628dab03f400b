// SPDX-License-Identifier: MIT
// What malloc keeps of a flood of large binaries, for the next one, goes back to the kernel when none comes for a while.
'use strict';

const { clearInterval, setInterval } = require('timers');
const native = require('./native');

const FLOOD = 64 << 20; // so many bytes and more
const IDLE = 5000; // ms

let moved = 0;
let lately = false;
let timer;

function look() {
  if (lately) {
    lately = false;
    return;
  }
  clearInterval(timer);
  timer = undefined;
  moved = 0;
  native.trimHeap();
}

// A large binary has been sent or received.
function note(bytes) {
  moved += bytes;
  lately = true;
  if (moved >= FLOOD && timer === undefined) timer = setInterval(look, IDLE).unref();
}

module.exports = { look, note };
