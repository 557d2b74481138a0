#!/usr/bin/env bash
# Makes sure that the tests have a real node: BITCOIND names one, or it is brought into build/bitcoind.
# Where neither is to be had the node's tests are reported as skipped; under CI=true that is a failure.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -n "${BITCOIND:-}" ]; then
  [ -x "$BITCOIND" ] || { echo "node: BITCOIND='$BITCOIND' is not executable; point it at a bitcoind" >&2; exit 66; }
  exit 0
fi
[ -x build/bitcoind/bin/bitcoind ] && exit 0
if command -v apt-get >/dev/null && ops/node/get-bitcoind.sh build/bitcoind; then exit 0; fi
if [ "${CI:-}" = true ]; then
  echo "node: no bitcoind could be brought and CI=true; set BITCOIND or run where apt is" >&2
  exit 69
fi
echo "node: no bitcoind; the tests on a real node will be reported as skipped" >&2
