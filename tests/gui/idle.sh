#!/bin/sh
# Nothing is drawn while nothing changes: at the end of a clip, while it is paused, on a picture. And texts at the
# bottom keep clear of the status, which is one line where panel and microscope leave no room for more.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
make_picture 2 face
# A face above, and nothing below: the status goes to the lower left.
ffmpeg -v error -y -loop 1 -r 5 -i "$here/face.png" -t 1 -vf "crop=420:420:110:10,scale=640:640,pad=640:900" \
  -c:v libx264 -preset ultrafast -pix_fmt yuv420p "$here/short.mkv" || fail "no clip"
model=fast

# quiet WHAT: for three seconds nothing is drawn. A window that goes on drawing never gets there, however slow.
quiet() {
  [ "$(count "window drawn")" -gt 0 ] || return 1
  set -- "$(count "window drawn")"
  sleep 3
  [ "$1" -eq "$(count "window drawn")" ]
}

start --input "$here/short.mkv" --size 640x900 --faces 1 --show landmarks,heatmaps,ellipses,axes
wait_for "the hint at the end" listed hint
wait_for "a window at rest at the end" quiet

# The places as they are now, of a hint and a status that are drawn together.
apart() {
  # shellcheck disable=SC2046  # eight numbers
  set -- $(place status) $(place hint)
  [ $# -eq 8 ] || return 1
  # The status is at the left, below; the hint would lie on it, in the middle, below.
  [ "$(($1 + $3))" -gt "$5" ] && [ "$2" -gt 450 ] && [ "$(($6 + $8))" -le "$2" ]
}
wait_for "a hint above the status" apart
key q
ends 0

# On a picture there is nothing new after the first moments: the status goes from the face all the same.
ffmpeg -v error -y -i "$here/short.mkv" -frames:v 1 "$here/tall.png" || fail "no picture"
start --input "$here/tall.png" --size 640x900 --faces 1
below() { [ "$(place status | cut -d ' ' -f 2)" -gt 450 ]; }
wait_for "a status below the face" below
wait_for "a window at rest" quiet
key q
ends 0

start --input "$here/face.png" --size 640x480
wait_for "a window at rest with a picture" quiet
# The buttons that come with the mouse are drawn; nothing after a key that changes nothing.
set -- "$(count "window drawn")"
mouse 300 200
mouse 320 210
wait_for "drawing as the buttons come" more_than "$1" "window drawn"
wait_for "a window at rest without the buttons" quiet
same() {
  set -- "$(count "window drawn")"
  key F9
  sleep 2
  [ "$1" -eq "$(count "window drawn")" ]
}
wait_for "a key that draws nothing" same
key q
ends 0

# status_height LEAST MOST: the status is so high, in pixels; a line has 20.
status_height() {
  # shellcheck disable=SC2046  # four numbers
  set -- "$1" "$2" $(place status)
  [ $# -eq 6 ] && [ "$6" -ge "$1" ] && [ "$6" -le "$2" ]
}
start --input "$here/face.png" --size 960x600 --faces 1
sees 1
press Tab "panel opened"
wait_for "a status of several lines" status_height 60 200
key i
wait_for "a status of one line" status_height 20 45
key i
wait_for "all its lines again" status_height 60 200
key q
ends 0

start --input "$(clip)" --loop --size 640x480
wait_for "tracking" more_than 0 "window drawn"
key space
wait_for "a window at rest while paused" quiet
set -- "$(count "window drawn")"
key space
wait_for "drawing again" more_than "$1" "window drawn"
key q
ends 0
