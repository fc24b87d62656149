#!/bin/sh
# `wingtip label`: a folder of pictures and a video, from face to face, on again where it ended; what comes of it as
# `wingtip eval` reads it.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
mkdir "$here/in a"
for second in 1 2 4; do
  make_picture "$second" "in a/$second"
done
list=$here/faces.txt

# open_label ARGUMENT...: as start of lib.sh, for this command.
open_label() {
  : >"$here/log"
  "$WINGTIP_EXE" label --model fast --log-level debug --size 1000x760 "$@" >"$here/out" 2>"$here/log" &
  program_pid=$!
  wait_for "the window" find_window
}
lines() { grep -c png "$list"; }
# Where a point was drawn last: X Y.
spot() { place "point $1" | cut -d ' ' -f 1,2; }
drawn() { [ -n "$(spot 16)" ]; }

# What cannot be done is one line, and the right status.
refused() {
  "$WINGTIP_EXE" label "$@" >"$here/out" 2>"$here/log"
  [ $? -eq "$status" ] || fail "another exit status than $status: label $*"
  [ "$(grep -c error: "$here/log")" -eq 1 ] || fail "not one error line: label $*"
}
status=2
refused "$here/in a"
status=1
refused "$here/nothing" --out "$list"
[ ! -e "$here/faces.start.txt" ] || fail "a start of nothing"

# Without a window: the points to start from, an ordinary list.
"$WINGTIP_EXE" label --model fast "$here/in a" --out "$list" --no-window >"$here/out" 2>"$here/log" || fail "no start"
faces=$(grep -c png "$here/faces.start.txt")
[ "$faces" -ge 3 ] || fail "$faces faces in three pictures"
"$WINGTIP_EXE" eval --model fast --data "$here/faces.start.txt" >"$here/out" || fail "eval cannot read the start"

# The first face: a point dragged, one hidden, written at once.
open_label "$here/in a" --out "$list"
wait_for "points" drawn
[ ! -e "$list" ] || fail "a list before anything was labelled"
# shellcheck disable=SC2046
set -- $(spot 16) $(spot 90)
mouse "$1" "$(($2 - 1))"
mouse "$1" "$2"
sleep 0.2
xdotool mousedown 1
mouse "$1" "$(($2 + 10))"
mouse "$1" "$(($2 + 20))"
sleep 0.2
xdotool mouseup 1
mouse "$3" "$4"
sleep 0.2
xdotool click 3
wait_for "a hidden point" more_than 0 "cannot be seen"
press Return "face 2 of $faces"
[ "$(lines)" -eq 1 ] || fail "not one label"
grep -q "^# face 1 hidden [0-9]" "$list" || fail "the hidden point is not in the list"
# Esc and C keep nothing from going on; Page Down and Up only look; Backspace skips.
press c "Enter labels this face"
press Next "face 3 of $faces"
press Prior "face 2 of $faces"
press BackSpace "face 3 of $faces"
grep -q "^# face 2 skipped" "$list" || fail "the skipped face is not in the list"
kill -9 "$program_pid" # what is labelled is on the disk
wait "$program_pid" 2>/dev/null
program_pid=''
cp "$list" "$here/before.txt"

# On with the third.
open_label "$here/in a" --out "$list"
wait_for "the third face" more_than 0 "window: face 3 of $faces"
cmp -s "$list" "$here/before.txt" || fail "the list has changed by opening it"
wait_for "points" drawn
n=3
while [ "$n" -lt "$faces" ]; do
  n=$((n + 1))
  press Return "face $n of $faces"
done
press Return "all faces have been seen: $((faces - 1)) labelled, 1 skipped"
key q
ends 0
grep -q "$((faces - 1)) labelled, 1 skipped" "$here/out" || fail "nothing is said at the end"

# The way back: eval reads all of it, and finds what was dragged.
"$WINGTIP_EXE" eval --model fast --data "$list" --json "$here/eval.json" >"$here/out" || fail "eval cannot read the list"
grep -q "$((faces - 1)) faces of 98 points" "$here/out" || fail "eval reads another number of faces"
first() { grep -m 1 png "$1" | sed 's/^"[^"]*"//' | cut -d ' ' -f 34,35; }
[ "$(first "$list")" != "$(first "$here/faces.start.txt")" ] || fail "the dragged point is where it was"

# Other options are no going on; nothing is lost.
status=2
refused "$here/in a" --out "$list" --faces 1
grep -q "^# face 1 hidden" "$list" || fail "the list is gone"
# A list that was not made so, either.
mkdir "$here/other"
echo "x.png 1 2 3 4" >"$here/other/mine.txt"
refused "$here/in a" --out "$here/other/mine.txt"
[ "$(cat "$here/other/mine.txt")" = "x.png 1 2 3 4" ] || fail "a list of the user's was overwritten"

# Of a video its hardest frames, cut out; and the list is a start in its turn.
"$WINGTIP_EXE" label --model fast "$(clip)" --hard 4 --out "$here/hard.txt" --no-window >"$here/out" 2>"$here/log" ||
  fail "no hard frames"
[ "$(grep -c hard- "$here/hard.start.txt")" -ge 4 ] || fail "less than four hard frames"
"$WINGTIP_EXE" eval --model fast --data "$here/hard.start.txt" >"$here/out" || fail "eval cannot read the hard frames"
"$WINGTIP_EXE" label "$list" --out "$here/again.txt" --no-window >"$here/out" 2>"$here/log" || fail "no start of a list"
[ "$(grep -c png "$here/again.start.txt")" -eq "$((faces - 1))" ] || fail "other faces than in the list"
refused "$here/in a" --hard 3 --out "$here/pictures.txt"

# Stopped on the way, nothing is left of it, and what was there stays.
mkdir "$here/kept.pictures"
echo mine >"$here/kept.pictures/mine.png"
for name in stopped kept; do
  "$WINGTIP_EXE" label --model fast "$(clip)" --every 0.01 --out "$here/$name.txt" --no-window >"$here/out" \
    2>"$here/log" &
  program_pid=$!
  wait_for "pictures of $name" sh -c "ls '$here/$name.pictures/'00*.png 2>/dev/null | grep -q ."
  kill -TERM "$program_pid"
  wait "$program_pid" && fail "a start that was stopped: $name"
  program_pid=''
  [ "$(grep -c error: "$here/log")" -eq 1 ] || fail "not one error line: $name"
  [ ! -e "$here/$name.start.txt" ] || fail "a start that was not finished: $name"
done
[ ! -e "$here/stopped.pictures" ] || fail "pictures of a start that was stopped"
[ "$(ls "$here/kept.pictures")" = mine.png ] || fail "not what was in the folder before"
