// SPDX-License-Identifier: MIT
// Compiled, never run: what must be an error is marked, and tsc complains when it is none.
import { CallError, Lost, IpcMain, IpcRenderer, TypedIpcMain, TypedIpcRenderer, WebContents, app, ipcMain, ipcRenderer, webContents } from '../../index';

interface Channels {
  [channel: string]: (...args: any[]) => any;
  sum(a: number, b: number): number;
  load(path: string): Promise<Uint8Array>;
  log(line: string): void;
}

ipcMain.on('plain', (event, arg) => {
  event.reply('plain-reply', arg);
  event.returnValue = 'pong';
  const sender: WebContents = event.sender;
  sender.send('x', 1, { any: 'thing' });
});

ipcMain.handle<Channels['sum']>('sum', (event, a, b) => {
  const signal: AbortSignal = event.signal;
  return signal.aborted ? 0 : a + b;
});
ipcMain.handle<Channels['sum']>('sum', async (event, a, b) => a + b);
// @ts-expect-error a sum is a number
ipcMain.handle<Channels['sum']>('sum', (event, a, b) => `${a}${b}`);
// @ts-expect-error there are two arguments
ipcMain.handle<Channels['sum']>('sum', (event, a, b, c) => a + b + c);
// @ts-expect-error a handler is a function
ipcMain.handle('sum', 5);
ipcMain.handle<Channels['load']>('load', async (event, path) => new Uint8Array(path.length));

const sum: Promise<number> = ipcRenderer.invoke<Channels['sum']>('sum', 1, 2);
const late: Promise<number> = ipcRenderer.invoke<Channels['sum']>({ timeout: 100, signal: AbortSignal.timeout(5) }, 'sum', 1, 2);
const loaded: Promise<Uint8Array> = ipcRenderer.invoke<Channels['load']>('load', '/path');
const direct: number = ipcRenderer.sendSync<Channels['sum']>('sum', 1, 2);
ipcRenderer.send<Channels['log']>('log', 'line');
// @ts-expect-error numbers only
ipcRenderer.invoke<Channels['sum']>('sum', '1', 2);
// @ts-expect-error a channel is a string
ipcRenderer.send(5);

const main: TypedIpcMain<Channels> = ipcMain;
main.handle('sum', (event, a, b) => a + b);
main.on('log', (event, line) => line.length);
// @ts-expect-error a line is a string
main.on('log', (event, line: number) => line);
const renderer: TypedIpcRenderer<Channels> = ipcRenderer;
const typed: Promise<number> = renderer.invoke('sum', 1, 2);
// @ts-expect-error numbers only
renderer.invoke('sum', 'x', 2);

const another = new IpcMain({ endpoint: 'ipc:///tmp/x', resumeFor: 5000, limits: { depth: 100 } });
// @ts-expect-error no such option
new IpcRenderer({ endpont: 'ipc:///tmp/x' });
another.app.on('web-contents-created', (event, contents) => contents.ipc.handle('x', () => 1));
const all: WebContents[] = webContents.getAllWebContents();
app.whenReady().then(() => another.close());
ipcRenderer.connection.on('disconnected', () => {});
ipcRenderer.connection.once('closed', ({ code, lost, repeated }) => {
  for (const { fate, channel, args } of lost.messages) if (fate !== 'received') ipcRenderer.send(channel, ...args);
  const numbers: number[] = [lost.unsent, lost.total, repeated, code.length];
  return numbers;
});
another.app.on('render-process-gone', (event, contents, details) => {
  const lost: Lost = details.lost;
  // @ts-expect-error it is a record of what was
  lost.unsent = 0;
});
new IpcRenderer({ log: (level, line) => (level === 'warning' ? line.length : 0) });
// @ts-expect-error a log is a function
new IpcRenderer({ log: 'file' });
ipcRenderer.invoke('x').catch((error: CallError) => error.code === 'timed_out');
void [sum, late, loaded, direct, typed, all];
