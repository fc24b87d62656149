#!/bin/sh
# Time line, pause and loops with the mouse; what Esc closes; keyboards of other alphabets; opening.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
model=fast
command -v setxkbmap >/dev/null || skip "setxkbmap is not installed"
make_picture 2 face
# Two seconds, so that a loop comes round soon: red, then blue in its second half.
ffmpeg -v error -y -f lavfi -i "color=red:s=320x240:r=15:d=1" -f lavfi \
  -i "color=blue:s=320x240:r=15:d=1" -f lavfi -i "testsrc=s=40x40:r=15:d=2" -filter_complex \
  "[0][1]concat=n=2[c];[c][2]overlay=140:110" -c:v mpeg4 -q:v 3 "$here/two.avi" || fail "no clip"

# Away from bar, button and messages.
is_red() {
  shot now
  [ "$(convert "$here/now.png" -crop 1x1+320+150 -format '%[fx:u.r>u.b]' info:)" = 1 ]
}
is_blue() { ! is_red; }
# The picture as it is after some more time.
later() { sleep 0.5; "$1"; }
# Both halves come, again and again.
rounds() {
  for n in 1 2; do
    wait_for "the first half" is_red
    wait_for "the second half" is_blue
  done
}

start --input "$here/two.avi" --loop --size 640x480 --no-status
rounds
wake() { # the bar comes with the mouse
  mouse 300 200
  mouse 310 "$((200 + $1))"
}
seek() { # PERCENT
  wake "$1"
  wait_for "the time line" listed seek
  click seek "$1"
}

# Jumps while it loops: it goes on looping, from whatever round.
seek 20
rounds
key Left
rounds
key Right
rounds

# Paused, the picture follows the mouse, and stays.
wake 1
wait_for "the bar" listed play
click play
still() {
  shot one
  sleep 0.3
  shot two
  [ "$(differing one two 640x400+0+0)" -eq 0 ]
}
wait_for "a picture that stands still" still
seek 10
wait_for "the first half" is_red
later is_red || fail "it goes on though it was paused"
seek 90
wait_for "the second half" is_blue
later is_blue || fail "it goes on though it was paused"
# Dragged, with the button held.
point seek 90
xdotool mousedown 1
place seek >"$here/seek"
read -r x y w h <"$here/seek"
mouse "$((x + w / 4))" "$((y + h / 2))"
wait_for "the first half, while dragging" is_red
xdotool mouseup 1
later is_red || fail "it does not stay where it was dragged"
key space
rounds

# Without the loop it ends; the arrow still leads back.
wake 2
click loop
remembered loop no
ended() { shot one; sleep 0.4; shot two; [ "$(differing one two 640x400+0+0)" -eq 0 ]; }
wait_for "the end" ended
key Left
wait_for "the first half" is_red
wait_for "the end again" ended
wake 3
click loop
remembered loop yes
key space
rounds

# Recording, with the mouse; Esc does not quit then, nor does it jump.
wake 4
wait_for "the bar" listed record
clicks record "recording to $here/wingtip-"
press Left "no jumps while recording"
press Escape "Esc does not quit while recording"
sleep 0.5
kill -0 "$program_pid" || fail "Esc has quit while recording"
press Tab "panel opened"
wait_for "a button to stop" listed Stop
clicks Stop "saved $here/wingtip-"
clicks Record "recording to $here/wingtip-"
wait_for "a button to stop" listed Stop
clicks Stop "saved $here/wingtip-"
clicks Screenshot "saved $here/wingtip-"

# Esc: help, then the panel, then the full screen, then the window.
key h
key Escape # closes the help, not the panel
press Escape "panel closed"
press f "full screen on"
full() {
  shot full
  [ "$(identify -format %wx%h "$here/full.png")" = 1280x900 ]
}
wait_for "a full screen" full
press Escape "full screen off"
# There and back as fast as one can: the window is as it was, and all of it is drawn.
for n in 1 2 3 4 5; do
  key f
  key Escape
done
as_before() {
  shot back
  [ "$(identify -format %wx%h "$here/back.png")" = 640x480 ] && xdotool getwindowgeometry "$window" | grep -q 640x480
}
sleep 1
wait_for "the window of before" as_before

# A double click on the picture is full screen, too.
mouse 320 150
before=$(count "window: full screen on")
xdotool click --repeat 2 --delay 60 1
wait_for "full screen by double click" more_than "$before" "window: full screen on"
press Escape "full screen off"

# The clip is red or blue there, the photograph is neither.
opened() {
  shot now
  [ "$(convert "$here/now.png" -crop 1x1+100+150 -format '%[fx:abs(u.r-u.b)<0.4]' info:)" = 1 ]
}
clip() {
  ! opened
}
wait_for "the clip's colours" clip

# Ctrl-O: the path is typed; letters are no commands meanwhile.
before=$(count "window: ")
key ctrl+o
wait_for "the field" listed File
types "$here/face.png"
sleep 0.3
[ "$(count "window: ")" -eq "$before" ] || fail "typed letters were taken for keys"
key Return
wait_for "the picture" opened
typed() { ! typing; }
wait_for "the end of typing" typed
key ctrl+o
types "file://$here/no%20such.avi"
key Return
wait_for "a line about the file" grep -q "error: $here/no such.avi" "$here/log"
sleep 0.3
press Escape "panel closed"

# While another input is being opened, which may take a while, the time line is the old one's, and moves nothing in
# the new one: paused, that shows its first frame.
key ctrl+o
types "$here/two.avi"
key Return
wait_for "the clip's colours" clip
ffmpeg -v error -y -f lavfi -i "color=white:s=320x240:r=15:d=1" -f lavfi -i "color=black:s=320x240:r=15:d=3" \
  -filter_complex "[0][1]concat=n=2" -c:v mpeg4 "$here/white.mkv" || fail "no clip"
mkfifo "$here/late.mkv"
{
  head -c 600 "$here/white.mkv"
  while [ ! -e "$here/dragged" ]; do sleep 0.1; done
  tail -c +601 "$here/white.mkv"
} >"$here/late.mkv" &
other_pid=$!
key ctrl+o
types "$here/late.mkv"
key Return
wait_for "the end of typing" typed
wait_for "what is being opened" more_than 0 "window: opening late.mkv"
wait_for "the time line" listed seek
point seek 30
xdotool mousedown 1
point seek 60
point seek 90
xdotool mouseup 1
key space
sleep 0.3
: >"$here/dragged"
wait "$other_pid"
other_pid=''
wait_for "the new input" opened
is_white() { [ "$(convert "$here/now.png" -crop 1x1+100+150 -format '%[fx:u.r>0.5]' info:)" = 1 ]; }
is_white && later opened && is_white || fail "a drag on the old input's time line jumps in the new one"
press Escape "panel closed"

# Keyboards without Latin letters: keys by their place. 46 is L's, 58 M's, 24 Q's.
for layout in ru gr; do
  setxkbmap "$layout"
  sleep 0.5
  press 46 "landmarks off"
  press 46 "landmarks on"
  press 58 "heatmaps on"
  press 58 "heatmaps off"
done
# Dvorak has Latin letters: L is where P was (33), and the place of L (46) writes n.
setxkbmap us dvorak
sleep 0.5
press 33 "landmarks off"
before=$(count "window: ")
key 46
sleep 0.5
[ "$(count "window: ")" -eq "$before" ] || fail "a place was taken for a letter"
setxkbmap ru
sleep 0.5
key ctrl+24
ends 0
setxkbmap us

start --input "$here/two.avi" --loop --size 640x480
key ctrl+q
ends 0
start --input "$here/two.avi" --loop --size 640x480
key Escape
ends 0
echo passed
