#!/bin/sh
# Playing: pause, single steps, jumps, recording, another shader folder, three ways to quit.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
model=fast
all=640x380+0+0

start --input "$(clip)" --loop --size 640x480 --no-status
moving() {
  shot one
  shot two
  [ "$(differing one two $all)" -gt 300 ]
}
wait_for "a picture that moves" moving
key space
paused() {
  shot one
  sleep 0.3
  shot two
  [ "$(differing one two $all)" -eq 0 ]
}
wait_for "a picture that stands still" paused
stepped() {
  key period
  shot next
  [ "$(differing two next $all)" -gt 100 ]
}
wait_for "single steps" stepped
jumped() {
  key Right
  shot jump
  [ "$(differing next jump $all)" -gt 3000 ]
}
wait_for "a jump" jumped
key space
wait_for "a picture that moves again" moving

press m "heatmaps on"
# Jumps that are still to come do not end the recording: it begins behind them.
key Right
press r "recording to $here/wingtip-"
shot recording
press Left "no jumps while recording"
# Frames of the loop go into the file one after another: every picture that has changed is one more.
for n in 1 2 3 4; do
  wait_for "a picture that moves while recording" moving
done
press r "saved $here/wingtip-"
video=$(find "$here" -name 'wingtip-*.mkv')
[ -s "$video" ] || fail "no recording"
frames=$(ffprobe -v error -select_streams v -count_frames -show_entries stream=nb_read_frames \
  -of csv=p=0 "$video")
[ "${frames:-0}" -ge 3 ] || fail "the recording has ${frames:-no} frames"

# Twice at once begins one and ends it, so that the next is one that begins.
xdotool windowfocus "$window" key r key r
ended_again() { [ "$(grep -c -e 'window: saved .*\.mkv: ' -e 'window: nothing was recorded' "$here/log")" -ge 2 ]; }
wait_for "an end of what was hardly begun" ended_again
press r "recording to $here/wingtip-"
press r "saved $here/wingtip-"
key Escape
ends 0

# A recording from the start to the end of the input, and the window's last picture.
launch --input "$(clip)" --size 640x480 --frames 12 --record "$here/start.mkv" --last-picture "$here/last.png"
ends 0
ffprobe -v error -select_streams v -count_frames -show_entries stream=nb_read_frames -of csv=p=0 \
  "$here/start.mkv" | grep -q '^[1-9]' || fail "--record wrote nothing"
[ "$(identify -format '%[fx:standard_deviation>0.05]' "$here/last.png")" = 1 ] ||
  fail "the last picture is blank"

# Shaders from a folder, changed while it runs.
mkdir "$here/shaders"
cp "$WINGTIP_SOURCE"/shaders/*.vert "$WINGTIP_SOURCE"/shaders/*.frag \
  "$WINGTIP_SOURCE"/shaders/*.glsl "$here/shaders"
export WINGTIP_SHADER_DIR="$here/shaders"
start --input "$(clip)" --loop --size 640x480 --no-status --show none
shot normal
sed 's/texture(u_frame, v_uv).rgb/vec3(1.0, 0.0, 0.0)/' "$here/shaders/video.frag" \
  >"$here/shaders/new" && mv "$here/shaders/new" "$here/shaders/video.frag"
red() {
  shot red
  [ "$(convert "$here/red.png" -crop 1x1+320+200 -format '%[pixel:p{0,0}]' info:)" = \
    "$(convert xc:red -format '%[pixel:p{0,0}]' info:)" ]
}
wait_for "the changed shader" red
echo 'nonsense' >"$here/shaders/video.frag"
wait_for "a line about the broken shader" grep -q 'shader video.frag' "$here/log"
red || fail "a broken shader replaced one that works"
kill -TERM "$program_pid"
ends 0
unset WINGTIP_SHADER_DIR

# Nothing given: without a camera the clip.
if [ ! -e /dev/video0 ]; then
  launch --frames 5
  ends 0
  grep -q 'no camera found: the demo clip is shown' "$here/log" || fail "no word about the clip"
fi
[ ! -e imgui.ini ] || fail "imgui.ini was left behind"
echo passed
