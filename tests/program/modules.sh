#!/bin/sh
# What is loaded when the program starts, and what later: large libraries come in modules (engine/base/module.h),
# which only those commands open that need them.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}" "${WINGTIP_BUILD:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0 pid='' hangs=0
# shellcheck source=../checks.sh disable=SC1091
. "$WINGTIP_SOURCE/tests/checks.sh"
small=$WINGTIP_SOURCE/tests/program/small.safetensors
unset DISPLAY WAYLAND_DISPLAY

# ---- linked ------------------------------------------------------------------------------------------
ldd "$WINGTIP_EXE" >linked || exit 1
echo "     $(wc -l <linked) libraries are loaded at the start"
ok "the list has OpenCV's core" grep -q libopencv_core linked
for library in opencv_imgcodecs opencv_objdetect opencv_videoio gdal mpi avcodec avformat avdevice matio hdf5 curl; do
  ok "not linked with $library" sh -c '! grep -q "lib$1" linked' sh "$library"
done

# ---- opened ------------------------------------------------------------------------------------------
# opens WHAT MODULES COMMAND...: which modules the command opens, by name.
opens() {
  what=$1 wanted=$2
  shift 2
  LD_DEBUG=files LD_DEBUG_OUTPUT=loaded "$@" >out 2>err || {
    tail -n 3 err
    echo "FAIL $what"
    failed=1
    return
  }
  cat loaded.* >all
  rm -f loaded.*
  got=$(sed -n 's/.*calling init: .*\/wingtip-\([a-z]*\)\.so$/\1/p' all | LC_ALL=C sort | paste -s -d ' ' -)
  [ "$got" = "$wanted" ] || echo "     opened: $got"
  ok "$what opens: ${wanted:-nothing}" [ "$got" = "$wanted" ]
}
ffmpeg -v error -nostdin -i "$WINGTIP_SOURCE/assets/demo.mp4" -frames:v 2 -vf scale=160:120 -c:v ffv1 clip.mkv &&
  ffmpeg -v error -nostdin -i clip.mkv -frames:v 1 face.png &&
  ffmpeg -v error -nostdin -i clip.mkv -pix_fmt bgr24 -f rawvideo frames.bgr || exit 1
opens "--version" '' "$WINGTIP_EXE" --version
opens "eval --help" '' "$WINGTIP_EXE" eval --help
opens "model info" '' "$WINGTIP_EXE" model info "$small"
opens "bench" '' "$WINGTIP_EXE" bench --model "$small" --runs 1 --threads 1
opens "track of a picture" pictures "$WINGTIP_EXE" track face.png --model "$small" --csv out.csv
ok "imgcodecs comes with that module" grep -q 'calling init: .*libopencv_imgcodecs' all
opens "track with OpenCV's cascades" "cascades pictures" "$WINGTIP_EXE" track face.png --detector haar --model "$small" \
  --csv out.csv
opens "track of a video" libav "$WINGTIP_EXE" track clip.mkv --model "$small" --csv out.csv
opens "track of raw frames" '' sh -c '"$1" track - --size 160x120 --model "$2" --csv out.csv <frames.bgr' sh \
  "$WINGTIP_EXE" "$small"

# ---- installed, and with a module missing or damaged ---------------------------------------------------
meson install -C "$WINGTIP_BUILD" --no-rebuild --quiet --destdir "$scratch/root" >log 2>&1 || {
  cat log
  exit 1
}
program=$(find root -type f -path '*/bin/wingtip')
pictures=$(find root -name wingtip-pictures.so)
opens "the installed program" pictures "$program" track face.png --model "$small" --csv out.csv
ok "its own module" grep -q "calling init: .*root/.*/lib.*/wingtip/wingtip-pictures.so" all

# refuses WHAT PATTERN: track of a picture ends with one line and status 1.
refuses() {
  "$program" track face.png --model "$small" --csv out.csv >out 2>err
  got=$?
  ok "$1: status 1 and one line" [ "$got $(wc -l <err)" = "1 1" ]
  ok "$1: the line says why" grep -q "$2" err
}
echo nonsense >"$pictures"
refuses "a damaged module" 'wingtip-pictures.so cannot be opened: .*too short'
rm "$pictures"
refuses "a missing module" 'wingtip-pictures.so, a part of this program, is missing'
ok "commands without it work" [ "$("$program" --version)" = "$("$WINGTIP_EXE" --version)" ]
[ "$failed" -eq 0 ]
