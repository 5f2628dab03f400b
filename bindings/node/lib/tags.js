// SPDX-License-Identifier: MIT
// What msgpack has no word for: arrays that begin with a tag of ours (core/PROTOCOL.md, "Values of
// JavaScript").
'use strict';

const TAG_EXT = 30;

// Bytes that are msgpack already.
class Raw {
  constructor(bytes) {
    this.bytes = bytes;
  }
}

class Tag extends Raw {
  constructor(name, code) {
    super([0xd4, TAG_EXT, code]);
    this.name = name;
    this.code = code;
  }
}

// An ext type that nobody here knows: kept as it came, and sendable.
class ExtData {
  constructor(type, data) {
    this.type = type;
    this.data = data;
  }
}

const names = [
  'map', 'set', 'error', 'regexp', 'bigint', 'date', 'view', 'arraybuffer', 'array', 'object',
  'string', 'boxed', 'define', 'refer', 'post',
];
const byCode = names.map((name, i) => new Tag(name, i + 1));
const tags = Object.fromEntries(byCode.map((tag) => [tag.name, tag]));

module.exports = { ExtData, Raw, Tag, TAG_EXT, tags, tagOf: (code) => byCode[code - 1] };
