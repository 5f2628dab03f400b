// SPDX-License-Identifier: MIT
// zeromq.js by hand: DEALER to ROUTER, bytes as they are, nothing serialized.
'use strict';

module.exports = {
  serve(address, ready) {
    const zmq = require('zeromq');
    const router = new zmq.Router({ receiveHighWaterMark: 0, sendHighWaterMark: 0 });
    let count = 0;
    router.bind(`ipc://${address}`).then(async () => {
      ready();
      for await (const [from, kind, payload] of router) {
        const k = kind[0];
        if (k === 100) count++;
        else if (k === 101) await router.send([from, kind, payload]);
        else {
          await router.send([from, kind, String(count)]);
          count = 0;
        }
      }
    });
    return () => router.close();
  },

  async connect(address, ready, copied) {
    const zmq = require('zeromq');
    const dealer = new zmq.Dealer({ receiveHighWaterMark: 0, sendHighWaterMark: 0 });
    dealer.connect(`ipc://${address}`);
    const answer = async () => (await dealer.receive())[1];
    return {
      payload: (size) => Buffer.alloc(size, 120),
      async flood(payload, n) {
        for (let i = 0; i < n; i++) await dealer.send(['d', copied ? Buffer.from(payload) : payload]);
        await dealer.send(['c', '']);
        return Number(await answer());
      },
      async echo(payload) {
        await dealer.send(['e', payload]);
        return answer();
      },
      close: () => dealer.close(),
    };
  },
};
