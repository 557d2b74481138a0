#!/usr/bin/env bash
# Makes sure that the tests have a browser: CHROMIUM names one, one is on the PATH, or it is brought into
# build/chromium. Where none is to be had the browser's tests are reported as skipped; under CI=true that is a failure.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -n "${CHROMIUM:-}" ]; then
  [ -x "$CHROMIUM" ] || { echo "web: CHROMIUM='$CHROMIUM' is not executable; point it at a chromium" >&2; exit 66; }
  exit 0
fi
command -v chromium chromium-browser google-chrome >/dev/null && exit 0
if command -v apt-get >/dev/null && ops/web/get-chromium.sh build/chromium; then exit 0; fi
if [ "${CI:-}" = true ]; then
  echo "web: no chromium could be brought and CI=true; set CHROMIUM or run where apt is" >&2
  exit 69
fi
echo "web: no chromium; the tests in a browser will be reported as skipped" >&2
