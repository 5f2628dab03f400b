// SPDX-License-Identifier: MIT
// Errors across processes: what a handler throws, and what its caller sees.
'use strict';

const codec = require('./codec');

const RELEASED = 'IPC method called after context was released';

// What goes over the wire of a thrown value: name and message for everybody, and for JavaScript
// the value itself.
function describe(thrown) {
  let name = '';
  let message = '';
  try {
    if (thrown instanceof Error) {
      name = String(thrown.name);
      message = String(thrown.message);
    } else {
      // Electron asks for toString, which undefined and null lack, and then never answers.
      message = String(thrown);
    }
  } catch {
    message = 'an error that cannot be turned into a string';
  }
  let data;
  try {
    data = codec.encode(thrown);
    if (data.length > 1 << 20) data = undefined;
  } catch {
    data = undefined; // it holds something that cannot be cloned; name and message go all the same
  }
  return { name, message, data };
}

const line = (name, message) => (name && message ? `${name}: ${message}` : name + message);

// The error of a call, from the addon's.
function fromCall(channel, error, how) {
  let text = error.message;
  if (error.remoteName !== undefined && error.code === 'remote_failed')
    text = line(error.remoteName, error.remoteMessage);
  else if (error.code === 'no_handler') text = `Error: No handler registered for '${channel}'`;
  else if (error.code === 'no_reply') text = 'reply was never sent';
  const prefix = how === 'invoke' ? `Error invoking remote method '${channel}': ` : `Error calling '${channel}': `;
  const own = text.startsWith(prefix) ? text : prefix + text;
  const made = new Error(own);
  made.code = error.code;
  if (error.code === 'timed_out') made.name = 'TimeoutError';
  if (error.data !== undefined) Object.defineProperty(made, 'cause', { value: error.data, configurable: true, writable: true });
  return made;
}

module.exports = { RELEASED, describe, fromCall };
