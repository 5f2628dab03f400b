#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# doxygen_test.sh ROOT: the reference is made without a warning. 77 is a skip.
set -euo pipefail
cd "$1"
command -v doxygen >/dev/null || { echo 'skipped: doxygen is not installed'; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
said=$({ cat docs/Doxyfile && echo "OUTPUT_DIRECTORY = $folder"; } | doxygen - 2>&1)
if [ -n "$said" ]; then
  printf '%s\n' "$said"
  exit 1
fi
for page in classipczmq_1_1ipc__main classipczmq_1_1task classipczmq_1_1call; do
  [ -e "$folder/html/$page.html" ] || { echo "there is no $page"; exit 1; }
done
echo "doxygen: $(find "$folder/html" -name '*.html' | wc -l) pages, no warning"
