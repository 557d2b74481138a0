#!/usr/bin/env bash
# build-native.sh DIR: compiles this module's C code into DIR/native/linux-<arch>/*.so with the
# system's compiler (CC, default cc). Does nothing when sources, compiler and flags are unchanged.
# On x86-64 that includes the vector kernel; elsewhere the program runs on libsecp256k1 alone.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: build-native.sh DIR" >&2; exit 64; }
mkdir -p "$1"
base=$(cd "$1" && pwd)
cd "$(dirname "$0")/c"

export CC=${CC:-cc}
command -v "$CC" >/dev/null || {
  echo "native: no C compiler '$CC'; install gcc or clang, or name one in CC" >&2
  exit 69
}
arch=$(uname -m)
out=$base/native/linux-$arch
flags=(-std=c11 -O2 -fPIC -shared -fvisibility=hidden -Wall -Wextra -Werror
  -Wl,-z,relro,-z,now,-z,noexecstack)

stamp=$( {
  "$CC" --version
  printf '%s\n' "${flags[@]}" "$arch"
  find . ../build-native.sh -name '*.[ch]' -o -name '*.sh' | LC_ALL=C sort | xargs sha256sum
} | sha256sum | cut -d' ' -f1)
if [ "$(cat "$out/.stamp" 2>/dev/null)" = "$stamp" ]; then exit 0; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$CC" "${flags[@]}" -o "$work/libsecp_loop.so" measure/secp_loop.c
if [ "$arch" = x86_64 ]; then OUT=$work bash build.sh release; fi
rm -rf "$out"
mkdir -p "$out"
mv "$work"/*.so "$out"
echo "$stamp" >"$out/.stamp"
