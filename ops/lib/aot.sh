# Sourced, not run: the JVM's ahead-of-time cache (JEP 483, 514, 515), which saves a start most of the loading, linking and
# profiling of code. Made once per JDK and set of jars by a training run, beside the jars; a build's clean takes it away.
#
#   vts_aot_flags JAR          sets VTS_AOT to the JVM's flags for the cache that belongs to JAR, or to none
#   vts_aot_make JAR FLAG...   makes that cache if it is missing and sets VTS_AOT; needs VTS_JAVA and the flags of later starts
#
# Nothing here makes a start fail: the JVM checks jars and JDK by itself and goes on without a cache that does not fit, and
# what cannot be made is left out until the next build.

# Names the file by JDK and by jars with their sizes and times, which is what the JVM compares as well.
vts_aot_file() {
  local folder jdk jars
  folder=$(dirname "$1")
  jdk=$(sha256sum <"$(dirname "$(dirname "$VTS_JAVA")")/release" 2>/dev/null | cut -c1-8) || true
  jars=$(stat -L -c '%n %s %Y' "$1" "$folder"/lib/*.jar 2>/dev/null | sha256sum | cut -c1-16) || true
  echo "$folder/aot/$jdk-$jars.aot"
}

vts_aot_flags() {
  VTS_AOT=()
  VTS_AOT_FILE=$(vts_aot_file "$1")
  # What the JVM thinks of a cache is of no interest to who starts a server.
  if [ -s "$VTS_AOT_FILE" ] && [ -r "$VTS_AOT_FILE" ]; then
    VTS_AOT=(-XX:AOTCache="$VTS_AOT_FILE" '-Xlog:aot*=off' '-Xlog:cds*=off')
  fi
}

vts_aot_make() {
  local jar=$1 folder work
  shift
  vts_aot_flags "$jar"
  folder=$(dirname "$VTS_AOT_FILE")
  if [ ${#VTS_AOT[@]} -gt 0 ] || [ -e "$VTS_AOT_FILE.failed" ]; then
    return 0
  fi
  mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ] || return 0
  # One at a time; whoever comes meanwhile starts without. An abandoned attempt is taken over after a while.
  find "$folder" -maxdepth 1 -name making -mmin +60 -exec rm -rf {} + 2>/dev/null || true
  work="$folder/making"
  mkdir "$work" 2>/dev/null || return 0
  trap 'rm -rf "$work"' EXIT
  vts_say "vts: preparing fast starts (once, half a minute) ..."
  rm -f "${VTS_AOT_FILE%-*}"-* # of earlier jars
  if "$VTS_JAVA" "$@" '-Xlog:disable' -XX:AOTCacheOutput="$work/new" -Djava.io.tmpdir="$work" -jar "$jar" train "$work" \
      >"$work/log" 2>&1 </dev/null && [ -s "$work/new" ]; then
    mv "$work/new" "$VTS_AOT_FILE"
    vts_said " done"
  else
    tail -n 20 "$work/log" >"$VTS_AOT_FILE.failed" 2>/dev/null || true
    vts_said " not possible here (see $VTS_AOT_FILE.failed); starts are slower"
  fi
  rm -rf "$work"
  trap - EXIT
  vts_aot_flags "$jar"
}
