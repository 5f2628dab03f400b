// SPDX-License-Identifier: MIT
// Finds and loads the addon, and says what to do when it cannot.
'use strict';

const fs = require('fs');
const path = require('path');

const root = path.dirname(__dirname);

// In a clone, the builds of ./dev; the newest first.
function buildsOfClone() {
  const folder = path.join(root, '../../build');
  let names = [];
  try {
    names = fs.readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .map((name) => path.join(folder, name, 'bindings/node/ipczmq.node'))
    .filter((file) => fs.existsSync(file))
    .map((file) => [fs.statSync(file).mtimeMs, file])
    .sort((a, b) => b[0] - a[0])
    .map(([, file]) => file);
}

function find() {
  if (process.env.IPCZMQ_ADDON) return path.resolve(process.env.IPCZMQ_ADDON);
  const [own] = buildsOfClone();
  if (own !== undefined) return own;
  // Where node-gyp leaves it and Debian's package has it: there is no node-gyp-build there.
  const compiled = path.join(root, 'build/Release/ipczmq.node');
  if (fs.existsSync(compiled)) return compiled;
  return require('node-gyp-build').resolve(root);
}

function explain(error) {
  const text = String(error.message);
  let hint = "run 'npm rebuild ipczmq', or in a clone './dev build'";
  if (/libzmq/.test(text)) hint = 'install libzmq (Debian: libzmq5)';
  else if (/NODE_MODULE_VERSION|napi|Node-API|undefined symbol/i.test(text))
    hint = `it was built for another Node than ${process.version} (${process.arch}): ${hint}`;
  const wrapped = new Error(`ipczmq: its native part cannot be loaded; ${hint}\n  (${text.split('\n')[0]})`);
  wrapped.code = 'ERR_IPCZMQ_ADDON';
  wrapped.cause = error;
  return wrapped;
}

function load() {
  try {
    return require(find());
  } catch (error) {
    throw explain(error);
  }
}

module.exports = load();
