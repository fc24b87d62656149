#!/bin/sh
# The panel, with the mouse: every control does what it says, and is remembered.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
make_picture 2 face
picture=600x430+0+120  # left of the panel, between bar and status
side=300x60+690+620    # of the panel, where nothing is drawn

start --input "$here/face.png" --size 1000x700 --no-status
tracked() {
  press l "landmarks off"
  shot none
  press l "landmarks on"
  shot points
  [ "$(differing none points $picture)" -gt 300 ]
}
wait_for "landmarks on the face" tracked

# The button comes with the mouse, and goes when it rests.
shot rest
appears() {
  mouse 300 300
  mouse 320 310
  shot moved
  [ "$(differing rest moved 80x80+920+0)" -gt 300 ]
}
wait_for "the button for the panel" appears
gone() {
  shot later
  [ "$(differing rest later 80x80+920+0)" -le 20 ]
}
wait_for "the button to fade" gone
wait_for "the button again" appears
clicks "open the panel" "panel opened"
press Escape "panel closed"
press Tab "panel opened"
clicks Close "panel closed"
press Tab "panel opened"

# View.
shot on
clicks Landmarks "landmarks off"
shot off
at_least 300 "landmarks off" "$(differing on off $picture)"
at_most 20 "beside the face" "$(differing on off 120x300+0+120)"
remembered show none
clicks Landmarks "landmarks on"
choose Points 68
remembered points 68
shot points68
at_least 100 "98 against 68 points" "$(differing on points68 $picture)"
choose Points 98
clicks "Crop squares" "crop squares on"
shot boxes
at_least 300 "crop squares" "$(differing on boxes $picture)"
clicks "Crop squares" "crop squares off"
clicks Ellipses "ellipses on"
remembered show landmarks,ellipses
clicks Ellipses "ellipses off"
clicks "Head axes" "axes on"
clicks "Head axes" "axes off"
clicks Landmarks "landmarks off"
for map in Heatmaps Boundary; do
  name=$(echo "$map" | tr 'HB' 'hb')
  key=${name%s}
  clicks "$map" "$name on"
  shot full
  at_least 3000 "$name" "$(differing off full $picture)"
  click "$map opacity" 3
  wait_for "the opacity in the file" grep -q "^$key-opacity = 0\.[01]" "$config"
  shot faint
  at_least 2000 "$name, fainter" "$(differing full faint $picture)"
  click "$map opacity" 97
  wait_for "the opacity in the file" grep -q "^$key-opacity = \(0\.9\|1\)" "$config"
  shot full
  choose "$map colours" ember
  remembered "$key-palette" ember
  shot ember
  at_least 3000 "$name in other colours" "$(differing full ember $picture)"
  choose "$map colours" grey
  remembered "$key-palette" grey
  shot grey
  # No colour where the map is; the picture has some.
  clicks "$map" "$name off"
done
shot back
at_most 20 "everything off again" "$(differing off back $picture)"
choose Mirror always
remembered mirror yes
shot mirror
at_least 3000 "mirrored" "$(differing off mirror $picture)"
choose Mirror cameras
remembered mirror auto

# Tracking.
click Faces 98
wait_for "the most faces" grep -q '^faces = [1-9][0-9]*$' "$config"
! grep -qx 'faces = 4' "$config" || fail "as many faces as before"
click Faces 2
remembered faces 1
click Smoothing 1
remembered smoothing 0
clicks "Hold still" "hold still: the picture stands"
click Smoothing 99
wait_for "the smoothing" grep -q '^smoothing = \(0.9\|1\)' "$config"
choose Stacks 1
remembered stacks 1
choose Stacks all
remembered stacks 0
choose Detector free
remembered detector wingtip-detector-free
choose Detector bundled
wait_for "no word of a detector" eval '! grep -q ^detector "$config"'

# Keeping.
clicks Screenshot "saved $here/wingtip-"
clicks Picture "saved $here/wingtip-"
picture_of=$(sed -n "s/.*window: saved //p" "$here/log" | tail -n 1)
[ "$(identify -format %wx%h "$picture_of")" = 640x480 ] || fail "the picture's size"
# The face is drawn on; the wall beside it is the file's own.
at_most 0 "the picture beside the face" "$(mv "$picture_of" "$here/own.png" && differing face own 150x300+10+20)"
mkdir "$here/other"
type_into Folder "$here/none"
press Return "$here/none: no folder to write to"
type_into Folder "$here/other"
press Return "folder: $here/other"
remembered screenshots "$here/other"
# Letters that are typed are no keys: nothing of the picture was switched by those above.
clicks Screenshot "saved $here/other/wingtip-"
type_into Folder "$here"
press Return "folder: $here"

# The model, while it runs.
unfold Network Precision
# took TEXT LIST ITEM: chooses, and waits for the model that comes of it.
took() {
  models=$(count "window: model: ")
  choose "$2" "$3"
  wait_for "another model" more_than "$models" "window: model: "
  grep 'window: model: ' "$here/log" | tail -n 1 | grep -q "$1" || fail "$2 $3: no \"$1\""
}
took 'wingtip-98-fast' Model fast
remembered model fast
took 'f32' Precision f32
took '1 thread' Threads 1
took 'wingtip-98, f32, 1 thread' Model accurate
type_into Weights "$here/face.png"
xdotool key Return
wait_for "a line about the weights" grep -q 'error: .*face.png' "$here/log"
remembered model accurate # the old one goes on
press l "landmarks on"
shot model
at_least 300 "landmarks of the new model" "$(differing off model $picture)"
click Network

# The window.
unfold Window Theme
shot dark
choose Theme light
remembered theme light
light() {
  shot light
  [ "$(convert "$here/light.png" -crop $side -format '%[fx:mean>0.5]' info:)" = 1 ]
}
wait_for "a light panel" light
[ "$(convert "$here/dark.png" -crop $side -format '%[fx:mean<0.4]' info:)" = 1 ] ||
  fail "the panel was light before"
choose Theme dark
remembered theme dark
choose Status "one line"
remembered status line
choose Status none
remembered status off
width=$(place Close | cut -d ' ' -f 3)
click "Text size" 60
wait_for "larger text" grep -q '^text-size = [12]' "$config"
larger() { [ "$(place Close | cut -d ' ' -f 3)" -gt "$width" ]; }
wait_for "larger buttons" larger
click Hints
remembered hints yes
click Hints
remembered hints no

# Presets: saved, changed, taken back, deleted.
unfold Presets "Save preset"
type_into Name 'My talk'
clicks "Save preset" "preset My talk saved"
grep -qx '\[My talk\]' "$config" || fail "no preset in the file"
sed -n '/^\[My talk\]/,$p' "$config" | grep -qx 'faces = 1' || fail "no setting in the preset"
key plus
remembered faces 2
choose Preset "My talk"
wait_for "the preset" grep -q 'window: preset My talk$' "$here/log"
remembered faces 1
clicks "Delete preset" "preset My talk deleted"
! grep -q 'My talk' "$config" || fail "the preset is still there"

# What was said can be read again.
click Messages
shot messages
click Keys
shot help
at_least 20000 "help beside the panel" "$(differing messages help)"
key Escape
key q
ends 0
[ "$(grep -c '^wingtip: error' "$here/log")" -eq 1 ] || fail "other errors in the log"

# The next run is as this one was.
start --input "$here/face.png" --size 1000x700
press l "landmarks off"
press minus "at most 1 face"
key q
ends 0
echo passed
