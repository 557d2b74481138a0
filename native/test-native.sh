#!/usr/bin/env bash
# test-native.sh DIR LIBSECP256K1: the C kernel's own tests, in DIR: against the big-integer model and
# libsecp256k1 as released, again with bounds and sanitizers, the constant-time check of the object
# that ships, and random inputs through the fuzzing harness. Needs gcc or clang (CC) and objdump;
# where the CPU has no AVX-512 IFMA there is nothing to test and it says so.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: test-native.sh DIR LIBSECP256K1" >&2; exit 64; }
mkdir -p "$1"
OUT=$(cd "$1" && pwd)
VTS_LIBSECP256K1=$(realpath "$2")
export OUT VTS_LIBSECP256K1
cd "$(dirname "$0")/c"

if [ "$(uname -m)" != x86_64 ] || ! grep -qw avx512ifma /proc/cpuinfo; then
  echo "native: no AVX-512 IFMA on this machine; the kernel's tests have nothing to run on" >&2
  exit 0
fi
for tool in "${CC:-gcc}" objdump; do
  command -v "$tool" >/dev/null || { echo "native: '$tool' is missing; install it" >&2; exit 69; }
done

stamp=$(find . ../test-native.sh -type f -not -path './build/*' | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1)
if [ -z "${CI:-}" ] && [ "$(cat "$OUT/.passed" 2>/dev/null)" = "$stamp" ]; then
  echo "native: kernel tests passed before and nothing has changed"
  exit 0
fi
export VTS_TEST_SCALE_DOWN=${VTS_TEST_SCALE_DOWN:-20}
bash build.sh test
bash build.sh test-checked
bash build.sh constant-time
bash build.sh fuzz 5
echo "$stamp" >"$OUT/.passed"
