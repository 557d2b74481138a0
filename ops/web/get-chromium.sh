#!/usr/bin/env bash
# get-chromium.sh [DIR]: brings a private headless Chromium (this Debian's own) into DIR with apt's download alone: the
# package and those of its libraries that the machine lacks are unpacked into DIR/root, nothing is installed, and
# DIR/bin/chromium starts it. Prints DIR/bin. Needs apt-get and dpkg-deb.
set -euo pipefail
dir=$(realpath -m "${1:-build/chromium}")
[ -x "$dir/bin/chromium" ] && { echo "$dir/bin"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,root}
apt_options=(
  -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root
  -o Acquire::Languages=none -o Acquire::Retries=3 -o Debug::NoLocking=1 -qq
)
timeout 300 apt-get "${apt_options[@]}" update
timeout 600 apt-get "${apt_options[@]}" -y --no-install-recommends --download-only install chromium fonts-dejavu-core >/dev/null
for package in "$work"/cache/archives/*.deb; do dpkg -x "$package" "$work/root"; done
machine=$(uname -m)
mkdir -p "$dir/bin"
rm -rf "$dir/root"
mv "$work/root" "$dir/root"
cat >"$dir/bin/chromium" <<WRAPPER
#!/bin/sh
root=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")/root
libraries=\$root/usr/lib/$machine-linux-gnu
export LD_LIBRARY_PATH=\$libraries:\$root/lib/$machine-linux-gnu:\$libraries/pulseaudio
export XDG_DATA_HOME=\$root/usr/share
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_PATH=\$root/etc/fonts
exec "\$root/usr/lib/chromium/chromium" "\$@"
WRAPPER
chmod +x "$dir/bin/chromium"
"$dir/bin/chromium" --version >&2
echo "$dir/bin"
