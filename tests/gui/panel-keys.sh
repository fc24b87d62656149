#!/bin/sh
# The panel without a mouse: F6 gives it the keys, arrows go from control to control, Space and Enter act.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
make_picture 2 face

# moves KEY WIDGET: the key, again and again, until it has come to the widget.
moves() {
  wait_for "$1 to come to $2" moved "$1" "$2"
}
moved() {
  [ "$(last 'ui: keys on ')" != "$2" ] || return 0
  set -- "$1" "$2" "$(count 'ui: keys on ')"
  key "$1"
  for _ in $(seq 30); do
    ! more_than "$3" 'ui: keys on ' || break
    sleep 0.1
  done
  [ "$(last 'ui: keys on ')" = "$2" ]
}
on() { [ "$(last 'ui: keys on ')" = "$1" ]; }

start --input "$here/face.png" --size 1000x700 --no-status
sees 1
press F6 "keys act on the panel; F6 or Esc: on the picture"
wait_for "keys on the first control" on Close

# A list.
moves Down Points
key space
wait_for "the list, where it is now" on "Points: 98"
moves Down "Points: 68"
key space
remembered points 68
wait_for "keys on the list again" on Points

# A box to tick, and a slider: Esc lets go of it, and no more.
moves Down Boundary
press space "boundary on"
moves Down "Boundary opacity"
key space
slides() {
  key Left
  grep -q '^boundary-opacity = 0\.[0-6]' "$config"
}
wait_for "a fainter boundary" slides
key Escape
moves Down "Boundary colours"
[ "$(count 'window: keys act on the picture')" -eq 0 ] || fail "Esc on a slider leaves the panel"

# Letters are commands as before, but in a field.
press l "landmarks off"
moves Up File
key Return
types "$here/fl.png"
key Return
wait_for "the error" grep -q 'error: .*fl\.png' "$here/log"
[ "$(count 'window: landmarks')" -eq 1 ] || fail "letters that were typed are commands"

# Out of the panel, step by step.
press Escape "keys act on the picture"
press Escape "panel closed"
press F6 "keys act on the panel"
press F6 "keys act on the picture"
press F6 "keys act on the panel"
press Tab "panel closed"

# While points are corrected Esc leaves the panel first, then them.
press c "correct the points"
press F6 "keys act on the panel"
press Escape "keys act on the picture"
press Escape "not kept; the picture goes on"
press Tab "panel closed"

# The mouse takes over.
press F6 "keys act on the panel"
mouse 300 300
xdotool click 1
wait_for "the press" more_than 0 "ui: pressed nothing"
press F6 "keys act on the panel"

key q
ends 0
[ "$(grep -c '^wingtip: error' "$here/log")" -eq 1 ] || fail "other errors in the log"
echo passed
