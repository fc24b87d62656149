#!/bin/sh
# What goes wrong ends with one line and the right status.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
model=fast
echo 'no video' >"$here/text.mp4"

# refused STATUS TEXT ARGUMENT...: one error line that contains the text.
refused() {
  status=$1 text=$2
  shift 2
  timeout "$hangs" "$WINGTIP_EXE" live "$@" >"$here/out" 2>"$here/log"
  got=$?
  [ "$got" -eq "$status" ] || fail "live $*: exit status $got, expected $status"
  [ "$(grep -c '^wingtip: error' "$here/log")" -eq 1 ] || fail "live $*: not one error line"
  grep -q -- "$text" "$here/log" || fail "live $*: nothing about \"$text\""
}

refused 1 'missing.mp4' --input "$here/missing.mp4"
refused 1 'text.mp4' --input "$here/text.mp4"
refused 1 'text.mp4' --model "$here/text.mp4" --input "$(clip)"
refused 1 '' --camera 'no such camera'
refused 2 'only one of' --input a --camera 0
refused 2 'only one of' --input a b
refused 2 'size' --size 12 --input "$(clip)"
refused 2 'heat' --show heat --input "$(clip)"
refused 2 'track' --input -
refused 2 'faces' --faces 99
export SDL_VIDEODRIVER=x11
real=$DISPLAY
DISPLAY=:987654
refused 1 'no display' --input "$(clip)"
DISPLAY=$real

# A recording that cannot be written: a message, and the window goes on; the status tells.
start --input "$(clip)" --loop --size 320x240 --record "$here/no/such/folder.mkv"
wait_for "a line about the recording" grep -q 'no/such/folder.mkv' "$here/log"
shot still
key q
ends 1

# A folder for screenshots that is not there is made; one that cannot be, as a file is in the way: a message.
folder=$here/new/deeper
start --input "$(clip)" --loop --size 320x240
press s "saved $folder/wingtip-"
key q
ends 0
[ "$(find "$folder" -name 'wingtip-*.png' | wc -l)" -eq 1 ] || fail "no screenshot in the new folder"
folder=$here/text.mp4
start --input "$(clip)" --loop --size 320x240
key s
wait_for "a line about the folder" grep -q 'error: .*text.mp4: cannot make this folder: Not a directory' "$here/log"
key q
ends 1
grep -qx 'no video' "$here/text.mp4" || fail "the file in the way is lost"
folder=

# Without --model the computer decides, and says so; 128-bit vectors are too slow for the accurate one.
model=
start --input "$here/still.png" --cpu-mask sse2
wait_for "a line about the fast model" grep -q 'model: fast, as a pass' "$here/log"
key q
ends 0
model=accurate
start --input "$here/still.png" --cpu-mask sse2
! grep -q 'model: ' "$here/log" || fail "--model accurate: chosen again"
key q
ends 0
echo passed
