# shellcheck shell=bash
# Debian's packages, downloaded and unpacked into folders of ours; nothing is installed. Sourced after common.sh, never run.

# The package that a metapackage stands for today: debian_dependency linux-image-amd64
debian_dependency() {
  LC_ALL=C apt-cache depends "$1" 2>/dev/null |
    sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1
}

# Debian's kernel of a series, be it the release's own or one beside it: debian_kernel 6.12
debian_kernel() {
  local metapackage kernel
  for metapackage in "linux-image-$1-amd64" linux-image-amd64; do
    kernel=$(debian_dependency "$metapackage")
    if [[ $kernel == "linux-image-$1".* ]]; then
      echo "$kernel"
      return
    fi
  done
  return 1
}

debian_refresh_lists() { # LOG
  local as_root=()
  if ((EUID != 0)); then
    have sudo || fail "apt's package lists are missing or old; as root, run: apt-get update"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get -q update </dev/null >>"$1" 2>&1
}

# Root's apt would warn that its unprivileged user cannot write there: stay root.
debian_download() { # FOLDER LOG PACKAGE…
  local folder=$1 log=$2
  shift 2
  mkdir -p "$folder"
  (cd "$folder" && apt-get -q -o APT::Sandbox::User=root download "$@" </dev/null >>"$log" 2>&1)
}

first_of() { # the first path that exists, here or under /usr (Debian is moving from one to the other)
  local path
  for path in "$@"; do
    if [[ -e $path ]]; then
      echo "$path"
      return
    fi
  done
  fail "not in the packages: $*"
}

# Adds a module to an initramfs after those it needs, and to the list lib/modules/order there. The packages carry no
# modules.dep (depmod makes it when they are installed), but each module names what it needs in its .modinfo section.
add_module() { # MODULES INITRAMFS NAME
  local modules=$1 initramfs=$2 name=${3//-/_} path needs need
  local file=$initramfs/lib/modules/$name.ko
  if [[ -e $file ]]; then return; fi
  if grep -q "/$name\.ko" "$modules/modules.builtin"; then return; fi
  path=$(find "$modules/kernel" -name "$name.ko*" -o -name "${name//_/-}.ko*" | head -n 1)
  case $path in
  *.ko) cp "$path" "$file" ;;
  *.ko.xz) xz -dc "$path" >"$file" ;;
  *.ko.zst) zstd -dcq "$path" >"$file" ;;
  *) fail "the kernel of $modules has no module $name" ;;
  esac
  needs=$(tr '\0' '\n' <"$file" | sed -n 's/^depends=//p')
  for need in ${needs//,/ }; do add_module "$modules" "$initramfs" "$need"; done
  echo "$name" >>"$initramfs/lib/modules/order"
}

pack_initramfs() { # FOLDER FILE
  find "$1" -exec touch -h -d @0 {} +
  (cd "$1" && find . -print0 | LC_ALL=C sort -z |
    cpio --quiet --null --create --format=newc --owner=0:0 --reproducible | gzip -n -9) >"$2"
}
