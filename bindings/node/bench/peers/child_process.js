// SPDX-License-Identifier: MIT
// process.send of Node itself. `serialization` is 'json' or 'advanced'.
'use strict';

const server = () => {
  let count = 0;
  process.on('message', ({ kind, id, data }) => {
    if (kind === 'data') count++;
    else if (kind === 'echo') process.send({ id, data });
    else if (kind === 'count') {
      process.send({ id, data: count });
      count = 0;
    }
  });
};

const client = (child, json) => {
  let last = 0;
  const waiting = new Map();
  child.on('message', ({ id, data }) => {
    waiting.get(id)?.(data);
    waiting.delete(id);
  });
  const call = (kind, data) =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      child.send({ kind, id: last, data });
    });
  return {
    payload: (size) => (json || size <= 1024 ? 'x'.repeat(size) : new Uint8Array(size)),
    async flood(data, n) {
      for (let i = 0; i < n; i++) child.send({ kind: 'data', data });
      return call('count');
    },
    echo: (data) => call('echo', data),
    close() {},
  };
};

module.exports = { server, client };
