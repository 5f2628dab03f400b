// SPDX-License-Identifier: MIT
// ipczmq against the other ways between two processes of Node, interleaved in one run; medians.
//
//   node bench/run.js [ROUNDS [SHARE [SIZES]]]
//
// SHARE of the usual number of messages, such as 0.1; SIZES such as 32,1024. Run npm ci in bench/ first; IPCZMQ_ADDON
// names a release build of the addon.
'use strict';

const { fork } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const rounds = Number(process.argv[2] ?? 5);
const share = Number(process.argv[3] ?? 1);
const SIZES = (process.argv[4] ?? '32,1024,65536,1048576').split(',').map(Number);
const MESSAGES = { 32: 50000, 1024: 50000, 65536: 1000, 1048576: 60 };
const part = (table, size) => Math.max(5, Math.round(table[size] * share));
const TRIPS = { 32: 2000, 1024: 2000, 65536: 200, 1048576: 30 };
// 'zeromq copied': each message is a buffer of its own, as it must be for a program that goes on writing to its own;
// 'zeromq' sends the same unchanging bytes over and over, from a warm cache.
const NAMES = ['ipczmq', 'child_process json', 'child_process advanced', 'socket.io', 'zeromq', 'zeromq copied'];

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ipczmq-bench-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

async function start(name, i) {
  const address = path.join(folder, String(i));
  const json = name.endsWith('json');
  const child = fork(path.join(__dirname, 'server.js'), [name.split(' ')[0], address], {
    serialization: name.endsWith('advanced') ? 'advanced' : 'json',
  });
  if (name.startsWith('child_process')) return { name, child, client: require('./peers/child_process').client(child, json) };
  const { ready } = await new Promise((resolve, reject) => child.once('message', resolve).once('exit', () => reject(new Error(`${name} ended`))));
  return { name, child, client: await require(`./peers/${name.split(' ')[0]}`).connect(address, ready, name.endsWith('copied')) };
}

const now = () => Number(process.hrtime.bigint()) / 1e9;
// Processor time of all threads of the two processes, in seconds: less at the mercy of what else runs than a clock is.
const cpuOf = (pid) =>
  fs.readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    try {
      return sum + Number(fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
    } catch {
      return sum; // it has just ended
    }
  }, 0);
const cpu = (child) => cpuOf(process.pid) + cpuOf(child.pid);
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

async function measure({ name, child, client }, size) {
  const payload = client.payload(size);
  const messages = part(MESSAGES, size);
  const trips = part(TRIPS, size);
  let worked = cpu(child);
  let began = now();
  const got = await client.flood(payload, messages);
  if (got !== messages) throw new Error(`${name}: ${got} of ${messages} messages arrived`);
  const result = { rate: messages / (now() - began), work: (cpu(child) - worked) / messages };
  worked = cpu(child);
  began = now();
  for (let i = 0; i < trips; i++) await client.echo(payload);
  result.trip = (now() - began) / trips;
  result.tripWork = (cpu(child) - worked) / trips;
  if (client.echoSync !== undefined) {
    began = now();
    for (let i = 0; i < trips; i++) client.echoSync(payload);
    result.sync = (now() - began) / trips;
  }
  return result;
}

function table(title, results, pick, format) {
  console.log(`\n${title}`);
  console.log(['', ...SIZES.map((s) => (s < 1024 ? `${s} B` : s < 1 << 20 ? `${s >> 10} KiB` : `${s >> 20} MiB`))].map((c, i) => (i === 0 ? c.padEnd(24) : c.padStart(12))).join(''));
  for (const [name, bySize] of results) {
    const cells = SIZES.map((size) => {
      const values = bySize[size].map(pick);
      return values[0] === undefined ? undefined : median(values);
    });
    if (cells.every((c) => c === undefined)) continue;
    console.log(name.padEnd(24) + cells.map((c) => format(c).padStart(12)).join(''));
  }
}

async function main() {
  const peers = [];
  for (const [i, name] of NAMES.entries()) peers.push(await start(name, i));
  const results = new Map(NAMES.map((n) => [n, Object.fromEntries(SIZES.map((s) => [s, []]))]));
  for (const peer of peers) for (const size of SIZES) await measure(peer, size); // warm
  process.stderr.write('warm\n');
  for (let r = 0; r < rounds; r++) for (const size of SIZES) for (const peer of peers) results.get(peer.name)[size].push(await measure(peer, size));
  console.log(`${os.cpus()[0].model}, ${os.cpus().length} cores, load ${os.loadavg()[0].toFixed(1)}, node ${process.version}, ${rounds} rounds`);
  table('one way, messages a second', results, (r) => r.rate, (v) => Math.round(v).toLocaleString('en'));
  table('one way, processor time of a message, microseconds', results, (r) => r.work, (v) => (v * 1e6).toFixed(1));
  table('round trip (invoke), processor time, microseconds', results, (r) => r.tripWork, (v) => (v * 1e6).toFixed(1));
  table('round trip (invoke), microseconds', results, (r) => r.trip, (v) => (v * 1e6).toFixed(1));
  table('round trip (sendSync), microseconds', results, (r) => r.sync, (v) => (v * 1e6).toFixed(1));
  for (const { client, child } of peers) {
    client.close();
    child.disconnect();
  }
  setTimeout(() => process.exit(0), 2000).unref();
}
main();
