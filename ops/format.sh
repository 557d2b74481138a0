#!/usr/bin/env bash
# format.sh check|apply: google-java-format over every tracked or new Java file of the project.
# The formatter runs on JDK 25 because it parses with the compiler it runs on.
set -euo pipefail
cd "$(dirname "$0")/.."
. ops/lib/jdk.sh
mode=${1:-check}
jar=target/tools/google-java-format.jar
[ -f "$jar" ] || mvn -q -B -N validate
vts_find_jdk25
list=$(mktemp); trap 'rm -f "$list"' EXIT
find . -name '*.java' -not -path '*/target/*' -not -path './build/*' | sort >"$list"
[ -s "$list" ] || exit 0
exports=()
for p in api code file parser tree util; do
  exports+=("--add-exports=jdk.compiler/com.sun.tools.javac.$p=ALL-UNNAMED")
done
run() { "$VTS_JAVA" "${exports[@]}" --sun-misc-unsafe-memory-access=allow -jar "$jar" "$@" "@$list"; }
case $mode in
  apply) run --replace ;;
  check)
    if ! changed=$(run --dry-run --set-exit-if-changed); then
      printf 'format: these files differ from google-java-format; run ops/format.sh apply\n%s\n' "$changed" >&2
      exit 1
    fi ;;
  *) echo "format: unknown mode '$mode'; use check or apply" >&2; exit 64 ;;
esac
