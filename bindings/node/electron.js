// SPDX-License-Identifier: MIT
// node -r ipczmq/electron main.js: require('electron') is ipczmq.
'use strict';

const Module = require('module');

const load = Module._load;
Module._load = function loadElectron(request, ...rest) {
  if (request === 'electron' || request === 'electron/main' || request === 'electron/renderer') return require('./index.js');
  return load.call(this, request, ...rest);
};

module.exports = require('./index.js');
