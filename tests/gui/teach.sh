#!/bin/sh
# Correcting and learning in the window, with the mouse: freeze, drag, keep, compare, learn, restart.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
make_picture 2 face
# shellcheck disable=SC2154  # lib.sh sets it
XDG_DATA_HOME=$here/data
export XDG_DATA_HOME
profiles=$here/data/wingtip/profiles
# shellcheck disable=SC2034  # for lib.sh
model=fast
picture=760x560+0+100 # left of the panel

open_window() {
  start --input "$here/face.png" --size 1100x760 --no-status
  wait_for "landmarks on the face" tracked
}
tracked() {
  press l "landmarks off"
  shot none
  press l "landmarks on"
  shot points
  [ "$(differing none points)" -gt 300 ]
}
corrections() { grep -c pictures/ "$profiles/me/corrections.txt"; }
# Where a point was drawn last: X Y.
spot() { place "point $1" | cut -d ' ' -f 1,2; }
# drag POINT DX DY
drag() {
  # shellcheck disable=SC2046
  set -- "$2" "$3" $(spot "$1")
  mouse "$3" "$(($4 - 1))"
  mouse "$3" "$4"
  sleep 0.2
  xdotool mousedown 1
  mouse "$(($3 + $1 / 2))" "$(($4 + $2 / 2))"
  mouse "$(($3 + $1))" "$(($4 + $2))"
  sleep 0.2
  xdotool mouseup 1
}
moved() { # POINT X Y: it is there, give or take two pixels
  # shellcheck disable=SC2046
  set -- "$2" "$3" $(spot "$1")
  [ "$(($1 - $3))" -le 2 ] && [ "$(($3 - $1))" -le 2 ] && [ "$(($2 - $4))" -le 2 ] && [ "$(($4 - $2))" -le 2 ]
}
is() { # POINT X Y: exactly
  [ "$(spot "$1")" = "$2 $3" ]
}

open_window
press Tab "panel opened"
shot before

# The middle of the chin, down; its neighbours follow, the nose does not.
press c "correct the points"
# shellcheck disable=SC2046
set -- $(spot 16) $(spot 17) $(spot 54)
chin=90x26+$(($1 - 45))+$(($2 + 6))
drag 16 0 24
wait_for "the chin" moved 16 "$1" "$(($2 + 24))"
[ "$(spot 17)" != "$3 $4" ] || fail "the point beside does not follow"
is 54 "$5" "$6" || fail "the nose has moved"
shot dragged
at_least 100 "the dragged point" "$(differing before dragged $picture)"
press ctrl+z "taken back"
wait_for "the chin where it was" is 16 "$1" "$2"
is 17 "$3" "$4" || fail "undo is not whole"
press ctrl+y "done again"
wait_for "the chin again" moved 16 "$1" "$(($2 + 24))"
# Arrows move the chosen point alone.
set -- "$1" "$2" "$(spot 17)"
key Down
wait_for "the chin lower" moved 16 "$1" "$(($2 + 25))"
[ "$(spot 17)" = "$3" ] || fail "an arrow has moved a neighbour"
press ctrl+z "taken back"
# A point that cannot be seen, by the right button, and by key.
# shellcheck disable=SC2046
mouse $(spot 96)
sleep 0.2
xdotool click 3
wait_for "a hidden point" more_than 0 "window: point 96 cannot be seen"
press Delete "point 96 can be seen"
press g "this side is now as the other one"
press ctrl+z "taken back"
press space "first Enter"

# Esc keeps nothing.
press Escape "not kept"
[ ! -e "$profiles/me" ] || fail "a profile though nothing was kept"
shot again
at_most 20 "after Esc" "$(differing before again $picture)"

# Kept: it is in force at once, in a profile of its own, and the settings know it.
clicks "Correct points" "correct the points"
drag 16 0 24
clicks "Keep points" "kept: 1 corrected face in profile me"
[ "$(corrections)" -eq 1 ] || fail "not one correction"
remembered profile me
after() {
  shot after
  [ "$(differing before after $picture)" -ge 100 ]
}
wait_for "the chin on the picture" after
press k "before: without profile me"
# Below the chin there is skin before, and a line after. Elsewhere a still picture changes a little, as the
# next look at it is from where the last one found the face.
# looks_like A B: there it is much more like A than B.
looks_like() {
  shot k
  [ "$(($(differing "$1" k "$chin" 25) * 3))" -lt "$(differing "$2" k "$chin" 25)" ]
}
at_least 100 "below the chin" "$(differing before after "$chin" 25)"
wait_for "the picture of before" looks_like before after
press k "after: with profile me"
wait_for "the picture of after" looks_like after before

# Both at once: left of the line before, right of it after; the mouse drags it.
line_at() { # X: the line is there, give or take two pixels
  # shellcheck disable=SC2046
  set -- "$1" $(place divider)
  [ $# -eq 5 ] && [ "$(($1 - $2))" -le 2 ] && [ "$(($2 - $1))" -le 2 ]
}
line_to() { # X
  # shellcheck disable=SC2046
  set -- "$1" $(place divider)
  mouse "$2" "$(($3 - 1))"
  mouse "$2" "$3"
  sleep 0.2
  xdotool mousedown 1
  mouse "$((($1 + $2) / 2))" "$3"
  mouse "$1" "$3"
  sleep 0.2
  xdotool mouseup 1
  wait_for "the line at $1" line_at "$1"
}
press d "before left of the line"
wait_for "a line" listed divider
line_to "$(($1 + 90))"
wait_for "before, left of the line" looks_like before after
line_to "$(($1 - 90))"
wait_for "after, right of the line" looks_like after before
press k "before: without profile me" # ends it
wait_for "before alone" looks_like before after
press d "before left of the line"
wait_for "after, right of the line that is where it was" looks_like after before
press d "one picture again"
wait_for "after alone" looks_like after before

# Wrong on purpose: refused in one line, the points stay on screen, the profile is as it was.
press c "correct the points"
# shellcheck disable=SC2046
set -- $(spot 54)
xdotool keydown shift
drag 54 -260 0
xdotool keyup shift
wait_for "the whole face aside" moved 54 "$(($1 - 260))" "$2"
key Return
wait_for "an error line about a wrong correction" grep -q "error: .*\(corrections would make\|points lie\)" "$here/log"
[ "$(corrections)" -eq 1 ] || fail "a wrong correction was kept"
moved 54 "$(($1 - 260))" "$2" || fail "the points are lost"
press Escape "not kept"

# Three are enough to learn from; whatever comes of it is said.
for n in 2 3; do
  press c "correct the points"
  drag 54 0 "$((2 * n))" # a still picture has the same points again, which count once
  press Return "kept: $n corrected faces in profile me"
done
click "Learn for" 1
clicks Measure "measured: NME"

# Each corrected face: looked at, edited again, deleted with its picture.
unfold "Corrected faces" "face 3"
click "face 1"
wait_for "a face to be large" listed "Edit points"
clicks "Edit points" "correct the points"
drag 54 0 4 # the nose; the chin stays as it is
press Return "changed; 3 corrected faces in profile me"
[ "$(corrections)" -eq 3 ] || fail "a changed correction is not in the place of the old one"
click "face 3"
wait_for "a face to be large" listed "Delete face"
click "Delete face"
wait_for "a question" listed "Really delete it"
[ -e "$profiles/me/pictures/0003.png" ] || fail "deleted without a question"
clicks "Really delete it" "deleted, with its picture; 2 left"
[ "$(corrections)" -eq 2 ] || fail "a deleted correction is in the list"
[ ! -e "$profiles/me/pictures/0003.png" ] || fail "the picture of a deleted correction is there"
press c "correct the points"
drag 54 0 5
press Return "kept: 3 corrected faces in profile me"
click "Corrected faces" # closed again

# Another name, and back; ordinary files, which are measured as a list.
unfold "This profile" "Export to"
type_into "New name" you
press Return "profile you has its new name"
remembered profile you
[ ! -e "$profiles/me" ] || fail "the profile is there under both names"
type_into "New name" me
press Return "profile me has its new name"
type_into "Export to" "$here/mine"
press Return "exported to $here/mine"
[ -s "$here/mine/README.md" ] || fail "no card was exported"
"$WINGTIP_EXE" eval --model fast --data "$here/mine/corrections.txt" >"$here/eval" 2>&1 ||
  fail "eval does not read what was exported: $(cat "$here/eval")"
type_into "Measure on" "$here/mine/corrections.txt"
press Return "measured on corrections.txt: NME"
clicks Learn "learning, while tracking goes on"
wait_for "a button to stop" listed "Stop learning"
frames() { press l "landmarks off" && press l "landmarks on"; }
frames # the window answers meanwhile
before=$(count "window: ")
click "Stop learning"
wait_for "what came of learning" more_than "$before" "window: "
[ "$(corrections)" -eq 3 ] || fail "learning has changed the corrections"
key q
ends 0

# Again: the profile is in use, as it was.
# shellcheck disable=SC2034
model='' # the profile's
open_window
press Tab "panel opened"
wait_for "the profile after a restart" looks_like after before
press k "before: without profile me"
press k "after: with profile me"
key q
ends 0

# Another input while points are corrected: they stay where one was moved, else it is seen at once.
start --input "$(clip)" --loop --size 1100x760 --no-status
press Tab "panel opened"
open_clip() {
  key ctrl+o
  types "$(clip)"
}
no_field() { ! typing; }
sees 1
press x "crop squares on"
press c "correct the points"
# What plays on behind it does not show: no name tags that move.
shot one
sleep 1
shot two
at_most 0 "a picture that stands" "$(differing one two 760x400+0+0)"
drag 16 0 24
open_clip
press Return "it plays behind"
# Ctrl-Z in a field is the field's.
open_clip
taken_back=$(count "window: taken back")
xdotool key ctrl+z
sleep 0.3
[ "$(count "window: taken back")" -eq "$taken_back" ] || fail "Ctrl-Z in a field takes a point back"
key Escape
wait_for "the end of typing" no_field
press ctrl+z "taken back"
open_clip
key Return
wait_for "the end of typing" no_field
sees 1
press c "correct the points"
press Escape "not kept"

# Closed while it measures on a long list: camera and recording end first, and the rest is given up.
for _ in $(seq 1000); do sed -n "s|^pictures/|$profiles/me/pictures/|p" "$profiles/me/corrections.txt"; done >"$here/long.txt"
press r "recording to $here/wingtip-"
type_into "Measure on" "$here/long.txt"
press Return "measuring"
key ctrl+q
ends 0
sed -n 's/^wingtip: debug: window: saved .*mkv.*/saved/p; s/^wingtip: debug: work on profile me was given up .*/given up/p' "$here/log" >"$here/order"
[ "$(cat "$here/order")" = "saved
given up" ] || fail "not first the recording, then the rest: $(cat "$here/order")"

# With a network of its own, as after a round that was kept: both networks run, each on its side.
cp "$WINGTIP_SOURCE/assets/wingtip-98.safetensors" "$profiles/me/weights.safetensors"
open_window
press Tab "panel opened"
shot taught
at_least 100 "what another network finds" "$(differing after taught $picture)"
press d "before left of the line"
wait_for "a line" listed divider
line_to "$(($1 + 90))"
wait_for "the original network, left of the line" looks_like before taught
line_to "$(($1 - 90))"
wait_for "the profile's network, right of the line" looks_like taught before
# The words beside the line do not lie under the status.
apart() { # BOX BOX
  # shellcheck disable=SC2046
  set -- $(place "$1") $(place "$2")
  [ $# -eq 8 ] && [ "$7" -gt 0 ] &&
    { [ "$(($1 + $3))" -le "$5" ] || [ "$(($5 + $7))" -le "$1" ] || [ "$(($2 + $4))" -le "$6" ] || [ "$(($6 + $8))" -le "$2" ]; }
}
press t "status full"
wait_for "words clear of the status" apart "divider before" status
press t "status one line"
press t "status off"
press k "before: without profile me" # ends it
wait_for "the original network alone" looks_like before taught
press k "after: with profile me"
wait_for "the profile's network alone" looks_like taught before
# Deleted means gone; the second press only.
click "This profile"
wait_for "the profile's lines" listed "Delete profile"
click "Delete profile"
wait_for "a question" listed "Really delete"
[ -e "$profiles/me" ] || fail "deleted without a question"
clicks "Really delete" "profile me deleted"
[ ! -e "$profiles/me" ] || fail "the profile is still there"
forgotten() { ! grep -q "^profile = me" "$config"; }
wait_for "the profile to be forgotten" forgotten
key q
ends 0
echo passed
