#!/usr/bin/env bash
# jcstress.sh [MILLIS [ITERATIONS]]: the concurrency tests at length (default: 100 times 5 s each).
set -euo pipefail
cd "$(dirname "$0")/../.."
exec mvn -q -B -pl concurrency -am -Dtest=JcstressTest -Dsurefire.failIfNoSpecifiedTests=false \
  -Dvts.jcstress.millis="${1:-5000}" -Dvts.jcstress.iterations="${2:-100}" test
