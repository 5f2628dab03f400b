// SPDX-License-Identifier: MIT
// Compiler and linker flags of libipczmq: the installed one, or that of the clone that this is in. With
// IPCZMQ_STATIC set only its archive will do, so that the addon needs no libipczmq where it is used.
'use strict';

const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const root = path.join(__dirname, '../../..');
const wanted = process.argv[2];
const archiveOnly = Boolean(process.env.IPCZMQ_STATIC);

function pkgConfig(...args) {
  try {
    return execFileSync('pkg-config', [...args, 'ipczmq'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

function installed() {
  if (wanted === '--cflags' || !archiveOnly) return pkgConfig(wanted);
  const archive = path.join(pkgConfig('--variable=libdir')?.trim() ?? '', 'libipczmq.a');
  return fs.existsSync(archive) ? `${archive} -lzmq -pthread` : undefined;
}

function ofClone() {
  if (!fs.existsSync(path.join(root, 'core/include/ipczmq'))) return undefined;
  if (wanted === '--cflags') return `-I${path.join(root, 'core/include')} -DMSGPACK_NO_BOOST`;
  const built = ['release', 'dev']
    .map((name) => path.join(root, 'build', name, 'core/libipczmq.a'))
    .find((file) => fs.existsSync(file));
  return built === undefined ? undefined : `${built} -lzmq -pthread`;
}

const flags = installed() ?? ofClone();
if (flags === undefined) {
  console.error(
    `the library ipczmq ${archiveOnly ? '(its archive libipczmq.a) ' : ''}is not there. Install it ` +
      "('meson setup build/release --buildtype=release && meson install -C build/release' in a clone of ipczmq; " +
      'where it went to a place of its own, PKG_CONFIG_PATH=THAT/lib/pkgconfig), or build the clone (./dev build)',
  );
  process.exit(1);
}
console.log(flags.trim());
