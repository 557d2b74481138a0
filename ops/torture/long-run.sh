#!/usr/bin/env bash
# long-run.sh [SEED]: the long run of docs/RELIABILITY.md on one core, at low priority; prints the counts.
# Takes an hour or two. Exit code 1 when a promise was broken; the report then names the command that repeats it.
set -euo pipefail
cd "$(dirname "$0")/../.."
seed=${1:-1}
strace=$(ops/torture/ensure-strace.sh)
export VTS_JAVA_OPTS="${VTS_JAVA_OPTS:-} -Dvts.strace=$strace"
exec nice -n 10 ./vts torture --seed "$seed" --kills 1000 --images 10000 --flips 10000 --claims 1000000 --sweep --json
