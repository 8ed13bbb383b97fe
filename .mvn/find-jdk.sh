# Sourced by mvnw and interposer: POSIX sh, sets nothing but the functions below.

# find_jdk PROGRAM: prints the home of a Java 25 that has bin/PROGRAM (javac to build, java to run);
# fails with one line on stderr if there is none.
find_jdk() {
  for _home in \
    "${JAVA_HOME:-}" \
    "${JAVA_25_HOME:-}" \
    "$(_home_of_java_on_path)" \
    /usr/lib/jvm/*25* \
    "${HOME:-}"/.sdkman/candidates/java/25* \
    "${HOME:-}"/.jdks/*25* \
    /Library/Java/JavaVirtualMachines/*25*/Contents/Home \
    "${HOME:-}"/Library/Java/JavaVirtualMachines/*25*/Contents/Home \
    /opt/homebrew/opt/openjdk@25 \
    /usr/local/opt/openjdk@25; do
    if [ -n "$_home" ] && [ -x "$_home/bin/$1" ] && _is_java_25 "$_home"; then
      printf '%s\n' "$_home"
      return 0
    fi
  done
  echo "Java 25 was not found. Install a JDK 25 (for example Temurin, https://adoptium.net) or set JAVA_HOME to one." >&2
  return 1
}

_home_of_java_on_path() {
  _java=$(command -v java 2>/dev/null) || return 0
  _java=$(readlink -f "$_java" 2>/dev/null) || return 0
  dirname "$(dirname "$_java")"
}

# The release file answers without starting a JVM; a home without one is asked directly.
_is_java_25() {
  if [ -r "$1/release" ]; then
    grep -Eq '^JAVA_VERSION="25([.+-].*)?"' "$1/release"
  else
    "$1/bin/java" -version 2>&1 | grep -Eq 'version "25([.+-].*)?"'
  fi
}
