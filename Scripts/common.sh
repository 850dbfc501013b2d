# shellcheck shell=bash
# What the scripts of this folder share. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034
cache=$root/.cache

# How a release is built and linked. One place, so that what is measured and shown is what is shipped.
#
# A command that runs for every VM is over in milliseconds, and loading it is most of them: lld lays the binary out so
# that fewer pages are touched, SQLite and libstdc++ come from their archives instead of shared objects, and no symbol is
# exported. The binary stays position-independent.
link_inputs=$root/.build/link
# shellcheck disable=SC2034
release_flags=(-c release --static-swift-stdlib -Xswiftc -use-ld=lld -Xswiftc "-L$link_inputs"
  -Xswiftc -Xclang-linker -Xswiftc -static-libgcc -Xlinker -s
  -Xlinker "--version-script=$link_inputs/hidden-symbols.map")

# A folder with the archives alone, to be searched before the folders that have the shared objects too; and the list of
# symbols to export, which is empty.
gather_link_inputs() {
  local name path
  mkdir -p "$link_inputs"
  for name in libsqlite3.a libstdc++.a; do
    path=$(gcc -print-file-name="$name")
    [[ -e $path ]] || fail "no $name: install libsqlite3-dev and libstdc++-dev"
    ln -sfn "$path" "$link_inputs/$name"
  done
  echo '{ local: *; };' >"$link_inputs/hidden-symbols.map"
}

# Says what is being done. On stderr, so that a script's stdout carries its answer alone.
say() { printf '==> %s\n' "$*" >&2; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Whether a command is in PATH. Debian keeps sbin out of an ordinary user's.
have() { command -v "$1" >/dev/null 2>&1; }
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# Where the project's Swift is, a path a line.
swift_sources() {
  local path
  for path in Package.swift Sources Tests Benchmarks; do
    if [[ -e $root/$path ]]; then echo "$path"; fi
  done
}
