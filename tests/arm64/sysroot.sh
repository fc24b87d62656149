#!/bin/sh
# An arm64 Debian's libraries in a folder of their own, to build the program against and to run it
# from under qemu-aarch64; nothing of it is installed on this machine:
#   sysroot.sh FOLDER
# The packages are those of app/packages.txt that libraries come from, with all they depend on, from
# wherever this machine's own packages come. About 250 MB are fetched, 1 GB lies in FOLDER, once:
# the list of packages is kept beside them, and the same list is not fetched again.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
sysroot=$(realpath -m -- "$1")
wanted="libc6-dev libgcc-12-dev libstdc++-12-dev libcmocka-dev opencv-data $(
  sed -n '/^\[run\]/,/^\[test\]/s/^\(lib[a-z0-9.-]*\) .*/\1/p' "$root/app/packages.txt" |
    grep -v -e '^libgl1' | tr '\n' ' ')"
if [ "$(cat "$sysroot/.packages" 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi

apt=$sysroot.apt
rm -rf "$sysroot" "$apt"
mkdir -p "$sysroot" "$apt/state/lists/partial" "$apt/cache/archives/partial"
: >"$apt/status"
get() {
  apt-get -q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root \
    -o Dir::State="$apt/state" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" \
    -o Acquire::Languages=none -o Acquire::Retries=2 "$@"
}
get update
# shellcheck disable=SC2086  # one word each
get --yes --no-install-recommends --download-only install $wanted
for package in "$apt"/cache/archives/*.deb; do
  dpkg-deb -x "$package" "$sysroot"
done
rm -rf "$apt"

# Links that lead out of the folder lead into it.
find "$sysroot" -type l -lname '/*' | while read -r link; do
  ln -sfn "$(realpath -m --relative-to="$(dirname "$link")" "$sysroot$(readlink "$link")")" "$link"
done
printf '%s' "$wanted" >"$sysroot/.packages"
