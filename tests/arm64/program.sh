#!/bin/sh
# The program for arm64 under qemu-aarch64, with a network of a width of 16 so that it takes seconds:
#   program.sh SYSROOT ARM64-WINGTIP NATIVE-WINGTIP
# Where the native program is there as well, both evaluate the same faces, and the errors are equal to
# the last digits but one.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
sysroot=$1 arm=$2 native=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
WINGTIP_ASSETS=$root/assets
export WINGTIP_ASSETS
libraries=/usr/lib/aarch64-linux-gnu

# Its libraries are those of the sysroot, also the ones that only libraries name.
emulated() {
  qemu-aarch64 -L "$sysroot" \
    -E LD_LIBRARY_PATH="$sysroot$libraries:$sysroot$libraries/lapack:$sysroot$libraries/blas" \
    "$arm" "$@"
}

emulated bench --random 1x16 --save net.safetensors --runs 2 --cpu-mask neon >bench
grep -E 'neon' bench
for level in blas dotprod i8mm; do
  emulated bench --model net.safetensors --runs 1 --precision f32 --cpu-mask $level >bench
  grep -q "$level" bench
done
emulated doctor --model net.safetensors >doctor || true
grep -E 'NEON|kernels' doctor

ffmpeg -v error -i "$root/assets/demo.mp4" -vf scale=320:-2 -frames:v 2 clip.mp4 </dev/null
emulated track clip.mp4 --model net.safetensors --precision f32 -o out.mkv --csv track.csv
[ "$(wc -l <track.csv)" -eq 3 ]
ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 out.mkv | grep -qx 2

# Two faces where nobody looks at what they show: 98 points on an oval.
ffmpeg -v error -i clip.mp4 face%d.png </dev/null
awk 'BEGIN {
  for (f = 1; f <= 2; f++) {
    printf "face%d.png", f
    for (i = 0; i < 98; i++)
      printf " %.2f %.2f", 160 + (40 + 2 * f) * cos(i), 90 + 45 * sin(i)
    print ""
  }
}' >faces.txt
emulated eval --data faces.txt --model net.safetensors --precision f32 --csv arm.csv >eval
if [ -x "$native" ]; then
  "$native" eval --data faces.txt --model net.safetensors --precision f32 --csv native.csv >eval
  paste -d, arm.csv native.csv | awk -F, '
    NR > 1 {
      for (i = 1; i <= NF / 2; i++) {
        a = $i; b = $(i + NF / 2); d = a - b; d = d < 0 ? -d : d
        if (a ~ /^[-0-9.]+$/ ? d > 1e-3 * (b < 0 ? 1 - b : 1 + b) : a != b) {
          print "line " NR ", column " i ": " a " on arm64, " b " here"; bad = 1
        }
      }
      lines++
    }
    END { if (!bad && lines == 2) print "2 faces: the same on both processors"; exit bad || lines != 2 }'
fi
echo "program for arm64: ok"
