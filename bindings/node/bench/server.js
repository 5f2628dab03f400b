// SPDX-License-Identifier: MIT
// The process that is measured against: server.js NAME ADDRESS
'use strict';

const [name, address] = process.argv.slice(2);

if (name.startsWith('child_process')) {
  require('./peers/child_process').server();
} else {
  require(`./peers/${name}`).serve(address, (where) => process.send({ ready: where ?? true }));
}
process.on('disconnect', () => process.exit(0));
