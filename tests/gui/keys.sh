#!/bin/sh
# Every key that changes the picture, on a picture that does not change by itself.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
make_picture 2 face
face=440x410+190+10  # all of the head
beside=150x300+10+20 # wall
all=640x400+0+0      # all but the messages

start --input "$here/face.png" --size 640x480 --no-status
# The picture has been tracked when the landmarks make a difference.
tracked() {
  press l "landmarks off"
  shot none
  press l "landmarks on"
  shot points98
  [ "$(differing none face $all)" -le 40 ] && [ "$(differing none points98 $face)" -gt 500 ]
}
wait_for "landmarks on the face" tracked
[ "$(identify -format %wx%h "$here/none.png")" = 640x480 ] || fail "size of the screenshot"
at_most 0 "landmarks beside the face" "$(differing none points98 $beside)"

press p "68 points"
shot points68
press p "29 points"
shot points29
at_least 300 "98 against 68 points" "$(differing points98 points68 $face)"
at_least 300 "68 against 29 points" "$(differing points68 points29 $face)"
press p "98 points"
shot again98
at_most 0 "98 points again" "$(differing points98 again98 $all)"
press l "landmarks off"

press m "heatmaps on"
shot heat
press m "heatmaps off"
press b "boundary on"
shot boundary
press b "boundary off"
at_least 5000 "heatmaps" "$(differing none heat $face)"
at_least 5000 "boundary" "$(differing none boundary $face)"
at_least 3000 "heatmaps against boundary" "$(differing heat boundary $face)"
at_most 0 "heatmaps beside the face" "$(differing none heat $beside)"

press x "crop squares on"
shot boxes
press x "crop squares off"
at_least 500 "crop squares" "$(differing none boxes $all)"
press e "ellipses on"
shot ellipses
press e "ellipses off"
at_least 500 "ellipses" "$(differing none ellipses $face)"
at_most 0 "ellipses beside the face" "$(differing none ellipses $beside)"
press a "axes on"
shot axes
press a "axes off"
at_least 100 "axes" "$(differing none axes $face)"

key h
shot help
key h
at_least 30000 "help" "$(differing none help $all)"
press t "status full"
shot status
press t "status one line"
shot line
press t "status off"
# There is no room beside the head for all of it: one line, not over the face.
at_least 1000 "status" "$(differing none status)"
at_least 1000 "status in one line" "$(differing none line)"
at_most 0 "status over the face" "$(differing none status 240x250+290+120)"

press v "mirror on"
shot mirror
press v "mirror off"
convert "$here/mirror.png" -flop "$here/flop.png"
at_most 40 "mirrored twice" "$(differing none flop $all)"
shot end
at_most 0 "everything off again" "$(differing none end $all)"

press o "smoothing off"
press plus "at most 5 faces"
press minus "at most 4 faces"
press 4 "this network has"
key f
key F11
# Leaving the full screen gives the window its old size back, sooner or later: ask until it holds.
resized() {
  xdotool windowsize "$window" 900 500
  shot wide
  [ "$(identify -format %wx%h "$here/wide.png")" = 900x500 ]
}
wait_for "the new size" resized
# 500 rows make the picture 667 wide, with bars beside it.
convert "$here/wide.png" -crop 100x500+0+0 +repage -format '%k' info: | grep -qx 1 ||
  fail "bars beside the picture"

# With room for it, the whole status.
broad() {
  xdotool windowsize "$window" 1270 500
  shot wide
  [ "$(identify -format %wx%h "$here/wide.png")" = 1270x500 ]
}
wait_for "a broad window" broad
press t "status full"
shot full
press t "status one line"
shot line
press t "status off"
shot none
at_least 2000 "status" "$(differing none full)"
at_least 300 "status in one line" "$(differing none line)"
at_least 1500 "one line against all" "$(differing line full)"

# Two of one second get two names. Two keys between two pictures of the window make one
# screenshot, so press until there are two.
two() { key s && [ "$(find "$here" -name 'wingtip-*.png' -size +1k | wc -l)" -ge 2 ]; }
wait_for "two screenshots" two

key q
ends 0
grep -q '^wingtip: error' "$here/log" && fail "errors in the log"
echo passed
