// SPDX-License-Identifier: MIT
// At npm install: nothing to do where an addon is there already; otherwise it is compiled.
'use strict';

const { spawnSync } = require('child_process');
const path = require('path');

try {
  require('../lib/native');
} catch (error) {
  console.log('ipczmq: no addon for this system is there yet; compiling it');
  const done = spawnSync(process.execPath, [path.join(__dirname, 'build.js')], { stdio: 'inherit' });
  process.exit(done.status ?? 1);
}
