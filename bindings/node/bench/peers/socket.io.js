// SPDX-License-Identifier: MIT
'use strict';

const http = require('http');

module.exports = {
  serve(address, ready) {
    const { Server } = require('socket.io');
    const web = http.createServer();
    const io = new Server(web, { transports: ['websocket'], maxHttpBufferSize: 1e9, perMessageDeflate: false });
    io.on('connection', (socket) => {
      let count = 0;
      socket.on('data', () => count++);
      socket.on('count', (done) => {
        done(count);
        count = 0;
      });
      socket.on('echo', (v, done) => done(v));
    });
    web.listen(0, '127.0.0.1', () => ready(web.address().port));
    return () => io.close();
  },

  async connect(address, port) {
    const { io } = require('socket.io-client');
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
    await new Promise((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
    return {
      payload: (size) => (size <= 1024 ? 'x'.repeat(size) : Buffer.alloc(size)),
      flood(payload, n) {
        for (let i = 0; i < n; i++) socket.emit('data', payload);
        return new Promise((resolve) => socket.emit('count', resolve));
      },
      echo: (payload) => new Promise((resolve) => socket.emit('echo', payload, resolve)),
      close: () => socket.close(),
    };
  },
};
