// SPDX-License-Identifier: MIT
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');

const { IpcMain, IpcRenderer, Program, endpoint, eventually, root } = require('./support');

const electron = ['-r', path.join(root, 'electron.js')];
const snippet = (text, env) => new Program('snippet.js', [text], { env });

test("Electron's own two programs run unchanged", async (t) => {
  const env = { IPCZMQ_ENDPOINT: endpoint() };
  const main = new Program('seed-main.js', [], { env, node: electron });
  const renderer = new Program('seed-renderer.js', [], { env, node: electron });
  t.after(() => Promise.all([main.kill(), renderer.kill()]));
  await eventually(() => renderer.lines.length === 2, `two lines (${renderer.errors})`);
  assert.deepEqual(renderer.lines, ['pong', 'pong']);
  assert.deepEqual(main.lines, ['ping', 'ping']);
});

test('the programs of the README run, and print what it says', async (t) => {
  const text = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  const blocks = [...text.matchAll(/^```js\n\/\/ (\w+)\.js\n(.*?)^```$/gms)].map(([, name, body]) => [name, body]);
  assert.deepEqual(blocks.map(([name]) => name), ['main', 'renderer']);
  const env = { IPCZMQ_ENDPOINT: endpoint() };
  const programs = blocks.map(([name, body]) => {
    const file = path.join(require('./support').folder, `readme-${name}.js`);
    fs.writeFileSync(file, body.replaceAll("'ipczmq'", JSON.stringify(root)));
    return { body, program: new Program(file, [], { env }) };
  });
  t.after(() => Promise.all(programs.map(({ program }) => program.kill())));
  for (const { body, program } of programs) {
    const wanted = [...body.matchAll(/\/\/ prints "(.*)"$/gm)].map(([, line]) => line);
    await eventually(() => program.lines.length === wanted.length, `${wanted} (${program.errors})`);
    assert.deepEqual(program.lines, wanted);
  }
});

test('either may be started first', async (t) => {
  const env = { IPCZMQ_ENDPOINT: endpoint() };
  const renderer = snippet("console.log(ipcRenderer.sendSync('x'))", env);
  await new Promise((resolve) => renderer.process.once('spawn', resolve));
  const main = snippet("ipcMain.on('x', (event) => (event.returnValue = 'answer'))", env);
  t.after(() => main.kill());
  assert.equal(await renderer.ends(), 0);
  assert.deepEqual(renderer.lines, ['answer']);
});

test('a renderer that only sends ends by itself, and what it sent arrives', async (t) => {
  const main = new IpcMain(endpoint());
  t.after(() => main.close());
  const seen = [];
  main.on('x', (event, n) => seen.push(n));
  const env = { IPCZMQ_ENDPOINT: main.endpoints[0] };
  const renderer = snippet("for (let n = 0; n < 1000; n++) ipcRenderer.send('x', n)", env);
  assert.equal(await renderer.ends(), 0, renderer.errors);
  await eventually(() => seen.length === 1000);
  const exits = snippet("ipcRenderer.send('x', 'last'); process.exit(3)", env);
  assert.equal(await exits.ends(), 3);
  await eventually(() => seen.includes('last'));
  const throws = snippet("ipcRenderer.send('x', 'dying'); throw new Error('on purpose')", env);
  assert.equal(await throws.ends(), 1);
  await eventually(() => seen.includes('dying'));
});

test('a send that finds the queue full waits after an await, too', async (t) => {
  const main = new IpcMain(endpoint());
  t.after(() => main.close());
  const seen = [];
  main.handle('hello', () => {});
  main.on('x', (event, n) => seen.push(n));
  const renderer = snippet(`ipcRenderer.connect({ queueMessages: 10 });
    ipcRenderer.invoke('hello').then(() => {
      for (let n = 0; n < 500; n++) ipcRenderer.send('x', n);
      return ipcRenderer.invoke('hello');
    }).then(() => console.log('done'))`, { IPCZMQ_ENDPOINT: main.endpoints[0] });
  assert.equal(await renderer.ends(), 0, renderer.errors);
  assert.deepEqual(renderer.lines, ['done']);
  assert.deepEqual(seen, [...Array(500).keys()]);
});

test('an invoke, a listener and a handler keep a renderer alive, and unref() lets it go', async (t) => {
  const main = new IpcMain(endpoint());
  t.after(() => main.close());
  main.handle('later', () => new Promise((resolve) => setTimeout(resolve, 100, 'late')));
  const env = { IPCZMQ_ENDPOINT: main.endpoints[0] };
  const waits = snippet("ipcRenderer.invoke('later').then(console.log)", env);
  assert.equal(await waits.ends(), 0);
  assert.deepEqual(waits.lines, ['late']);
  const listens = snippet("ipcRenderer.once('go', () => console.log('went')); ipcRenderer.invoke('later').then(() => console.log('listening'))", env);
  await listens.line('listening');
  main.broadcast('go');
  assert.equal(await listens.ends(), 0, 'after its last listener it ends');
  assert.ok(listens.lines.includes('went'));
  const unref = snippet("ipcRenderer.on('go', () => {}); ipcRenderer.unref(); ipcRenderer.send('hello')", env);
  assert.equal(await unref.ends(), 0);
  const idleMain = snippet("ipcMain.on('x', () => {}); ipcMain.unref(); process.nextTick(() => console.log(ipcMain.endpoints.length))", { IPCZMQ_ENDPOINT: endpoint() });
  assert.equal(await idleMain.ends(), 0);
  assert.deepEqual(idleMain.lines, ['1']);
});

test('Ctrl-C ends a main, and a renderer that is blocked in sendSync, at once', async (t) => {
  const env = { IPCZMQ_ENDPOINT: endpoint() };
  const main = snippet("ipcMain.on('x', (event) => { globalThis.kept = event; console.log('asked') }); process.nextTick(() => console.log('ready'))", env);
  t.after(() => main.kill());
  await main.line('ready');
  const renderer = snippet("ipcRenderer.sendSync('x')", env);
  await main.line('asked');
  assert.equal(await renderer.kill('SIGINT'), 'SIGINT');
  assert.equal(await main.kill('SIGINT'), 'SIGINT');
});

test('main hears why a renderer has gone', async (t) => {
  const main = new IpcMain(endpoint());
  t.after(() => main.close());
  const reasons = [];
  main.app.on('render-process-gone', (event, contents, details) => reasons.push([contents.isCrashed(), details.reason]));
  main.handle('hello', () => {});
  const env = { IPCZMQ_ENDPOINT: main.endpoints[0] };
  const text = "ipcRenderer.on('x', () => {}); ipcRenderer.invoke('hello').then(() => console.log('here'))";
  const crashes = snippet(text, env);
  await crashes.line('here');
  await crashes.kill('SIGKILL');
  await eventually(() => reasons.length === 1);
  const closed = snippet(`ipcRenderer.connection.on('closed', (d) => { console.log(d.code); ipcRenderer.close() }); ${text}`, env);
  await closed.line('here');
  main.getAllWebContents()[0].close();
  await closed.line('closed');
  assert.equal(await closed.ends(), 0);
  await eventually(() => reasons.length === 2);
  assert.deepEqual(reasons, [[true, 'crashed'], [false, 'killed']]);
});

test('several mains and renderers live in one process', async (t) => {
  const mains = [1, 2, 3].map(() => new IpcMain(endpoint()));
  const renderers = mains.flatMap((m) => [new IpcRenderer(m.endpoints[0]), new IpcRenderer(m.endpoints[0])]);
  t.after(() => [...renderers, ...mains].forEach((e) => e.close()));
  mains.forEach((m, i) => m.handle('who', (event) => [i, event.sender.id]));
  const answers = await Promise.all(renderers.map((r) => r.invoke('who')));
  assert.deepEqual(answers.map(([i]) => i), [0, 0, 1, 1, 2, 2]);
  assert.deepEqual(answers.map(([, id]) => id).sort(), [1, 1, 1, 2, 2, 2]);
});

test('a main in a worker answers a sendSync of the main thread, and ends with it', async (t) => {
  const where = endpoint();
  const text = `const { IpcMain } = require(${JSON.stringify(root)});
    const main = new IpcMain(${JSON.stringify(where)});
    main.on('x', (event, v) => (event.returnValue = [v]));
    main.on('quit', () => main.close());`;
  const worker = new Worker(text, { eval: true });
  const renderer = new IpcRenderer(where);
  t.after(() => renderer.close());
  assert.deepEqual(renderer.sendSync('x', 5), [5]);
  renderer.send('quit');
  assert.equal(await new Promise((resolve) => worker.on('exit', resolve)), 0);
});

test('terminating workers does no harm, not even in a sendSync or with messages under way', async (t) => {
  const main = new IpcMain(endpoint());
  t.after(() => main.close());
  const kept = [];
  let floods = 0;
  main.on('block', (event) => kept.push(event));
  main.on('flood', () => floods++);
  const text = (body) => `const { IpcRenderer } = require(${JSON.stringify(root)});
    const renderer = new IpcRenderer(${JSON.stringify(main.endpoints[0])}); ${body}`;
  for (let i = 0; i < 3; i++) {
    const blocked = new Worker(text("renderer.sendSync('block')"), { eval: true });
    await eventually(() => kept.length === i + 1);
    await blocked.terminate();
    const before = floods;
    const busy = new Worker(text("renderer.on('y', () => {}); setInterval(() => { for (let n = 0; n < 100; n++) renderer.send('flood', 'x'.repeat(n)) }, 1)"), { eval: true });
    await eventually(() => floods > before + 200);
    await busy.terminate();
  }
  await eventually(() => main.getAllWebContents().length === 0);
});

test('messages that nobody holds any more are collected', async (t) => {
  const main = new IpcMain(endpoint());
  const renderer = new IpcRenderer(main.endpoints[0]);
  t.after(() => {
    renderer.close();
    main.close();
  });
  main.handle('echo', (event, v) => v);
  const megabyte = new Uint8Array(1 << 20);
  await renderer.invoke('echo', megabyte);
  const external = () => {
    const { external: e, arrayBuffers, heapUsed } = process.memoryUsage();
    return e + arrayBuffers + heapUsed;
  };
  for (let i = 0; i < 100; i++) await renderer.invoke('echo', megabyte);
  globalThis.gc?.();
  const before = external();
  for (let i = 0; i < 400; i++) await renderer.invoke('echo', megabyte);
  await eventually(() => {
    globalThis.gc?.();
    return external() < before + (100 << 20);
  }, 'the memory of 400 MiB of messages coming back');
});

test('closed endpoints can be collected', async () => {
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  const v8 = require('node:v8');
  v8.setFlagsFromString('--expose-gc');
  const gc = require('node:vm').runInNewContext('gc');
  (() => {
    for (let i = 0; i < 5; i++) {
      const main = new IpcMain(endpoint());
      main.on('x', () => {});
      registry.register(main);
      main.close();
    }
  })();
  await eventually(() => {
    gc();
    return collected === 5;
  });
});

test('an addon that cannot be loaded says what to do', async () => {
  const missing = snippet('', { IPCZMQ_ADDON: '/nowhere/ipczmq.node' });
  assert.equal(await missing.ends(), 1);
  assert.match(missing.errors, /ipczmq: its native part cannot be loaded; run 'npm rebuild ipczmq'/);
  // Of another machine, of no machine at all, and one whose libzmq is not installed.
  const loaded = fs.readFileSync(Object.keys(require.cache).find((file) => file.endsWith('.node')), 'latin1');
  const cases = [
    ['\x7fELF\x01\x01\x01' + '\0'.repeat(5000), /it was built for another Node or machine than v/],
    ['not an addon', /it was built for another Node or machine than v/],
    [loaded.replaceAll('libzmq.so.5', 'libzmq.so.9'), /install libzmq \(Debian: libzmq5\)\n  \(libzmq\.so\.9: cannot open/],
  ];
  for (const [i, [content, hint]] of cases.entries()) {
    const broken = path.join(require('./support').folder, `broken-${i}.node`);
    fs.writeFileSync(broken, content, 'latin1');
    const bad = snippet('', { IPCZMQ_ADDON: broken });
    assert.equal(await bad.ends(), 1);
    assert.match(bad.errors, hint);
  }
});

test('require and import give the same', async () => {
  const program = path.join(require('./support').folder, 'esm.mjs');
  fs.writeFileSync(program, `import ipczmq, { ipcMain, IpcRenderer } from ${JSON.stringify(path.join(root, 'index.mjs'))};
    console.log(ipczmq.ipcMain === ipcMain, typeof IpcRenderer);`);
  const esm = new Program(program);
  assert.equal(await esm.ends(), 0, esm.errors);
  assert.deepEqual(esm.lines, ['true function']);
});

test('an ES module imports electron and gets ipczmq', async () => {
  const program = path.join(require('./support').folder, 'electron.mjs');
  fs.writeFileSync(program, "import { ipcMain } from 'electron'; console.log(typeof ipcMain.handle);");
  const esm = new Program(program, [], { node: ['--import', path.join(root, 'electron.mjs')] });
  assert.equal(await esm.ends(), 0, esm.errors);
  assert.deepEqual(esm.lines, ['function']);
});
