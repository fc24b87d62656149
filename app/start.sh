#!/bin/sh
# Installs what is missing, builds an optimised wingtip in .build/release and runs it:
#   sh app/start.sh [arguments of wingtip]
# The build's messages go to standard error. From the second time on it starts at once.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
build=$root/.build/release
log=$root/.build/release.log

sh "$root/app/install.sh" run
mkdir -p "$root/.build"

fail() {
  echo "The build failed. The end of $log:" >&2
  tail -n 40 "$log" >&2
  exit 1
}

# A build folder knows its place by heart: after a move it has to be made anew.
if [ ! -f "$build/build.ninja" ] || [ "$(cat "$build/.place" 2>/dev/null)" != "$root" ]; then
  echo "Preparing the build in $build" >&2
  rm -rf "$build"
  meson setup --buildtype=release -Dtests=false "$build" "$root" >"$log" 2>&1 </dev/null || fail
  printf '%s\n' "$root" >"$build/.place"
fi
if ninja -C "$build" -n app/wingtip 2>&1 | grep -q 'no work to do'; then
  : # as on most days
elif [ -t 2 ]; then
  ninja -C "$build" app/wingtip >&2 </dev/null || {
    echo "The build failed; see above." >&2
    exit 1
  }
else
  echo "Building" >&2
  ninja -C "$build" app/wingtip >"$log" 2>&1 </dev/null || fail
fi

exec "$build/app/wingtip" "$@"
