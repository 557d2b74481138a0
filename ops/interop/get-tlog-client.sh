#!/usr/bin/env bash
# get-tlog-client.sh [DIR]: brings the client of transparency logs that the interoperability test asks (npm's
# @sigstore/verify: RFC 6962 inclusion, signed-note checkpoints) into DIR. Installs nothing elsewhere and runs no
# package's scripts. Needs node 18 or newer with npm.
set -euo pipefail
dir=$(realpath -m "${1:-build/tlog-client}")
version=2.1.1
[ -d "$dir/node_modules/@sigstore/verify/dist" ] && { echo "$dir"; exit 0; }
command -v npm >/dev/null || { echo "get-tlog-client: npm is missing; install node 18 or newer" >&2; exit 69; }
mkdir -p "$dir"
timeout 300 npm install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix "$dir" "@sigstore/verify@$version" >&2
echo "$dir"
