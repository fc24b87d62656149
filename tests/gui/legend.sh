#!/bin/sh
# The legend: off at first, turned on in the panel, remembered; clear of the status and of the face's middle; what it
# says follows what is drawn. Heatmaps are thin enough that the eyes are seen through them.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
make_picture 2 face
model=fast

# box: the legend's place, X Y WIDTH HEIGHT; nothing while there is none.
box() { place legend; }
# lines N: it has grown to N lines, as far as its height tells (19.5 pixels a line, 16 around them).
lines() {
  # shellcheck disable=SC2046  # four numbers
  set -- "$1" $(box)
  [ $# -eq 5 ] && [ "$5" -ge "$(($1 * 19 + 16))" ] && [ "$5" -le "$(($1 * 20 + 17))" ]
}
hidden() { [ "$(box | cut -d ' ' -f 3)" = 0 ]; }

start --input "$here/face.png" --size 1200x700 --faces 1 --legend=no
wait_for "the window" grep -q "ui: legend" "$here/log"
sees 1
hidden || fail "a legend at first: $(box)"
shot without
press Tab "panel opened"
click Legend
remembered legend yes
wait_for "a legend of parts" lines 6
press Tab "panel closed"
wait_for "the legend in a wide window" lines 6
press m "heatmaps on"
wait_for "one more line" lines 7
press b "boundary on"
wait_for "one more line" lines 8
press a "axes on"
wait_for "three more lines" lines 11
press a "axes off"
press b "boundary off"
press m "heatmaps off"
wait_for "the parts alone" lines 6
sleep 0.5
# shellcheck disable=SC2046  # four numbers
set -- $(box)
shot legend
at_least 1000 "the legend" "$(differing without legend "$3x$4+$1+$2")"
[ "$(convert "$here/legend.png" -crop "$3x$4+$1+$2" +repage -unique-colors -format %w info:)" -ge 20 ] ||
  fail "a legend without colours"
# The points of the whole face stay free: it is drawn the same as without.
face=420x400+390+150
at_most 0 "the legend on the face" "$(differing without legend "$face")"
press l "landmarks off"
wait_for "no legend where nothing is drawn" hidden
press l "landmarks on"
key q
ends 0

# It is there again; where the face fills the window it lies beside its middle, or is not drawn.
ffmpeg -v error -y -i "$here/face.png" -vf "crop=300:300:130:60,scale=420:420" "$here/large.png" || fail "no picture"
start --input "$here/large.png" --size 420x420 --faces 1 --status off
wait_for "the window" grep -q "ui: legend" "$here/log"
sees 1
sleep 0.3 # the next frame is laid out by it
# shellcheck disable=SC2046  # four numbers
set -- $(box)
if [ "$3" -gt 0 ]; then # the middle of the window is the middle of the face
  [ "$(($1 + $3))" -le 160 ] || [ "$1" -ge 260 ] || [ "$(($2 + $4))" -le 160 ] || [ "$2" -ge 260 ] ||
    fail "over the face's middle: $*"
fi
key q
ends 0

# ---- eyes under heatmaps ----------------------------------------------------------------------------
# contrast NAME: how much the picture differs within the left eye, in millionths.
contrast() {
  convert "$here/$1.png[70x34+$eye]" -colorspace Gray -format '%[fx:1000000*standard_deviation]\n' info: |
    awk '{ printf "%.0f\n", $1 }'
}
"$WINGTIP_EXE" track "$here/face.png" --model fast --faces 1 --csv "$here/points.csv" >/dev/null 2>&1 || fail "track"
eye=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
  NR == 2 { printf "%.0f+%.0f\n", $at["x_96"] - 35, $at["y_96"] - 17 }' "$here/points.csv")
start --input "$here/face.png" --size 640x480 --faces 1 --status off --show none --legend=no
sees 1
shot bare
press m "heatmaps on"
shot heat
key q
ends 0
bare=$(contrast bare) through=$(contrast heat)
echo "contrast within the eye: $bare, $through under heatmaps"
[ "$((3 * through))" -gt "$bare" ] || fail "the eye is hidden: contrast $bare, $through under heatmaps"
# Texts can be read on pictures of any brightness: what lies behind them leaves the dimmest a contrast of 4.5, as WCAG
# asks for. behind THEME COLOUR: how bright it is on such a picture, 0 to 255.
brightness() { convert "$here/plain_now.png" -crop "1x1+$1+$2" -format '%[fx:round(255*u)]' info:; }
is_plain() {
  shot plain_now
  if [ "$1" = white ]; then [ "$(brightness 320 240)" = 255 ]; else [ "$(brightness 320 240)" = 0 ]; fi
}
behind() {
  convert -size 640x480 "xc:$2" "$here/plain.png"
  start --input "$here/plain.png" --size 640x480 --theme "$1"
  wait_for "the status" listed status
  wait_for "the picture" is_plain "$2"
  # shellcheck disable=SC2046  # four numbers
  set -- $(place status)
  bright=$(brightness "$(($1 + 3))" "$(($2 + $4 / 2))")
  key q
  ends 0
}
behind dark white
[ "$bright" -le 64 ] || fail "behind light texts on white: $bright"
behind light black
[ "$bright" -ge 218 ] || fail "behind dark texts on black: $bright"

# A slider's number can be read where its grab lies under it, as in the middle.
grab() { # THEME: how bright it is there
  start --input "$here/face.png" --size 700x860 --theme "$1" --smoothing 0.5
  press Tab "panel opened"
  wait_for "the slider" visible Smoothing
  mouse 100 100
  sleep 0.5
  shot plain_now
  # shellcheck disable=SC2046  # four numbers
  set -- $(place Smoothing)
  bright=$(convert "$here/plain_now.png" -crop "1x1+$(($1 + $3 / 2))+$(($2 + 4))" -format '%[fx:round(255*g)]' info:)
  key q
  ends 0
}
grab dark
[ "$bright" -ge 80 ] && [ "$bright" -le 120 ] || fail "a slider's grab under light numbers: $bright"
grab light
[ "$bright" -ge 150 ] && [ "$bright" -le 200 ] || fail "a slider's grab under dark numbers: $bright"
echo passed
