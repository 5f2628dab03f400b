// SPDX-License-Identifier: MIT
// Finds and loads the addon, and says what to do when it cannot.
'use strict';

const fs = require('fs');
const path = require('path');

const root = path.dirname(__dirname);

// In a clone, the builds of ./dev; the newest first.
function buildsOfClone() {
  if (!fs.existsSync(path.join(root, '../../core/include/ipczmq'))) return [];
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

// What the loader of the system, Node or node-gyp-build says, and what to do then.
const REBUILD = "run 'npm rebuild ipczmq', or in a clone './dev build'";
const CAUSES = [
  [/libzmq/, () => 'install libzmq (Debian: libzmq5)'],
  [/libipczmq/, () => 'the library that it was linked with is not where the loader looks: install it and run ' +
    "'ldconfig', or set LD_LIBRARY_PATH; " + REBUILD + ' links it anew'],
  [/GLIBC(XX)?_/, () => `it was built on a newer system than this one: ${REBUILD}`],
  [/Cannot find module 'node-gyp-build'/, () => "its npm packages are not there: run 'npm install'"],
  [/NODE_MODULE_VERSION|self-register|undefined symbol|ELF|file too short/, () =>
    `it was built for another Node or machine than ${process.version} (${process.platform} ${process.arch}): ${REBUILD}`],
];

function explain(error) {
  const text = String(error.message);
  const hint = CAUSES.find(([sign]) => sign.test(text))?.[1]() ?? REBUILD;
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
