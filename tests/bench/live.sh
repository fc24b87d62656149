#!/bin/sh
# How the window keeps up with clips that play in real time: frames left out, from the camera to the screen in
# ms, share of the processors; with one face, with four, and while 1280 x 720 is recorded.
#   sh tests/bench/live.sh [--seconds S] [--model NAME] [CLIP]
# The clip: one of ../shared/data/clips, or the demo. On a display of its own (Xvfb), on which this processor
# draws as well: no graphics card helps. Of .build/test, or of $WINGTIP_EXE. A measurement, not a test: run it on
# an idle computer; the load of everything else is in the last line.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
exe=${WINGTIP_EXE:-$root/.build/test/app/wingtip}
seconds=20 model=fast
while [ $# -gt 1 ]; do
  case $1 in
  --seconds) seconds=$2 ;;
  --model) model=$2 ;;
  *) break ;;
  esac
  shift 2
done
clip=${1-}
[ $# -lt 2 ] && [ "${clip#-}" = "$clip" ] || {
  echo "live.sh: unknown: $*" >&2
  exit 2
}
if [ -z "$clip" ]; then
  clip=$root/../shared/data/clips/tfjs_input.mp4
  [ -f "$clip" ] || clip=$root/assets/demo.mp4
fi
tmp=$(mktemp -d)
display=
stop() {
  [ -z "$display" ] || kill "$display" 2>/dev/null || :
  rm -rf "$tmp"
}
trap stop EXIT
trap 'exit 130' INT TERM

Xvfb ":$((1000 + $$ % 30000))" -displayfd 3 -noreset -screen 0 1280x900x24 -nolisten tcp 3>"$tmp/display" 2>/dev/null &
display=$!
until [ -s "$tmp/display" ]; do sleep 0.1; done
DISPLAY=:$(cat "$tmp/display")
export DISPLAY SDL_VIDEODRIVER=x11 LIBGL_ALWAYS_SOFTWARE=1
unset WAYLAND_DISPLAY XDG_SESSION_TYPE

# filmed NAME FILTER: the clip through the filter, lossless enough, at 30 frames a second.
filmed() {
  ffmpeg -v error -nostdin -y -i "$clip" -filter_complex "$2" -an -r 30 -c:v libx264 -preset ultrafast -crf 12 \
    -g 30 -pix_fmt yuv420p "$tmp/$1.mp4"
}
filmed one 'scale=810:540'
filmed four 'scale=640:360,split=4[a][b][c][d];[a][b]hstack[e];[c][d]hstack[f];[e][f]vstack'
filmed large 'scale=1280:720'

# measure NAME CLIP FACES OPTION...: as many frames as the seconds have; a row.
measure() {
  name=$1 file=$tmp/$2.mp4 faces=$3
  shift 3
  /usr/bin/time -f '%e %U %S' -o "$tmp/time" "$exe" live --no-config --log-level debug --model "$model" --loop \
    --screenshots "$tmp" --faces "$faces" --size 1280x720 --hints=no --frames $((seconds * 30)) "$@" --input "$file" \
    >/dev/null 2>"$tmp/log" || {
    cat "$tmp/log" >&2
    exit 1
  }
  # shellcheck disable=SC2046
  set -- $(sed -n 's/.*window: \([0-9]*\) frames tracked, \([0-9]*\) of \([0-9]*\) left out, at last \([0-9.]*\).s; camera to screen \([0-9.]*\) ms, 95 % within \([0-9.]*\).*/\1 \2 \3 \4 \5 \6/p' "$tmp/log") \
    $(cat "$tmp/time")
  kept=$(sed -n 's/.*saved .*, \(.*\) frames.*/\1/p' "$tmp/log" | tail -n 1)
  share=$(awk -v wall="$7" -v user="$8" -v sys="$9" -v cores="$(nproc)" 'BEGIN { printf "%.0f", 100 * (user + sys) / wall / cores }')
  printf '| %-22s | %5s | %4s of %4s | %6s | %5s | %3s %% | %-10s |\n' "$name" "$4" "$2" "$3" "$5" "$6" "$share" "$kept"
}

echo "| what                   |   1/s |     left out | median |  95 % | share | recorded   |"
echo "|------------------------|------:|-------------:|-------:|------:|------:|------------|"
measure 'one face, 810 x 540' one 1
measure 'four faces, 1280 x 720' four 4
measure 'recording 1280 x 720' large 1 --record "$tmp/out.mkv"
echo
echo "$model, $(nproc) processors; median and 95 %: ms from the frame to the screen. Load: $(cut -d ' ' -f 1-3 /proc/loadavg)"
