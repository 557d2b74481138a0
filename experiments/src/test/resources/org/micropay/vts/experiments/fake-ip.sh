#!/bin/sh
# ip and tc for NetemCommandsTest: notes its words, keeps namespaces and links as files in made/,
# and fails at the call whose number stands in the file fail.
here=$(cd "$(dirname "$0")" && pwd)
line="$(basename "$0") $*"
echo "$line" >>"$here/calls"
if [ "$(wc -l <"$here/calls")" = "$(cat "$here/fail")" ]; then
  echo "RTNETLINK answers: refused at $(cat "$here/fail")" >&2
  echo "and what follows" >&2
  exit 2
fi
need() {
  [ -e "$here/made/$1" ] || { echo "Cannot find \"$1\"" >&2; exit 1; }
}
case "$line" in
"ip netns add "*) mkdir "$here/made/$3" ;;
"ip netns delete "*) need "$3" && rmdir "$here/made/$3" ;;
"ip link add "*" type veth peer name "*" netns "*) need "${10}" && shift 2 && : >"$here/made/$1" ;;
"ip link delete "*) need "$3" && rm "$here/made/$3" ;;
"ip netns exec "*)
  need "$3"
  # Instead of a server: what one prints, and what ends one.
  [ "$4" = tc ] || { echo "READY 8001 8002 8003 0" && cat >/dev/null; }
  ;;
esac
