// SPDX-License-Identifier: MIT
// Compiles the addon with node-gyp, against the header files of the system's node: nothing is
// downloaded. --prebuild puts it where node-gyp-build looks in a published package.
'use strict';

const { execFileSync, spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const root = path.dirname(__dirname);

// npm brings node-gyp along; Debian has it as a package, too.
function nodeGyp() {
  const places = [process.env.npm_config_node_gyp, '/usr/share/nodejs/node-gyp/bin/node-gyp.js'];
  if (process.env.npm_execpath) places.unshift(path.join(path.dirname(process.env.npm_execpath), '../node_modules/node-gyp/bin/node-gyp.js'));
  const globals = spawnSync('npm', ['root', '-g'], { encoding: 'utf8' });
  if (globals.status === 0) places.push(path.join(globals.stdout.trim(), 'npm/node_modules/node-gyp/bin/node-gyp.js'));
  return places.find((place) => place && fs.existsSync(place));
}

// node-gyp wants the folder that has include/node in it.
function headers() {
  const folder = execFileSync(process.execPath, [path.join(__dirname, 'headers.js')], { encoding: 'utf8' }).split('\n')[0];
  return path.dirname(path.dirname(folder));
}

const gyp = nodeGyp();
if (gyp === undefined) {
  console.error('ipczmq: node-gyp is not there: run this by npm, or install it (Debian: node-gyp)');
  process.exit(1);
}
const done = spawnSync(process.execPath, [gyp, 'rebuild', `--nodedir=${headers()}`], { cwd: root, stdio: 'inherit' });
if (done.status !== 0) process.exit(done.status ?? 1);
if (process.argv.includes('--prebuild')) {
  const folder = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`);
  const libc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
  fs.mkdirSync(folder, { recursive: true });
  const to = path.join(folder, `ipczmq.napi.${libc}.node`);
  fs.copyFileSync(path.join(root, 'build/Release/ipczmq.node'), to);
  console.log(`ipczmq: ${path.relative(root, to)}`);
}
