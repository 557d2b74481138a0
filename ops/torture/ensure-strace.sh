#!/usr/bin/env bash
# ensure-strace.sh [DIR]: prints the path of an strace: the one on the PATH, or Debian's, unpacked into
# DIR (default build/strace) with apt's download alone. It installs nothing.
set -euo pipefail
if command -v strace; then exit 0; fi
dir=$(realpath -m "${1:-build/strace}")
if [ ! -x "$dir/usr/bin/strace" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && timeout 300 apt-get -qq download strace && mkdir -p "$dir" && dpkg -x strace_*.deb "$dir") ||
    { echo "ensure-strace: cannot download strace; install it" >&2; exit 69; }
fi
echo "$dir/usr/bin/strace"
