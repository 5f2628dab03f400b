// SPDX-License-Identifier: MIT
// What `npm pack` makes, installed in an empty folder: with an addon in prebuilds/, and without, when node-gyp compiles
// it against an installed library. Nothing is downloaded. IPCZMQ_BUILD names the build of meson that is installed.
'use strict';

const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');

const { endpoint, folder, root } = require('./support');

const build = process.env.IPCZMQ_BUILD;
const has = (program) => spawnSync(program, ['--version']).status === 0;

function missing() {
  if (!build) return 'IPCZMQ_BUILD names no build of the library';
  for (const program of ['npm', 'meson', 'pkg-config', 'make', 'c++', 'python3']) if (!has(program)) return `${program} is not installed`;
  const npm = process.env.PATH.split(':').map((each) => path.join(each, 'npm')).find((file) => fs.existsSync(file));
  const places = [path.join(path.dirname(fs.realpathSync(npm)), '../node_modules/node-gyp'), '/usr/share/nodejs/node-gyp'];
  return places.some((place) => fs.existsSync(place)) ? undefined : 'node-gyp is not installed';
}

// Not what the tests around us were given, and neither the network.
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|IPCZMQ_|NODE_TEST)/.test(name)));
const CALM = { ...clean, npm_config_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false', npm_config_update_notifier: 'false' };

async function run(command, args, cwd, env = {}) {
  const child = spawn(command, args, { cwd, env: { ...CALM, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const status = await new Promise((resolve) => child.on('close', resolve));
  return { status, said };
}

async function must(...args) {
  const { status, said } = await run(...args);
  assert.equal(status, 0, said);
  return said;
}

// The library as a user installs it, but in a folder of the test's own: the environment that finds it.
async function installedLibrary() {
  const prefix = path.join(folder, 'prefix');
  await must('meson', ['install', '-C', build, '--no-rebuild', '--quiet', '--destdir', prefix], folder);
  const found = fs.readdirSync(prefix, { recursive: true }).find((name) => path.basename(name) === 'ipczmq.pc');
  const file = path.join(prefix, found);
  const text = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, text.replace(/^prefix=/m, `prefix=${prefix}`));
  const library = path.dirname(path.dirname(file));
  const compiler = has('ccache') ? { CC: 'ccache cc', CXX: 'ccache c++' } : {};
  return { PKG_CONFIG_PATH: path.dirname(file), LD_LIBRARY_PATH: [library, clean.LD_LIBRARY_PATH].filter(Boolean).join(':'), ...compiler };
}

// The tarball of this package: of its own files alone, and those of `prebuilds`.
async function packed(name, prebuilds) {
  const source = path.join(folder, name);
  fs.mkdirSync(source);
  for (const file of fs.readdirSync(root))
    if (!['node_modules', 'build', 'prebuilds', 'bench', 'test'].includes(file)) fs.cpSync(path.join(root, file), path.join(source, file), { recursive: true });
  if (prebuilds) fs.cpSync(prebuilds, path.join(source, 'prebuilds'), { recursive: true });
  return tarball(source);
}

async function tarball(source) {
  const said = await must('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder, source], folder);
  return path.join(folder, said.trim());
}

// One that is installed here. Debian's npm 9 would run its "prepare" in spite of --ignore-scripts.
async function archived(name) {
  const file = path.join(folder, `${name.replace(/\W/g, '-')}.tgz`);
  await must('tar', ['-czf', file, '--transform', 's,^[.],package,', '-C', path.join(root, 'node_modules', name), '.'], folder);
  return file;
}

// The packages that it needs, as they are here: once for all.
let needed;
const dependencies = () => (needed ??= Promise.all(Object.keys(require('../package.json').dependencies).map(archived)));

// npm install of it in an empty folder.
async function install(name, file, env) {
  const app = path.join(folder, name);
  fs.mkdirSync(app);
  fs.writeFileSync(path.join(app, 'package.json'), '{ "private": true }');
  const said = await must('npm', ['install', '--omit=optional', '--foreground-scripts', file, ...(await dependencies())], app, env);
  return { app, said, addon: path.join(app, 'node_modules/ipczmq/build/Release/ipczmq.node') };
}

// A main and a renderer there, each a process.
async function talk(app, env = {}) {
  fs.writeFileSync(path.join(app, 'main.js'), "const { ipcMain } = require('ipczmq'); ipcMain.on('ask', (event, v) => (event.returnValue = v + 1)); ipcMain.on('end', () => ipcMain.close())");
  fs.writeFileSync(path.join(app, 'renderer.mjs'), "import { ipcRenderer } from 'ipczmq'; console.log(ipcRenderer.sendSync('ask', 41)); ipcRenderer.send('end')");
  const both = { ...env, IPCZMQ_ENDPOINT: endpoint() };
  const main = run(process.execPath, ['main.js'], app, both);
  const renderer = await run(process.execPath, ['renderer.mjs'], app, both);
  assert.deepEqual(renderer, { status: 0, said: '42\n' });
  assert.deepEqual(await main, { status: 0, said: '' });
}

test('the package installs by compiling, and by its prebuilt addon, and both talk', { skip: missing() }, async (t) => {
  const library = await installedLibrary();
  let prebuilds;
  await t.test('without a prebuilt addon it is compiled against the installed library', async () => {
    const { app, said, addon } = await install('compiled', await packed('plain'), library);
    assert.match(said, /compiling it/);
    assert.ok(fs.existsSync(addon));
    await talk(app, { LD_LIBRARY_PATH: library.LD_LIBRARY_PATH });
    const lost = await run(process.execPath, ['main.js'], app);
    assert.notEqual(lost.status, 0);
    assert.match(lost.said, /its native part cannot be loaded; the library that it was linked with .* run 'ldconfig'/);
    const own = path.join(app, 'node_modules/ipczmq');
    assert.match(await must('npm', ['run', 'prebuild'], own, library), /ipczmq: prebuilds\/linux-\w+\/ipczmq\.napi\.\w+\.node/);
    prebuilds = path.join(own, 'prebuilds');
  });
  await t.test('with one nothing is compiled, and no library of ours is needed', async () => {
    const { app, said, addon } = await install('prebuilt', await packed('full', prebuilds), {});
    assert.doesNotMatch(said, /compiling/);
    assert.ok(!fs.existsSync(addon));
    await talk(app);
  });
  await t.test('one that does not load is compiled anew at npm rebuild', async () => {
    const app = path.join(folder, 'prebuilt');
    const [platform] = fs.readdirSync(prebuilds);
    const file = path.join(app, 'node_modules/ipczmq/prebuilds', platform, fs.readdirSync(path.join(prebuilds, platform))[0]);
    fs.writeFileSync(file, 'of another machine');
    const broken = await run(process.execPath, ['main.js'], app);
    assert.match(broken.said, /it was built for another Node or machine than v[^:]*: run 'npm rebuild ipczmq'/);
    await must('npm', ['rebuild', 'ipczmq'], app, library);
    await talk(app, { LD_LIBRARY_PATH: library.LD_LIBRARY_PATH });
  });
  await t.test('without the library npm install fails, and says which command builds it', async () => {
    const nowhere = { PKG_CONFIG_PATH: '/nowhere', PKG_CONFIG_LIBDIR: '/nowhere' };
    const own = path.join(folder, 'compiled/node_modules/ipczmq');
    const { status, said } = await run(process.execPath, ['scripts/build.js'], own, nowhere);
    assert.equal(status, 1);
    assert.match(said, /^ipczmq: the addon cannot be compiled: the library ipczmq is not there\. Install it \('meson setup .*\n$/);
  });
});

