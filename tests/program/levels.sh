#!/bin/sh
# The whole program with every level of kernels that this computer has, on a picture of the demo clip,
# gives what plain C gives; and which levels neither it nor the emulator has, so that nobody takes them for
# tested. tests/run.sh shows those lines.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
weights=$WINGTIP_SOURCE/assets/wingtip-98.safetensors
failed=0
ffmpeg -v error -nostdin -i "$WINGTIP_SOURCE/assets/demo.mp4" -frames:v 1 -vf scale=160:120 face.png || exit 1

track() { # LEVEL PRECISION: the points, a number a line
  "$WINGTIP_EXE" track face.png --model "$weights" --stills --stacks 1 --cpu-mask "$1" --precision "$2" --csv - 2>err |
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) { gsub(/ /, "", $i); if ($i ~ /^[xy]_/) at[i] = 1 } next }
      { for (i = 1; i <= NF; i++) if (i in at) print $i + 0 }'
}

levels=$("$WINGTIP_EXE" bench --cpu-mask none 2>&1 | sed -n 's/.*known are auto, //p' | tr -d ,)
[ "$(echo "$levels" | wc -w)" -ge 2 ] || {
  echo "FAIL no list of levels"
  exit 1
}
track c f32 >plain.txt
# Without a face there is a row of zeros.
[ "$(awk '$1 > 1 { n++ } END { print n + 0 }' plain.txt)" -eq $((2 * 98)) ] || {
  echo "FAIL c finds no face"
  cat err
  exit 1
}
for level in $levels; do
  if [ "$level" = c ] || track "$level" f32 >points.txt && ! grep -q 'this CPU has' err; then
    [ "$level" != c ] || cp plain.txt points.txt
    track "$level" bf16 >half.txt
    for precision in points half; do
      within=0.1
      [ "$precision" = points ] || within=1
      if paste -d ' ' plain.txt $precision.txt | awk -v within=$within '
        NF != 2 { exit 1 } { d = $1 - $2; if (d > within || d < -within) bad = 1; n++ }
        END { exit !(n == 196 && !bad) }'; then
        echo "ok   $level: points as with plain C, to $within ($precision)"
      else
        echo "FAIL $level: other points than with plain C ($precision)"
        failed=1
      fi
    done
  elif case $level in neon | dotprod | i8mm) true ;; *) false ;; esac; then
    echo "ok   $level: arm64 only, emulated by tests/arm64/run.sh"
  elif [ -n "${ASAN_OPTIONS-}" ]; then # which takes a minute a level to start there
    echo "ok   $level: not here; whether the emulator has it is asked without a sanitizer"
  elif command -v qemu-x86_64 >/dev/null &&
    ! qemu-x86_64 -cpu max "$WINGTIP_EXE" bench --model "$weights" --stacks 1 --runs 1 --cpu-mask "$level" 2>&1 |
      grep -q 'this CPU has'; then
    echo "ok   $level: emulated only, by the tests emulated-*"
  else
    echo "not covered on this processor: the kernels for $level"
  fi
done
exit $failed
