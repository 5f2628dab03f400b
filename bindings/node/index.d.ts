// SPDX-License-Identifier: MIT
/// <reference types="node" />
import { EventEmitter } from 'events';

/** What a channel carries, as a function: its parameters are the arguments, its result is the answer. */
export type Signature = (...args: any[]) => any;
type Answer<F extends Signature> = ReturnType<F> | PromiseLike<Awaited<ReturnType<F>>>;

export interface Limits {
  /** Bytes of one message, or of one large binary in it. Default 64 MiB. */
  partBytes?: number;
  messages?: number;
  attachments?: number;
  /** Nesting of values. Default 512. */
  depth?: number;
}

interface CommonOptions {
  /** Its name. */
  identity?: string;
  /** TCP beyond this machine, open to everybody who reaches the port. */
  insecure?: boolean;
  /** Milliseconds that `close()`, and the end of the process, wait for what was sent. Default 1000. */
  linger?: number;
  /** Milliseconds for calls without a timeout of their own. Main: 30000. Renderer: 0, none. */
  callDeadline?: number;
  /** Bytes under way that the other side has not dispatched. */
  queueBytes?: number;
  queueMessages?: number;
  /** What a send does that finds the queue full. Main: 'fail'. Renderer: 'block' ('fail' where main is in the same thread). */
  overflow?: 'block' | 'fail' | 'drop-oldest' | 'drop-newest' | 'disconnect';
  /** Milliseconds that 'block' waits. Renderer: 30000. */
  blockFor?: number;
  limits?: Limits;
  /**
   * Gets the lines of the library's log, and what no caller hears of. Called soon, on this thread. Default: warnings and
   * errors go to stderr.
   */
  log?: (level: 'debug' | 'info' | 'warning' | 'error', line: string) => void;
}

export interface IpcMainOptions extends CommonOptions {
  endpoint?: string;
  endpoints?: string[];
  duplicates?: 'refuse' | 'replace';
  pingInterval?: number;
  pingTimeout?: number;
  unresponsiveAfter?: number;
  resumeFor?: number;
  connectionsMax?: number;
  totalQueueBytes?: number;
  totalInboxBytes?: number;
}

export interface IpcRendererOptions extends CommonOptions {
  endpoint?: string;
  /** Milliseconds that the constructor waits for main, and then throws. Without: it does not wait. */
  connectWithin?: number;
  /** What becomes of messages that a lost main may have dispatched. */
  afterRestart?: 'report' | 'repeat';
}

/** Given before the channel. */
export interface CallOptions {
  /** Milliseconds; 0 is none. */
  timeout?: number;
  signal?: AbortSignal;
}

/** What the rejections of calls have beside Electron's message. */
export interface CallError extends Error {
  code:
    | 'no_listener' | 'no_reply' | 'no_handler' | 'bad_arguments' | 'timed_out' | 'cancelled' | 'disconnected'
    | 'main_restarted' | 'peer_gone' | 'closed' | 'overflow' | 'too_large' | 'bad_channel' | 'refused'
    | 'remote_failed' | string;
  /** What was thrown on the other side: an Error with its name, stack, cause and properties. */
  cause?: unknown;
}

interface Preventable {
  preventDefault(): void;
  readonly defaultPrevented: boolean;
}

export interface IpcMainEvent extends Preventable {
  type: 'frame';
  sender: WebContents;
  processId: number;
  frameId: number;
  readonly senderFrame: null;
  /** Of postMessage: always empty so far. Otherwise undefined. */
  ports: [];
  /** Answers sendSync, once; later assignments are ignored. */
  returnValue: any;
  reply(channel: string, ...args: any[]): void;
  /** Of sendSync: aborted when the caller has timed out or gone. */
  readonly signal: AbortSignal;
}

export interface IpcMainInvokeEvent extends Preventable {
  type: 'frame';
  sender: WebContents;
  processId: number;
  frameId: number;
  readonly senderFrame: null;
  /** Aborted when the caller has cancelled, timed out or gone. */
  readonly signal: AbortSignal;
}

export interface IpcRendererEvent extends Preventable {
  sender: IpcRenderer;
  ports: [];
}

export interface IpcRendererInvokeEvent extends Preventable {
  sender: IpcRenderer;
  readonly signal: AbortSignal;
}

/** The verbs that listen and serve. `E` is the event of listeners, `I` that of handlers. */
declare class Listening<E, I> extends EventEmitter {
  protected constructor();
  on<F extends Signature = Signature>(channel: string, listener: (event: E, ...args: Parameters<F>) => void): this;
  once<F extends Signature = Signature>(channel: string, listener: (event: E, ...args: Parameters<F>) => void): this;
  addListener<F extends Signature = Signature>(channel: string, listener: (event: E, ...args: Parameters<F>) => void): this;
  prependListener<F extends Signature = Signature>(channel: string, listener: (event: E, ...args: Parameters<F>) => void): this;
  prependOnceListener<F extends Signature = Signature>(channel: string, listener: (event: E, ...args: Parameters<F>) => void): this;
  off(channel: string, listener: (...args: any[]) => void): this;
  removeListener(channel: string, listener: (...args: any[]) => void): this;
  removeAllListeners(channel?: string): this;
  /** One handler a channel. */
  handle<F extends Signature = Signature>(channel: string, listener: (event: I, ...args: Parameters<F>) => Answer<F>): void;
  handleOnce<F extends Signature = Signature>(channel: string, listener: (event: I, ...args: Parameters<F>) => Answer<F>): void;
  removeHandler(channel: string): void;
  hasHandler(channel: string): boolean;
}

export interface PeerInfo {
  /** 0 when unknown. */
  pid: number;
  host: string;
  endpoint: string;
  library: string;
  connected: boolean;
  messagesSent: number;
  messagesReceived: number;
  bytesQueued: number;
  messagesWaiting: number;
}

export interface Statistics {
  messagesSent: number;
  messagesReceived: number;
  framesSent: number;
  framesReceived: number;
  framesResent: number;
  framesMalformed: number;
  framesDuplicate: number;
  messagesUnknown: number;
  repliesLate: number;
  callsExpired: number;
  messagesLost: number;
  messagesDropped: number;
  messagesRepeated: number;
  framesLeft: number;
  connectionsCut: number;
}

export interface DrainResult {
  complete: boolean;
  unacknowledged: number;
}

interface Endpoint {
  /** Waits until everything that was sent is acknowledged, at most so long. */
  drain(milliseconds?: number): Promise<DrainResult>;
  /** Waits for `linger` at most, then ends it. */
  close(): void;
  /** Keeps the process alive for it, whatever it does. */
  ref(): this;
  /** Does not keep the process alive for it. */
  unref(): this;
  statistics(): Statistics;
}

/** A one-way message that its session left behind: `send(m.channel, ...m.args)` sends it again. */
export interface LostMessage {
  /** It never left; or the other process had taken it, and has not said that its listeners returned; or nobody knows. */
  fate: 'unsent' | 'received' | 'unknown';
  channel: string;
  args: any[];
}

/** The one-way messages that a session left behind when it ended: sent, and not known to have been dispatched. */
export interface Lost {
  readonly unsent: number;
  readonly received: number;
  readonly unknown: number;
  readonly total: number;
  /** In the order of sending. Their bytes are kept for as long as this object is. */
  readonly messages: LostMessage[];
}

/** Why a renderer's connection broke, or its session ended. */
export interface DisconnectDetails {
  /** 'disconnected', 'main_restarted', 'closed', 'refused', 'duplicate_identity', … */
  code: string;
  message: string;
  /** `lost.total`: 0 while the session may still go on. */
  unacknowledged: number;
  lost: Lost;
  /** Messages that go to the next main although the last may have dispatched them (afterRestart: 'repeat'). */
  repeated: number;
}

/** News of the connection to main. */
export interface Connection extends EventEmitter {
  on(event: 'connected' | 'drain', listener: () => void): this;
  on(event: 'disconnected' | 'closed', listener: (details: DisconnectDetails) => void): this;
  /** `messages`: so many were sent again, or dropped by the overflow policy since the last time. */
  on(event: 'recovered' | 'overflow', listener: (details: { messages: number }) => void): this;
  on(event: string, listener: (...args: any[]) => void): this;
  once(event: 'connected' | 'drain', listener: () => void): this;
  once(event: 'disconnected' | 'closed', listener: (details: DisconnectDetails) => void): this;
  once(event: 'recovered' | 'overflow', listener: (details: { messages: number }) => void): this;
  once(event: string, listener: (...args: any[]) => void): this;
}

export interface GoneDetails {
  reason: 'clean-exit' | 'crashed' | 'lost' | 'killed' | 'protocol-error' | 'overflow';
  exitCode: number;
  message: string;
  /** `lost.total` */
  unacknowledged: number;
  /** What was sent to it and, as far as known, not dispatched there. */
  lost: Lost;
}

/** Main's handle of one renderer. */
export class WebContents extends EventEmitter {
  private constructor();
  readonly id: number;
  readonly identity: string;
  /** Listeners and handlers for this renderer alone. */
  readonly ipc: Listening<IpcMainEvent, IpcMainInvokeEvent>;
  send<F extends Signature = Signature>(channel: string, ...args: Parameters<F>): void;
  postMessage(channel: string, message: any, transfer?: []): void;
  invoke<F extends Signature = Signature>(channel: string, ...args: Parameters<F>): Promise<Awaited<ReturnType<F>>>;
  invoke<F extends Signature = Signature>(options: CallOptions, channel: string, ...args: Parameters<F>): Promise<Awaited<ReturnType<F>>>;
  isDestroyed(): boolean;
  isCrashed(): boolean;
  isWritable(): boolean;
  close(): void;
  forcefullyCrashRenderer(): void;
  info(): PeerInfo;
  getOSProcessId(): number;
  getProcessId(): number;
  getType(): 'remote';
  on(event: 'ipc-message' | 'ipc-message-sync', listener: (event: IpcMainEvent, channel: string, ...args: any[]) => void): this;
  on(event: 'render-process-gone', listener: (event: object, details: GoneDetails) => void): this;
  /** `messages`: so many were sent again, or dropped by the overflow policy since the last time. */
  on(event: 'recovered' | 'overflow', listener: (details: { messages: number }) => void): this;
  on(event: 'destroyed' | 'did-finish-load' | 'unresponsive' | 'responsive' | 'drain', listener: () => void): this;
  on(event: string, listener: (...args: any[]) => void): this;
}

export interface MainEvents extends EventEmitter {
  on(event: 'web-contents-created', listener: (event: object, contents: WebContents) => void): this;
  on(event: 'render-process-gone', listener: (event: object, contents: WebContents, details: GoneDetails) => void): this;
  on(event: string, listener: (...args: any[]) => void): this;
}

export interface App extends MainEvents {
  whenReady(): Promise<void>;
  isReady(): boolean;
  quit(): void;
  exit(code?: number): void;
}

export interface IpcMain extends Endpoint {}
export class IpcMain extends Listening<IpcMainEvent, IpcMainInvokeEvent> {
  /** Binds. Several may live in one process. */
  constructor(where?: string | string[] | IpcMainOptions);
  bind(where?: string | string[] | IpcMainOptions): this;
  /** Where it is bound, with the ports that were chosen. */
  readonly endpoints: string[];
  readonly app: MainEvents;
  /** To every renderer; returns how many. */
  broadcast<F extends Signature = Signature>(channel: string, ...args: Parameters<F>): number;
  /** To those that listen on the channel; returns how many. */
  publish<F extends Signature = Signature>(channel: string, ...args: Parameters<F>): number;
  getAllWebContents(): WebContents[];
  fromId(id: number): WebContents | undefined;
  fromIdentity(identity: string): WebContents | undefined;
}

export interface IpcRenderer extends Endpoint {}
export class IpcRenderer extends Listening<IpcRendererEvent, IpcRendererInvokeEvent> {
  /** Connects in the background: what is sent before main is there waits for it. */
  constructor(where?: string | IpcRendererOptions);
  connect(where?: string | IpcRendererOptions): this;
  readonly identity: string;
  readonly connection: Connection;
  send<F extends Signature = Signature>(channel: string, ...args: Parameters<F>): void;
  postMessage(channel: string, message: any, transfer?: []): void;
  /** Blocks until main answers; throws a CallError where nobody can. */
  sendSync<F extends Signature = Signature>(channel: string, ...args: Parameters<F>): Awaited<ReturnType<F>>;
  sendSync<F extends Signature = Signature>(options: { timeout?: number }, channel: string, ...args: Parameters<F>): Awaited<ReturnType<F>>;
  /** Rejects with a CallError. */
  invoke<F extends Signature = Signature>(channel: string, ...args: Parameters<F>): Promise<Awaited<ReturnType<F>>>;
  invoke<F extends Signature = Signature>(options: CallOptions, channel: string, ...args: Parameters<F>): Promise<Awaited<ReturnType<F>>>;
  isConnected(): boolean;
  isWritable(): boolean;
  info(): PeerInfo;
}

/** A msgpack ext value of a type that JavaScript has no value for. */
export class ExtData {
  constructor(type: number, data: Uint8Array);
  type: number;
  data: Uint8Array;
}

/** An ipcMain whose channels are known: `const main: TypedIpcMain<Channels> = ipcMain`. */
export interface TypedIpcMain<C extends { [channel: string]: Signature }> {
  on<K extends keyof C & string>(channel: K, listener: (event: IpcMainEvent, ...args: Parameters<C[K]>) => void): this;
  once<K extends keyof C & string>(channel: K, listener: (event: IpcMainEvent, ...args: Parameters<C[K]>) => void): this;
  handle<K extends keyof C & string>(channel: K, listener: (event: IpcMainInvokeEvent, ...args: Parameters<C[K]>) => Answer<C[K]>): void;
  handleOnce<K extends keyof C & string>(channel: K, listener: (event: IpcMainInvokeEvent, ...args: Parameters<C[K]>) => Answer<C[K]>): void;
}

/** An ipcRenderer whose channels are known. */
export interface TypedIpcRenderer<C extends { [channel: string]: Signature }> {
  send<K extends keyof C & string>(channel: K, ...args: Parameters<C[K]>): void;
  sendSync<K extends keyof C & string>(channel: K, ...args: Parameters<C[K]>): Awaited<ReturnType<C[K]>>;
  invoke<K extends keyof C & string>(channel: K, ...args: Parameters<C[K]>): Promise<Awaited<ReturnType<C[K]>>>;
}

export const ipcMain: IpcMain;
export const ipcRenderer: IpcRenderer;
export const app: App;
export const webContents: {
  getAllWebContents(): WebContents[];
  getFocusedWebContents(): null;
  fromId(id: number): WebContents | undefined;
  fromIdentity(identity: string): WebContents | undefined;
};
/** `ipcMain.bind` and `ipcRenderer.connect`. */
export function bind(where?: string | string[] | IpcMainOptions): IpcMain;
export function connect(where?: string | IpcRendererOptions): IpcRenderer;
export const version: string;
