#!/bin/sh
# The program built for arm64, and run under qemu-aarch64 on whatever processor there is:
#   run.sh [NATIVE-WINGTIP]
# The kernel tests, the golden network and losses on every level that the emulator has, then the
# program itself: doctor, bench, two frames of track, and eval, whose figures are compared with those
# of the program given. Everything lies in .build: libraries in arm64-sysroot, kept from run to run,
# the build in arm64. Ends with `N passed, N failed, N skipped`.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
native=${1:-$root/.build/test/app/wingtip}
here=$root/tests/arm64
build=$root/.build
sysroot=$build/arm64-sysroot
logs=$build/logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0

finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
}

# step NAME COMMAND...: with output in a log; on failure shows its end.
step() {
  name=$1
  shift
  if ! "$@" >"$logs/$name.log" 2>&1 </dev/null; then
    echo "$name failed. The end of .build/logs/$name.log:"
    tail -n 40 "$logs/$name.log"
    return 1
  fi
}

for tool in aarch64-linux-gnu-gcc aarch64-linux-gnu-g++ qemu-aarch64; do
  command -v "$tool" >/dev/null || {
    echo "arm64: skipped, as there is no $tool"
    skipped=1
    finish
  }
done
if ! step arm64-sysroot sh "$here/sysroot.sh" "$sysroot"; then
  echo "arm64: skipped, as its libraries could not be fetched"
  skipped=1
  finish
fi

tests='kernels conv_rows sums winograd pool golden loss options'
targets='app/wingtip'
for name in $tests; do
  case $name in
  golden | loss | options) targets="$targets tests/test_$name" ;;
  *) targets="$targets tests/kernels/test_$name" ;;
  esac
done
sh "$here/cross.sh" "$sysroot" >"$build/arm64.ini.new"
if ! cmp -s "$build/arm64.ini.new" "$build/arm64.ini" || [ ! -f "$build/arm64/build.ninja" ]; then
  mv "$build/arm64.ini.new" "$build/arm64.ini"
  rm -rf "$build/arm64"
  step arm64-setup meson setup -Dmpi=disabled --buildtype=release --cross-file "$build/arm64.ini" \
    "$build/arm64" "$root" || failed=1
fi
# shellcheck disable=SC2086  # one word each
if [ "$failed" -gt 0 ] || ! step arm64-build ninja -C "$build/arm64" $targets; then
  failed=1
  finish
fi

# number LABEL: the count that meson's summary gives.
number() {
  n=$(sed -n "s/^$1: *\\([0-9][0-9]*\\) *\$/\\1/p" "$logs/arm64-tests.log" | tail -n 1)
  echo "${n:-0}"
}
# shellcheck disable=SC2086  # one word each
meson test -C "$build/arm64" --no-rebuild --print-errorlogs $tests 2>&1 \
  </dev/null | tee "$logs/arm64-tests.log" | grep -E '^ *[0-9]+/[0-9]+ |FAIL|TIMEOUT'
passed=$(number Ok) failed=$(($(number Fail) + $(number Timeout))) skipped=$(number Skipped)
[ $((passed + failed)) -gt 0 ] || failed=1

if sh "$here/program.sh" "$sysroot" "$build/arm64/app/wingtip" "$native"; then
  passed=$((passed + 1))
else
  failed=$((failed + 1))
fi
finish
