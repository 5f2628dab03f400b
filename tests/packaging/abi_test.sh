#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# abi_test.sh LIBRARY ROOT: the binary interface against packaging/abi/libipczmq.abi. 77 is a skip.
set -euo pipefail
library=$1 root=$2
command -v abidiff >/dev/null || { echo 'skipped: abidiff is not installed (Debian: abigail-tools)'; exit 77; }
[ "$(uname -m)" = x86_64 ] || { echo "skipped: the record is of x86_64"; exit 77; }
status=0
abidiff --no-added-syms --suppressions "$root/packaging/abi/ignored" --headers-dir2 "$root/core/include" \
  --drop-private-types --exported-interfaces-only \
  "$root/packaging/abi/libipczmq.abi" "$library" || status=$?
# Bit 4: a change; bit 8: one that breaks programs.
if [ $((status & 11)) -ne 0 ]; then
  echo "programs that were linked before may not run: see packaging/README.md (packaging/abi/record)"
  exit 1
fi
echo "abidiff: compatible with the record"
