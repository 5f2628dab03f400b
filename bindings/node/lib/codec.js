// SPDX-License-Identifier: MIT
// Values to msgpack and back, by a msgpackr of our own.
'use strict';

const native = require('./native');
const { prepare } = require('./clone');
const heap = require('./heap');
const { revive } = require('./revive');
const { ExtData, Raw, TAG_EXT, Tag, tagOf, tags } = require('./tags');

// Extensions are registered for the whole module: in a copy that the application cannot see.
function privateMsgpackr() {
  const file = require.resolve('msgpackr');
  const before = require.cache[file];
  delete require.cache[file];
  const own = require(file);
  if (before === undefined) delete require.cache[file];
  else require.cache[file] = before;
  return own;
}

const { Packr, addExtension, REUSE_BUFFER_MODE, RESET_BUFFER_MODE } = privateMsgpackr();
const ATTACHMENT_EXT = 31;
const TIMESTAMP_EXT = 0xff;
const LARGE = 1 << 22;

let tagged = false; // a tag was met in what is being read

addExtension({
  Class: Raw,
  type: TAG_EXT,
  pack({ bytes }, allocate) {
    const { target, position } = allocate(bytes.length);
    for (let i = 0; i < bytes.length; i++) target[position + i] = bytes[i];
  },
  unpack(data) {
    tagged = true;
    const tag = data.length === 1 ? tagOf(data[0]) : undefined;
    if (tag === undefined) throw new Error('malformed value: unknown tag');
    return tag;
  },
});
// Beyond those and timestamps, msgpackr's own extensions are not part of the protocol. (0 is
// undefined, by its convention.)
for (let type = 1; type < 256; type++) {
  if (type === TAG_EXT || type === TIMESTAMP_EXT) continue;
  addExtension({ type, unpack: (data) => new ExtData(type < 128 ? type : type - 256, data.slice()) });
}
addExtension({
  type: ATTACHMENT_EXT,
  unpack(data) {
    if (data.length !== 4) throw new Error('malformed value: bad reference to an attachment');
    const bytes = native.attachment(((data[0] << 24) | (data[1] << 16) | (data[2] << 8) | data[3]) >>> 0);
    heap.note(bytes.length);
    return bytes;
  },
});

const packr = new Packr({
  useRecords: false,
  variableMapSize: true,
  int64AsType: 'auto',
  copyBuffers: true,
});
const scratch = new Uint8Array(65536);

// What `pack` has made: valid until the next call.
const packed = { bytes: scratch, start: 0, end: 0, attachments: undefined };
let packing = false;

function pack(value, name = 'value', attach = true) {
  if (packing) throw new Error('a getter of a value that is being sent cannot send itself');
  packing = true;
  try {
    const ready = prepare(value, name, attach);
    const bytes = packr.pack(ready.value, REUSE_BUFFER_MODE | RESET_BUFFER_MODE);
    packed.bytes = bytes;
    packed.start = bytes.start;
    packed.end = bytes.end;
    packed.attachments = ready.attachments;
    if (ready.attachments !== undefined) for (const large of ready.attachments) heap.note(large.length);
    if (bytes.length > LARGE) packr.useBuffer(Buffer.allocUnsafeSlow(65536));
    return packed;
  } finally {
    packing = false;
  }
}

const window = { start: 0, end: 0 };

// The value in the first `end` bytes of `source`, or of the scratch that the addon fills.
function read(end, source) {
  window.end = end;
  const from = source === undefined ? scratch : new Uint8Array(source.buffer, source.byteOffset, end);
  tagged = false;
  const value = packr.unpack(from, window);
  return tagged ? revive(value) : value;
}

// Arguments of a message: an array, and whether it came by postMessage (which marks its end).
const message = { args: [], post: false };
function readArgs(end, source) {
  window.end = end;
  const from = source === undefined ? scratch : new Uint8Array(source.buffer, source.byteOffset, end);
  tagged = false;
  message.post = false;
  message.args = packr.unpack(from, window);
  if (tagged) {
    if (message.args[message.args.length - 1] === tags.post) {
      message.args.pop();
      message.post = true;
    }
    message.args = revive(message.args);
  }
  return message;
}

// Whole and apart, for tests and tools: no attachments.
const encode = (value) => {
  const { bytes, start, end } = pack(value, 'value', false);
  return Buffer.from(bytes.subarray(start, end));
};
const decode = (bytes) => read(bytes.length, bytes);

native.setup(scratch, read);

module.exports = { ExtData, Tag, decode, encode, pack, read, readArgs, tags };
