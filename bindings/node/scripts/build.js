// SPDX-License-Identifier: MIT
// Compiles the addon with node-gyp, against the header files of the system's node: nothing is
// downloaded. --prebuild puts it where node-gyp-build looks in a published package.
'use strict';

const { spawnSync } = require('child_process');
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

function fail(text) {
  console.error(`ipczmq: the addon cannot be compiled: ${text}`);
  process.exit(1);
}

// What one of the scripts beside this one prints; what it complains of ends the build, in one line.
function ask(script, ...args) {
  const done = spawnSync(process.execPath, [path.join(__dirname, script), ...args], { encoding: 'utf8' });
  if (done.status !== 0) fail(done.stderr.trim());
  return done.stdout;
}

const prebuild = process.argv.includes('--prebuild');
if (prebuild) process.env.IPCZMQ_STATIC = '1';
const gyp = nodeGyp();
if (gyp === undefined) fail('node-gyp is not there: run this by npm, or install it (Debian: node-gyp)');
// node-gyp wants the folder that has include/node in it.
const nodedir = path.dirname(path.dirname(ask('headers.js').split('\n')[0]));
ask('library.js', '--libs');
const done = spawnSync(process.execPath, [gyp, 'rebuild', `--nodedir=${nodedir}`], { cwd: root, stdio: 'inherit' });
if (done.status !== 0) fail('node-gyp failed, see above (it needs make, a C++20 compiler and python3)');
if (prebuild) {
  const folder = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`);
  const libc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
  fs.mkdirSync(folder, { recursive: true });
  const to = path.join(folder, `ipczmq.napi.${libc}.node`);
  fs.copyFileSync(path.join(root, 'build/Release/ipczmq.node'), to);
  console.log(`ipczmq: ${path.relative(root, to)}`);
}
