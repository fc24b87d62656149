#!/bin/sh
# Installs the build into a scratch folder, builds example.c against what is there through
# pkg-config, and runs it on a frame of the shipped clip.
#   run.sh BUILD-FOLDER SOURCE-FOLDER [COMPILER-FLAGS]
set -eu
build=$1 source=$2 flags=${3-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

meson install -C "$build" --no-rebuild --quiet --destdir "$scratch" >"$scratch/install.log" 2>&1 ||
  { cat "$scratch/install.log"; fail "meson install"; }
pc=$(find "$scratch" -name wingtip.pc)
library=$(find "$scratch" -name libwingtip.so)
share=$(find "$scratch" -type d -path '*/share/wingtip')
program=$(find "$scratch" -type f -path '*/bin/wingtip')
[ -n "$pc" ] && [ -n "$library" ] && [ -n "$share" ] && [ -n "$program" ] || fail "not all is installed"

# Only the functions of the public headers are visible, and all of them.
sed -n 's/.*\(wt_[a-z_]*\)(.*/\1/p' "$source/model/wingtip.h" "$source/engine/wt_status.h" |
  grep -v '^wt_log_fn$' | sort -u >"$scratch/declared"
nm -D --defined-only "$library" | awk '$2 == "T" {print $3}' | sort -u >"$scratch/exported"
[ -s "$scratch/declared" ] || fail "no functions found in the headers"
diff "$scratch/declared" "$scratch/exported" || fail "exported functions differ from the headers"

# Nothing is linked that a tracker does not need: no data sets, measuring, training or ONNX. The
# names are those of the headers; internal symbols are in the installed file, as it is not stripped.
(cd "$source" && sed -n 's/^[a-z].*[ *]\(wt_[a-z0-9_]*\)(.*/\1/p' model/data/*.h model/measure/*.h \
  model/train/*.h model/net/onnx*.h model/net/protobuf.h engine/tape/*.h) |
  sort -u >"$scratch/unwanted"
nm --defined-only "$library" | awk '{print $3}' | sort -u >"$scratch/linked"
[ "$(wc -l <"$scratch/unwanted")" -gt 100 ] || fail "too few functions found in the headers"
grep -qx wt_net_create "$scratch/linked" || fail "the library has no internal symbols to check"
comm -12 "$scratch/unwanted" "$scratch/linked" >"$scratch/surplus"
[ ! -s "$scratch/surplus" ] || { cat "$scratch/surplus"; fail "linked without need"; }

# Nor what only modules of the program are linked with.
ldd "$library" >"$scratch/needed"
grep -q opencv_imgproc "$scratch/needed" || fail "the library's list of libraries cannot be read"
! grep -E 'opencv_(imgcodecs|videoio)|libav' "$scratch/needed" || fail "large libraries without need"

export PKG_CONFIG_PATH="${pc%/*}" PKG_CONFIG_SYSROOT_DIR="$scratch"
# shellcheck disable=SC2046,SC2086  # several words each
${CC:-cc} -std=c11 -Wall -Wextra -Werror $flags "$source/tests/library/example.c" \
  $(pkg-config --cflags --libs wingtip) -o "$scratch/example"

ffmpeg -loglevel error -nostdin -i "$share/demo.mp4" -frames:v 1 "$scratch/frame.ppm"
export LD_LIBRARY_PATH="${library%/*}"
"$scratch/example" "$share/wingtip-98.safetensors" "$scratch/frame.ppm" >"$scratch/points"
[ "$(grep -c '^face ' "$scratch/points")" = 1 ] || fail "one face expected"
# Against the clip's exact points: outer eye corners and tip of the nose, within 10 pixels of 138.
awk 'function near(x, y) {return ($2 - x) ^ 2 + ($3 - y) ^ 2 < 100}
     $1 != "face" && NF == 4 {n++}
     $1 == 60 && near(250.07, 209.32) || $1 == 72 && near(388.52, 209.88) ||
       $1 == 54 && near(320.08, 264.69) {good++}
     END {exit !(n == 98 && good == 3)}' "$scratch/points" ||
  fail "98 points, those we know of in their place, expected"

# The header in C++, of the oldest standard that has its types.
echo '#include <wingtip.h>' >"$scratch/header.cc"
# shellcheck disable=SC2046  # several words
${CXX:-c++} -std=c++11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only $(pkg-config --cflags wingtip) "$scratch/header.cc"

# What the header promises, beyond the example.
# shellcheck disable=SC2046,SC2086  # several words each
${CC:-cc} -std=c11 -Wall -Wextra -Werror $flags "$source/tests/library/misuse.c" \
  $(pkg-config --cflags --libs wingtip) -pthread -lm -o "$scratch/misuse"
"$scratch/misuse" "$share/wingtip-98-fast.safetensors" "$share/wingtip-detector.safetensors" "$scratch/frame.ppm" \
  >"$scratch/misuse.log" || { cat "$scratch/misuse.log"; fail "a promise of the header is not kept"; }

# Errors: one line, status 1 or 2.
if "$scratch/example" "$scratch/frame.ppm" "$scratch/frame.ppm" 2>"$scratch/errors"; then
  fail "a picture was accepted as weights"
fi
[ "$(wc -l <"$scratch/errors")" = 1 ] || { cat "$scratch/errors"; fail "one error line expected"; }

# The installed program finds the files installed beside it.
"$program" doctor >"$scratch/doctor" 2>&1 || true # may well find no display
grep -q '/share/wingtip/wingtip-98.safetensors' "$scratch/doctor" ||
  { cat "$scratch/doctor"; fail "the installed program does not find the installed weights"; }
echo "library: example built with pkg-config and run; $(wc -l <"$scratch/exported") functions exported"
