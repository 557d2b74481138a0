# Sourced, not run: sets VTS_JAVA to a java launcher of JDK 25, or ends with one line and exit 69.
# Order: JAVA_HOME, the java on PATH, then the places where packages, SDK managers and installers put JDKs.
vts_is_jdk25() { [ -x "$1/bin/java" ] && grep -qsE '^JAVA_VERSION="25[".]' "$1/release"; }

vts_find_jdk25() {
  local home path_java
  path_java=$(command -v java 2>/dev/null || true)
  if [ -n "$path_java" ]; then path_java=$(dirname "$(dirname "$(readlink -f "$path_java")")"); fi
  for home in "${JAVA_HOME:-}" "$path_java" /usr/lib/jvm/*25* /usr/java/*25* /usr/local/jdk*25* \
      /opt/*jdk*25* /opt/java/*25* "$HOME"/.sdkman/candidates/java/25* "$HOME"/.jdks/*25* \
      "$HOME"/.asdf/installs/java/*25* "$HOME"/.local/share/mise/installs/java/*25*; do
    if [ -n "$home" ] && vts_is_jdk25 "$home"; then
      VTS_JAVA="$home/bin/java"
      return 0
    fi
  done
  echo "vts: no JDK 25 found (JAVA_HOME='${JAVA_HOME:-}'); install one or set JAVA_HOME to it" >&2
  exit 69
}
