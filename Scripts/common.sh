# shellcheck shell=bash
# What the scripts of this folder share. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034
cache=$root/.cache

# How a release is built and linked. One place, so that what is measured and shown is what is shipped.
#
# A command that runs for every VM is over in milliseconds, and loading it is most of them. So it is linked statically: nothing
# is searched for, and no library's symbols are resolved. It is not position-independent: 50,000 relocations take 0.4 ms of
# each start, packed or not. lld lays it out so that fewer pages are touched.
# shellcheck disable=SC2034
release_flags=(-c release -Xswiftc -static-executable -Xswiftc -use-ld=lld -Xlinker -s)

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
