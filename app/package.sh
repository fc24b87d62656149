#!/bin/sh
# Makes a Debian package of the program, the library and what belongs to them:
#   sh app/package.sh [-o FOLDER] [--build FOLDER] [--fast]
# -o: where the package goes; .build unless given. --build: a build folder to take as it is, instead of
# building .build/package. --fast: hardly compressed. The package's path is printed on standard output.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
out=$root/.build build='' compression='-Zxz'

wrong() {
  echo "package.sh: $1" >&2
  echo "usage: sh app/package.sh [-o FOLDER] [--build FOLDER] [--fast]" >&2
  exit 2
}
while [ $# -gt 0 ]; do
  case $1 in
  -o | --build)
    [ $# -gt 1 ] || wrong "$1 needs a folder"
    [ "$1" = -o ] && out=$2 || build=$2
    shift
    ;;
  --fast) compression='-Zgzip -z1' ;;
  *) wrong "unknown word $1" ;;
  esac
  shift
done
for tool in dpkg-deb dpkg-shlibdeps dpkg-architecture meson strip; do
  command -v "$tool" >/dev/null || {
    echo "package.sh: $tool is missing; on Debian: sh app/install.sh run" >&2
    exit 1
  }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
stage=$scratch/stage
mkdir -p "$out" "$stage" "$scratch/debian"
umask 022

# try COMMAND...: what it says is shown when it fails.
try() {
  "$@" >"$scratch/log" 2>&1 </dev/null || {
    echo "package.sh: $1 failed:" >&2
    tail -n 40 "$scratch/log" >&2
    exit 1
  }
}

# ---- build and stage -----------------------------------------------------------------------------
if [ -z "$build" ]; then
  build=$root/.build/package
  [ -f "$build/build.ninja" ] ||
    try meson setup --prefix=/usr --buildtype=release -Dtests=false -Dmpi=disabled "$build" "$root"
  try ninja -C "$build"
fi
[ -f "$build/build.ninja" ] || wrong "$build is no build folder"
build=$(CDPATH='' cd -- "$build" && pwd -P)
try meson install -C "$build" --no-rebuild --destdir "$scratch/install"

# Wherever that build wants to be installed, a package goes to /usr.
program=$(find "$scratch/install" -type f -path '*/bin/wingtip')
[ -n "$program" ] || {
  echo "package.sh: nothing is installed from $build" >&2
  exit 1
}
prefix=${program%/bin/wingtip}
mv "$prefix" "$stage/usr"
usr=$stage/usr
pc=$(find "$usr" -name wingtip.pc)
sed -i 's|^prefix=.*|prefix=/usr|' "$pc"
library=$(find "$usr" -type f -name 'libwingtip.so.*')
modules=${library%/*}/wingtip # opened by the program when a command needs them
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$usr/bin/wingtip" "$library" "$modules"/*.so

version=$("$usr/bin/wingtip" --version | sed 's/^wingtip //')-1
architecture=$(dpkg-architecture -qDEB_HOST_ARCH)
# The same source gives the same package.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || date -r "$root/CHANGELOG.md" +%s)}
export SOURCE_DATE_EPOCH

# ---- documents, written by the program itself ----------------------------------------------------
mkdir -p "$usr/share/man/man1" "$usr/share/bash-completion/completions" "$usr/share/zsh/vendor-completions" \
  "$usr/share/fish/vendor_completions.d" "$usr/share/doc/wingtip"
"$usr/bin/wingtip" --manual | gzip -9n >"$usr/share/man/man1/wingtip.1.gz"
"$usr/bin/wingtip" --completion bash >"$usr/share/bash-completion/completions/wingtip"
"$usr/bin/wingtip" --completion zsh >"$usr/share/zsh/vendor-completions/_wingtip"
"$usr/bin/wingtip" --completion fish >"$usr/share/fish/vendor_completions.d/wingtip.fish"
gzip -9n <"$root/CHANGELOG.md" >"$usr/share/doc/wingtip/changelog.gz"
maintainer="${DEBFULLNAME:-The Wingtip authors} <${DEBEMAIL:-wingtip@example.org}>"
printf 'wingtip (%s) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- %s  %s\n' "$version" \
  "$maintainer" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")" |
  gzip -9n >"$usr/share/doc/wingtip/changelog.Debian.gz"
{
  cat <<'HEAD'
Program, library, documents, the demo clip and the weights with "free" in their names are under the licence below.

wingtip-98, wingtip-98-fast and wingtip-detector (*.safetensors) were trained on pictures of 300W and WFLW
and are for research use only. The cards beside them (*.md) say on which, and how.

HEAD
  cat "$root/LICENSE"
} >"$usr/share/doc/wingtip/copyright"

# ---- control -------------------------------------------------------------------------------------
printf 'Source: wingtip\n\nPackage: wingtip\nArchitecture: any\n' >"$scratch/debian/control"
mkdir "$stage/DEBIAN"
depends=$(cd "$scratch" && dpkg-shlibdeps -O --ignore-missing-info "-l${library%/*}" "$usr/bin/wingtip" "$library" "$modules"/*.so \
  2>"$scratch/log") || {
  cat "$scratch/log" >&2
  exit 1
}
depends=$(echo "$depends" | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || {
  echo "package.sh: no dependencies were found" >&2
  exit 1
}
# What is opened while it runs: fonts of the panel, OpenGL; and what it does without: OpenCV's cascades,
# OpenBLAS for processors that have no kernels of ours.
cat >"$stage/DEBIAN/control" <<CONTROL
Package: wingtip
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size "$usr" | cut -f 1)
Depends: $depends, fonts-dejavu-core, libegl1, libgl1
Recommends: libgl1-mesa-dri, opencv-data, libopenblas0-pthread | libopenblas0
Section: non-free/graphics
Priority: optional
Description: face landmarks, live, on the processor
 Follows the faces in a camera's picture or a video with 98 points each, shows
 what the network sees (heatmaps, boundary map), and records it.
 .
 The package has the program wingtip, the library libwingtip with its header,
 weights (for research use only, but for those with "free" in their names) and a
 demo clip.
CONTROL
soname=$(basename "$library" | sed 's/^\(libwingtip\.so\.[0-9]*\).*/\1/')
echo "libwingtip ${soname#libwingtip.so.} wingtip (>= ${version%-*})" >"$stage/DEBIAN/shlibs"
echo 'activate-noawait ldconfig' >"$stage/DEBIAN/triggers"
find "$usr" -type d -exec chmod 755 {} +
find "$usr" -type f ! -path "$usr/bin/*" -exec chmod 644 {} +
(cd "$stage" && find usr -type f | LC_ALL=C sort | xargs md5sum) >"$stage/DEBIAN/md5sums"

# ---- the package ---------------------------------------------------------------------------------
package=$out/wingtip_${version}_$architecture.deb
# shellcheck disable=SC2086  # several words
try dpkg-deb --root-owner-group $compression --build "$stage" "$scratch/wingtip.deb"
mv -f "$scratch/wingtip.deb" "$package"
echo "$package"
