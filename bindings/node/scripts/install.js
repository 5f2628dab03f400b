// SPDX-License-Identifier: MIT
// At npm install: nothing to do where an addon is there that works; otherwise it is compiled. With npm's
// --build-from-source it always is.
'use strict';

const { spawnSync } = require('child_process');
const path = require('path');

const { npm_config_build_from_source: fromSource } = process.env;

function loads() {
  if (fromSource === 'true' || fromSource === 'ipczmq') return false;
  try {
    require('../lib/native');
    return true;
  } catch (error) {
    console.log(`${error.message}\nipczmq: compiling it`);
    return false;
  }
}

if (!loads()) {
  const done = spawnSync(process.execPath, [path.join(__dirname, 'build.js')], { stdio: 'inherit' });
  process.exit(done.status ?? 1);
}
