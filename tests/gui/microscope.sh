#!/bin/sh
# The microscope: a click on a point opens it, by key and panel as well; what its pictures show; stacks that do
# not run; points that are made of others; Esc closes it.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
make_picture 2 face

# at SCHEME POINT: where the point lies in the picture, and in a window of its size: X Y.
at() {
  "$WINGTIP_EXE" track "$here/face.png" --model "$model" --points "$1" --faces 1 --csv "$here/$1.csv" >/dev/null 2>&1 ||
    fail "track"
  awk -F, -v x="x_$2" -v y="y_$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
    NR == 2 { printf "%.0f %.0f\n", $at[x], $at[y] }' "$here/$1.csv"
}

# press_at X Y: a click there, the mouse coming from beside.
press_at() {
  xdotool windowfocus "$window"
  mouse "$(($1 + 1))" "$2"
  mouse "$1" "$2"
  xdotool click 1
}

# opens TEXT COMMAND...: the command makes the microscope say so, anew.
opens() {
  before=$(count "microscope: $1")
  shift_text=$1
  shift
  "$@"
  wait_for "microscope: $shift_text" more_than "$before" "microscope: $shift_text"
}

# clicked TEXT X Y: a click there makes the microscope say so. The face may not be on screen yet: then another one.
clicked() {
  wait_for "$1" opened_at "$(count "microscope: $1")" "$@"
}
opened_at() {
  press_at "$3" "$4"
  for _ in $(seq 30); do
    more_than "$1" "microscope: $2" && return
    sleep 0.1
  done
  return 1
}

# colors NAME WIDGET: how many colours the upper quarter of the widget has in the screenshot NAME.
colors() {
  # shellcheck disable=SC2046  # four numbers
  set -- "$1" $(place "$2")
  [ $# -eq 5 ] || fail "no place"
  convert "$here/$1.png" -crop "$(($4 - 4))x$(($5 / 4))+$(($2 + 2))+$(($3 + 2))" +repage -unique-colors -format %w info:
}

# looks: the panel's switch opens it, once there is a face.
looks() {
  click "Look at a point"
  for _ in $(seq 30); do
    listed "Point looked at" && return
    sleep 0.1
  done
  return 1
}

# ---- by a click; two stacks -----------------------------------------------------------------------
spot=$(at 98 60)
start --input "$here/face.png" --size 640x480 --faces 1 --status off
# A click on a point opens it, one beside every point nothing.
# shellcheck disable=SC2086  # two numbers
clicked "face 1, point 60 of 98, channels 60 60, 2 of 2 stacks" $spot
opens "closed" key Escape
press_at 12 12
shot beside
[ "$(count "microscope: face")" -eq 1 ] || fail "another point was opened"
# shellcheck disable=SC2086  # two numbers
clicked "face 1, point 60 of 98, channels 60 60, 2 of 2 stacks" $spot
for widget in 'microscope crop' 'microscope close-up' 'microscope channel 0 stack 1' 'microscope channel 0 stack 2' \
  'microscope mask 0' 'microscope boundary 1 stack 1' 'microscope boundary 1 stack 2' 'microscope mask 1'; do
  wait_for "$widget" listed "$widget"
done
shot two
for widget in 'microscope crop' 'microscope close-up'; do
  at_least 200 "colours of $widget" "$(colors two "$widget")"
done
for widget in 'microscope channel 0 stack 1' 'microscope channel 0 stack 2' 'microscope boundary 1 stack 1' \
  'microscope boundary 1 stack 2'; do
  at_least 10 "colours of $widget" "$(colors two "$widget")"
done

# ---- a stack that does not run says so ------------------------------------------------------------
opens "face 1, point 60 of 98, channels 60 60, 1 of 2 stacks" key 1
shot one
at_least 10 "colours of the first stack" "$(colors one 'microscope channel 0 stack 1')"
# Words in the middle of an empty place: no map.
at_most 1 "colours of the second stack" "$(colors one 'microscope channel 0 stack 2')"
opens "face 1, point 60 of 98, channels 60 60, 2 of 2 stacks" key 0

# ---- another point: Next, and back; 68 and 29 points ------------------------------------------------
opens "face 1, point 61 of 98" click Next
opens "face 1, point 60 of 98" click Previous
press p "68 points"
wait_for "68 points" grep -q "microscope: face 1, point 36 of 68, channels 60 60" "$here/log"
press p "29 points"
wait_for "29 points" grep -q "microscope: face 1, point 8 of 29, channels 60 60" "$here/log"
press p "98 points"

# ---- closed ---------------------------------------------------------------------------------------
opens "closed" key Escape
shot closed
opens "face 1, point" key i
opens "closed" key i
opens "face 1, point" key i
opens "closed" click "Close microscope"
# Correcting has the mouse for itself.
opens "face 1, point" key i
opens "closed" key c
opened=$(count "microscope: face")
# shellcheck disable=SC2086  # two numbers
press_at $spot
shot correcting
[ "$(count "microscope: face")" -eq "$opened" ] || fail "a point was opened that is corrected"
key q
ends 0

# ---- a point between two of the network's; the panel ------------------------------------------------
spot=$(at 68 18)
start --input "$here/face.png" --size 640x480 --faces 1 --status off --points 68
# shellcheck disable=SC2086  # two numbers
clicked "face 1, point 18 of 68, channels 34 41, 2 of 2 stacks" $spot
for widget in 'microscope channel 0 stack 2' 'microscope channel 1 stack 2' 'microscope boundary 2 stack 2'; do
  wait_for "$widget" listed "$widget"
done
opens "closed" key Escape
key q
ends 0

# ---- by the panel -----------------------------------------------------------------------------------
start --input "$here/face.png" --size 1200x800 --faces 1 --status off --points 68
press Tab "panel opened"
unfold Microscope "Look at a point"
wait_for "a face" looks
wait_for "the slider" listed "Point looked at"
opens "face 1, point 67 of 68, channels 95 95" click "Point looked at" 99
shot panel
opens "closed" click "Look at a point"
key q
ends 0
