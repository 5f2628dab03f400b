#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# debian_test.sh ROOT OUTPUT: the Debian packages are built in OUTPUT, lintian has nothing to say, and their own tests pass
# against them. 77 is a skip.
set -euo pipefail
root=$1 output=$2
for tool in dpkg-buildpackage dh lintian fakeroot; do
  command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed (Debian: debhelper, lintian, fakeroot)"; exit 77; }
done
[ -e "$root/.git" ] || { echo "skipped: this is no clone, and git says what belongs to the source package"; exit 77; }
rm -rf "$output"
"$root/packaging/build-deb" "$output"
"$root/packaging/test-deb" "$output"
