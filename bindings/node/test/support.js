// SPDX-License-Identifier: MIT
// For the tests: endpoints of their own, programs in other processes, and waiting for a condition.
'use strict';

const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const readline = require('readline');

const ipczmq = require('..');

const root = path.dirname(__dirname);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ipczmq-node-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

let count = 0;
const endpoint = () => `ipc://${folder}/${++count}`;

// Generous: the machine may be busy.
const PATIENCE = 120000;

async function eventually(condition, what = 'the condition') {
  const until = Date.now() + PATIENCE;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > until) throw new Error(`${what} did not come true within ${PATIENCE} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

// A program of test/programs (or any file) in a process of its own; its lines are collected.
class Program {
  constructor(file, args = [], { env = {}, node = [] } = {}) {
    const where = path.isAbsolute(file) ? file : path.join(__dirname, 'programs', file);
    this.process = spawn(process.execPath, [...node, where, ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.lines = [];
    this.errors = '';
    readline.createInterface({ input: this.process.stdout }).on('line', (line) => this.lines.push(line));
    this.process.stderr.on('data', (text) => (this.errors += text));
    this.exit = new Promise((resolve) => {
      this.process.on('close', (code, signal) => resolve(signal ?? code));
    });
    this.ended = false;
    this.exit.then(() => (this.ended = true));
  }

  async line(expected) {
    await eventually(
      () => {
        if (this.lines.includes(expected)) return true;
        if (this.ended) throw new Error(`ended without the line '${expected}': ${this.lines.join('\n')}\n${this.errors}`);
        return false;
      },
      `the line '${expected}' (stderr: ${this.errors})`,
    );
  }

  // Fails rather than waits for ever.
  async ends() {
    await eventually(() => this.ended, 'the end of a program');
    return this.exit;
  }

  kill(signal = 'SIGKILL') {
    this.process.kill(signal);
    return this.ends();
  }
}

// A main and a renderer in this process, closed after the test.
function pair(t, mainOptions = {}, rendererOptions = {}) {
  const where = endpoint();
  const main = new ipczmq.IpcMain({ endpoint: where, ...mainOptions });
  const renderer = new ipczmq.IpcRenderer({ endpoint: where, ...rendererOptions });
  t.after(() => {
    renderer.close();
    main.close();
  });
  return { main, renderer, endpoint: where };
}

const once = (emitter, channel) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`'${channel}' did not come`)), PATIENCE);
    emitter.once(channel, (event, ...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });

// What console.error got while `f` ran.
async function complaints(f) {
  const before = console.error;
  const lines = [];
  console.error = (...parts) => lines.push(parts.map(String).join(' '));
  try {
    await f();
  } finally {
    console.error = before;
  }
  return lines;
}

module.exports = { Program, complaints, endpoint, eventually, folder, once, pair, root, ...ipczmq };
