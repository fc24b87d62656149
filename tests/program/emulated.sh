#!/bin/sh
# The whole program on a processor that this computer need not have, by user-mode emulation:
#   emulated.sh PROCESSOR LEVELS KERNEL-TEST...     a model of qemu-x86_64 -cpu, such as Nehalem (no AVX); the
# levels of kernels that are tested on it, "": all that it has
# Every command works there and gives what it gives here, to the tolerance of the kernels: the lowest of
# instruction sets decides, so an instruction above it anywhere ends the program. Emulation is slow: pictures
# are 160 x 120, and what needs no good network has a small one (small.safetensors).
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}" "${WINGTIP_BUILD:?}" "${WINGTIP_EMULATOR_VECTORS:?}"
processor=$1
levels=$2
shift 2
tests= # as they are called from here on, elsewhere
for test; do
  tests="$tests $(realpath "$test")"
done
command -v qemu-x86_64 >/dev/null || {
  echo "skipped: qemu-x86_64 is not installed"
  [ -z "${CI-}" ] || exit 1
  exit 77
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
unset DISPLAY WAYLAND_DISPLAY
XDG_RUNTIME_DIR=$scratch
export XDG_RUNTIME_DIR
weights=$WINGTIP_SOURCE/tests/program/small.safetensors
failed=0

say() { # WHAT, and whether the last command did it
  if [ "$2" -eq 0 ]; then
    echo "ok   $processor: $1"
  else
    echo "FAIL $processor: $1 (status $2)"
    tail -n 5 err | sed 's/^/     /'
    failed=$((failed + 1))
  fi
}

# emulated COMMAND...: on the emulated processor.
emulated() {
  LD_PRELOAD=$WINGTIP_EMULATOR_VECTORS qemu-x86_64 -U LD_PRELOAD -cpu "$processor" "$@"
}

# both NAME COMMAND...: here and there, each in a folder of its own, $1's output in NAME.out. The
# emulator's words about features that it lacks are not the program's.
both() {
  name=$1
  shift
  (cd here && "$@" >"$name.out" 2>../err)
  say "$name, natively" $?
  (cd there && emulated "$@" >"$name.out" 2>../err)
  say "$name" $?
}

# near WHAT TOLERANCE: the numbers of here.txt and there.txt, as many and as large.
near() {
  paste -d ' ' here.txt there.txt | awk -v within="$2" '
    NF != 2 { bad = 1; exit }
    { d = $1 - $2; if (d < 0) d = -d; if (d > most) most = d; n++ }
    END { printf "     %d numbers, at most %g apart\n", n, most; exit !(n > 0 && !bad && most <= within) }'
  say "$1 as natively, to $2" $?
}

# numbers COMMAND...: what the command makes of the files here and there, a number a line.
numbers() {
  (cd here && "$@" >../here.txt)
  (cd there && "$@" >../there.txt)
}

mkdir here there
ffmpeg -v error -nostdin -i "$WINGTIP_SOURCE/assets/demo.mp4" -frames:v 3 -vf scale=160:120 -c:v ffv1 clip.mkv &&
  ffmpeg -v error -nostdin -i clip.mkv -frames:v 1 face.png &&
  ffmpeg -v error -nostdin -i clip.mkv -frames:v 1 frame.ppm || exit 1

# The numbers of a table's points.
points() {
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) { gsub(/ /, "", $i); if ($i ~ /^[xy]_/) at[i] = 1 } next }
    { for (i = 1; i <= NF; i++) if (i in at) print $i + 0 }' out.csv
}

# Tracking with the fast network, which has the layers of the others: one picture in f32; in int8, video and rows out.
both track-f32 "$WINGTIP_EXE" track ../face.png --model fast --precision f32 --threads 1 --csv out.csv
numbers points
near "tracked points in f32" 0.1
both track "$WINGTIP_EXE" track ../clip.mkv --model fast --precision int8 --threads 1 \
  -o out.mkv --csv out.csv --jsonl out.jsonl --heatmaps --boundary
numbers points
near "tracked points in int8" 0.1
[ "$(wc -l <here.txt)" -eq $((3 * 2 * 98)) ]
say "one face in three frames" $?
frames() {
  ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 out.mkv
}
numbers frames
near "frames of the annotated video" 0

# A list of two faces: what was found, and that moved.
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) { gsub(/ /, "", $i); at[$i] = i } next }
  NR == 2 { for (n = 0; n < 2; n++) { printf "face.png"
      for (p = 0; p < 98; p++) printf " %.2f %.2f", $at["x_" p] + n, $at["y_" p] - n / 2
      print "" } }' here/out.csv >list.txt
value() {
  sed -n 's/^[^"]*"nme":[^0-9-]*\([-0-9.e]*\),*$/\1/p' report.json | head -n 1
}
both eval "$WINGTIP_EXE" eval --model "$weights" --precision f32 --threads 1 --data ../list.txt \
  --json report.json --csv report.csv --report report.html
numbers value
near "NME in f32" 0.01
both quantize "$WINGTIP_EXE" model quantize "$weights" int8.safetensors --data ../list.txt --faces 2 --threads 1
both eval-int8 "$WINGTIP_EXE" eval --model ../here/int8.safetensors --precision int8 --threads 1 \
  --data ../list.txt --json report.json
numbers value
near "NME in int8" 0.05
both export "$WINGTIP_EXE" model export "$weights" net.onnx
cmp here/net.onnx there/net.onnx
say "the ONNX file is the same" $?

# Two steps of training, and of tuning.
printf 'width = 16\ninput = 128\nbatch = 1\nepochs = 1\nprecision = f32\ndata = list.txt\nvalidation = list.txt\n' >steps.recipe
both train "$WINGTIP_EXE" train --recipe ../steps.recipe --out run --seed 5 --threads 1
losses() {
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "loss") at = i; next }
    at && $at != "" { print $at }' run/log.csv
}
numbers losses
near "losses of the steps" 0.002
tail -n 1 list.txt >one.txt # the one that was moved: there is something to learn
both tune "$WINGTIP_EXE" tune --from "$weights" --data ../one.txt --guard ../one.txt --out tuned.safetensors --worse 1000 \
  --steps 2 --every 2 --batch 1 --rate 2e-3 --threads 1 --precision f32
tuned() {
  awk '$1 == "to" { print $4; print $5 }' tune.out
}
numbers tuned
near "errors before and after tuning" 0.02
both doctor "$WINGTIP_EXE" doctor --model "$weights"
grep '^ *\(ok\|warn\)* *kernels' there/doctor.out
both bench "$WINGTIP_EXE" bench --model "$weights" --runs 1 --threads 1 --precision f32

# The library.
meson install -C "$WINGTIP_BUILD" --no-rebuild --quiet --destdir "$scratch/root" >err 2>&1
say "installing the library" $?
PKG_CONFIG_PATH=$(dirname "$(find root -name wingtip.pc)") PKG_CONFIG_SYSROOT_DIR=$scratch/root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
# shellcheck disable=SC2046  # several words
"${CC:-cc}" -std=c11 "$WINGTIP_SOURCE/tests/library/example.c" $(pkg-config --cflags --libs wingtip) \
  -o example 2>err
say "building the library's example" $?
LD_LIBRARY_PATH=$scratch/$(dirname "$(find root -name libwingtip.so)")
export LD_LIBRARY_PATH
both example ../example "$WINGTIP_SOURCE/assets/wingtip-98-fast.safetensors" ../frame.ppm
face() {
  awk '$1 != "face" { print $2; print $3 }' example.out
}
numbers face
near "the example's points" 0.2

# Kernels of the emulated processor against plain C, number by number.
for test in $tests; do
  # shellcheck disable=SC2086  # a word each
  emulated "$test" $levels >out 2>err
  say "$(basename "$test")" $?
done
[ "$failed" -eq 0 ]
