// SPDX-License-Identifier: MIT
// Prints the folders of Node's header files: those of npm's option nodedir, those that came with this node, or the
// system's.
'use strict';

const fs = require('fs');
const path = require('path');

const prefix = path.dirname(path.dirname(fs.realpathSync(process.execPath)));
const { npm_config_nodedir: wanted } = process.env;
const candidates = [
  ...(wanted ? [path.join(wanted, 'include/node')] : []),
  path.join(prefix, 'include/node'),
  '/usr/include/node',
  '/usr/include/nodejs/src',
  '/usr/local/include/node',
];
const major = (folder) => {
  const text = fs.readFileSync(path.join(folder, 'node_version.h'), 'utf8');
  return /define NODE_MAJOR_VERSION (\d+)/.exec(text)[1];
};

const found = candidates.find((f) => fs.existsSync(path.join(f, 'node_api.h')));
if (found === undefined) {
  console.error(
    'the header files of node are not installed (Debian: libnode-dev); where they are elsewhere, say ' +
      "npm_config_nodedir=FOLDER, which has 'include/node' in it",
  );
  process.exit(1);
}
if (major(found) !== process.versions.node.split('.')[0]) {
  console.error(`${found} is of node ${major(found)}, and ${process.execPath} is ${process.version}`);
  process.exit(1);
}
// uv.h is beside them, or a package of its own.
const uv = [found, '/usr/include', path.join(found, '../deps/uv/include')].find((f) =>
  fs.existsSync(path.join(f, 'uv.h')),
);
if (uv === undefined) {
  console.error('uv.h is not installed (Debian: libuv1-dev)');
  process.exit(1);
}
console.log(uv === '/usr/include' ? found : [...new Set([found, uv])].join('\n'));
