#!/bin/sh
# The program for arm64 under qemu-aarch64, with small networks so that it takes a minute or two:
#   program.sh SYSROOT ARM64-WINGTIP NATIVE-WINGTIP
# Bench, track in f32 and in int8 by the dot products of bytes, and, where the native program is there
# as well, the same figures of eval as that.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
sysroot=$1 arm=$2 native=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
WINGTIP_ASSETS=$root/assets
export WINGTIP_ASSETS
failed=0

fail() {
  echo "FAIL arm64: $*"
  cat err
  failed=1
}

# Its libraries are those of the sysroot, also the ones that only libraries name.
at=$sysroot/usr/lib/aarch64-linux-gnu
cat >wingtip <<END
#!/bin/sh
exec qemu-aarch64 -L '$sysroot' -E LD_LIBRARY_PATH='$at:$at/openblas-pthread' '$arm' "\$@"
END
chmod +x wingtip

: >err
./wingtip bench --random 1x16 --runs 2 >told 2>err && grep -E 'with i8mm kernels' told || fail bench

ffmpeg -v error -nostdin -i "$root/assets/demo.mp4" -vf scale=160:120 -frames:v 2 clip.mp4
./wingtip track clip.mp4 --model "$root/tests/program/small.safetensors" --precision f32 \
  --detector haar -o out.mkv --csv arm.csv 2>err || fail track
[ "$(wc -l <arm.csv)" -eq 3 ] || fail "track writes $(wc -l <arm.csv) lines"
[ "$(ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 out.mkv)" = 2 ] ||
  fail "the annotated video has not two frames"

# Two faces for eval, 98 points on an oval: what the network makes of them is the same everywhere.
ffmpeg -v error -nostdin -i clip.mp4 face%d.png
awk 'BEGIN {
  for (f = 1; f <= 2; f++) {
    printf "face%d.png", f
    for (i = 0; i < 98; i++)
      printf " %.2f %.2f", 80 + (20 + f) * cos(i), 60 + 25 * sin(i)
    print ""
  }
}' >faces.txt
measure() { # PROGRAM TABLE
  "$1" eval --data faces.txt --model "$root/tests/program/small.safetensors" --precision f32 \
    --csv "$2" >told 2>err || fail "eval with $1"
}
if [ -x "$native" ]; then
  measure ./wingtip arm.csv
  measure "$native" native.csv
  # the 5th and 6th column of either: error and confidence
  paste -d , arm.csv native.csv | awk -F, '
    NR > 1 { half = NF / 2; d = $5 - $(half + 5); e = $6 - $(half + 6); n++
      if (d > 0.1 || d < -0.1 || e > 1e-3 || e < -1e-3) bad = 1 }
    END { exit bad || n != 2 }' || fail "eval has other figures than on this processor"
fi

# The bundled network in int8, by the dot products of bytes, follows the face where it is.
./wingtip track clip.mp4 --stacks 1 --precision int8 --csv arm.csv >told 2>err || fail "track in int8"
awk -F, 'NR > 1 && $5 == 1 { n++ } END { exit n != 2 }' arm.csv || fail "no face in two frames"
echo "ok   arm64: bench, track, eval"
exit $failed
