#!/usr/bin/env bash
# get-secp256k1.sh [DIR]: brings the signing library of the demo shop's page (npm's @noble/secp256k1) into DIR with
# `npm ci`: version and SHA-512 are package-lock.json's, no package's scripts run. The build puts it into the jar.
# Without npm the build goes on and the page says that it cannot sign; under CI=true that is a failure.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=$(realpath -m "${1:-$here/../../build/web}")
if [ -f "$dir/node_modules/@noble/secp256k1/index.js" ] && cmp -s "$here/package-lock.json" "$dir/package-lock.json"; then
  exit 0
fi
mkdir -p "$dir"
cp "$here/package.json" "$here/package-lock.json" "$dir/"
if command -v npm >/dev/null && timeout 300 npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$dir" >&2; then
  exit 0
fi
rm -f "$dir/package-lock.json"
if [ "${CI:-}" = true ]; then
  echo "web: npm could not bring @noble/secp256k1 and CI=true; install node 18 or newer with npm" >&2
  exit 69
fi
echo "web: no npm; the demo shop's page will not be able to sign" >&2
