#!/bin/sh
# The program for arm64 under qemu-aarch64, with small networks so that it takes a minute:
#   program.sh SYSROOT ARM64-WINGTIP NATIVE-WINGTIP
# Bench, track on video and on pictures on every level, and, where the native program is there
# as well, the same points as that.
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
if [ -x "$native" ]; then
  "$native" track clip.mp4 --model "$root/tests/program/small.safetensors" --precision f32 \
    --detector haar --csv native.csv 2>err || fail "track here"
  paste -d, arm.csv native.csv | awk -F, '
    NR > 1 {
      for (i = 4; i <= NF / 2; i++) {
        d = $i - $(i + NF / 2)
        if (d > 0.1 || d < -0.1) bad++
        n += $i > 0
      }
    }
    END { exit bad > 0 || n < 2 * 98 }' &&
    echo "ok   track on video: points as on this processor" ||
    fail "track finds other points than on this processor"
fi

WINGTIP_SOURCE=$root WINGTIP_EXE=$scratch/wingtip sh "$root/tests/program/levels.sh" >told || failed=1
grep -E 'FAIL|(blas|neon|dotprod|i8mm):' told
[ "$(grep -cE '^ok   (blas|neon|dotprod|i8mm): points' told)" -eq 8 ] || fail "not every level was tried"
exit $failed
