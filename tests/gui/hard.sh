#!/bin/sh
# Frames worth a correction: collected while tracking, offered in the panel, corrected, kept on the disk only by wish.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
# shellcheck disable=SC2154  # lib.sh sets it
XDG_DATA_HOME=$here/data
export XDG_DATA_HOME
profiles=$here/data/wingtip/profiles
# shellcheck disable=SC2034  # for lib.sh
model=fast

# The name of the first frame that is offered: " 1. 3.4 x motion, left 27 deg".
first() {
  sed -n 's/^wingtip: debug: ui: \( 1\. .*\) -\{0,1\}[0-9]* -\{0,1\}[0-9]* [0-9]* [0-9]*$/\1/p' "$here/log" | tail -n 1
}
offered() { [ -n "$(first)" ]; }
pictures() { find "$profiles-hard" -name '*.png' | wc -l; }
open_panel() {
  press Tab "panel opened"
  click "Teach" # closes it: the list then lies higher
  unfold "Hard frames" "Look for them"
}

start --input "$(clip)" --loop --size 1100x860 --no-status
open_panel
wait_for "a hard frame" offered
clicks "$(first)" "hard frame: "
wait_for "points to drag" listed "point 16"
press Escape "not kept"
[ ! -e "$profiles" ] || fail "something was kept by opening a frame"
clicks "$(first)" "hard frame: "
press Return "kept: 1 corrected face in profile me"
[ ! -e "$profiles-hard" ] || fail "hard frames are on the disk though nobody wanted that"
wait_for "another hard frame" offered
clicks "Keep on disk" "hard frames are kept on the disk"
remembered keep-hard-frames yes
key q
ends 0
[ "$(pictures)" -ge 1 ] || fail "no hard frames on the disk"
[ -s "$profiles-hard/hard.json" ] || fail "no description of the hard frames"

# The next session offers them, without looking for others; switched off, they are gone at once.
ffmpeg -v error -y -f lavfi -i color=gray:s=320x240 -frames:v 1 "$here/nobody.png" || fail "no picture"
start --input "$here/nobody.png" --size 1100x860 --no-status
open_panel
wait_for "the hard frame of last time" offered
clicks "$(first)" "hard frame: "
press Escape "not kept"
clicks "Keep on disk" "no hard frames on the disk any more"
[ ! -e "$profiles-hard" ] || fail "the folder is still there"
remembered keep-hard-frames no
key q
ends 0
[ ! -e "$profiles-hard" ] || fail "the folder is there again"
