#!/bin/sh
# What is remembered between runs, what wins over it, and what bad files do.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
make_picture 2 face

# once ARGUMENT...: a run that ends by itself.
once() {
  launch --input "$here/face.png" --frames 1 --size 640x480 "$@"
  ends 0
}

# Bad lines are named with file, line, key and reason; the rest is used.
cat >"$config" <<'END'
# mine
faces = 99
status = line
fcaes = 2
nonsense
show = heatmaps
hints = no
END
cp "$config" "$here/before"
once --last-picture "$here/heat.png"
for line in '2: faces: 99 is out of range (1 to 32)' '4: fcaes: unknown key; did you mean faces?' \
  '5: nonsense: not a line like key = value'; do
  grep -qF "warning: $config:$line" "$here/log" || fail "nothing about line $line"
done
[ "$(grep -c 'warning: ' "$here/log")" -eq 3 ] || fail "other warnings"
cmp "$config" "$here/before" || fail "a run without changes has changed the file"

# The command line wins, and is not remembered.
once --show none --status off --last-picture "$here/none.png"
at_least 3000 "heatmaps of the file" "$(differing none heat)"
cmp "$config" "$here/before" || fail "the command line was remembered"
once --no-config --status off --last-picture "$here/points.png"
grep -q 'warning: ' "$here/log" && fail "--no-config has read the file"
at_least 300 "landmarks without a file" "$(differing none points)"

# What is changed is written, between the lines that are there, also when the program is killed.
start --input "$here/face.png" --size 640x480
press b "boundary on"
remembered show heatmaps,boundary
grep -qx '# mine' "$config" || fail "a comment is gone"
grep -qx nonsense "$config" || fail "a line is gone"
press minus "at most 3 faces"
remembered faces 3
kill -9 "$program_pid"
ends 137
start --input "$here/face.png" --size 640x480
press b "boundary off"
press plus "at most 4 faces"
key q
ends 0
grep -qx 'faces = 4' "$config" || fail "what was changed last is not remembered on quitting"

# Another file, other presets.
other=$here/other.conf
printf 'hints = no\n[talk]\nshow = boxes\nfaces = 7\n' >"$other"
start --input "$here/face.png" --size 640x480 --config "$other" --preset talk
press plus "at most 8 faces"
key q
ends 0
grep -qx 'faces = 8' "$other" || fail "--config FILE is not written"
printf 'hints = no\nfaces = 8\n[talk]\nshow = boxes\nfaces = 7\n' | cmp - "$other" ||
  fail "--config FILE is not what it should be: $(cat "$other")"

# A preset's address is in the field that it is switched on with, whatever stood there.
printf 'hints = no\n[one]\nosf-udp = 127.0.0.1:20001\n[two]\nosf-udp = 127.0.0.1:20002\n' >"$here/two.conf"
start --input "$here/face.png" --size 900x700 --config "$here/two.conf"
press Tab "panel opened"
unfold Presets Preset
unfold Streams OpenSeeFace
choose Preset one
wait_for "the first address" grep -q "window: OpenSeeFace: 127.0.0.1:20001" "$here/log"
wait_for "its field" listed "OSF to"
choose Preset two
wait_for "the second address" grep -q "window: OpenSeeFace: 127.0.0.1:20002" "$here/log"
clicks OpenSeeFace "OpenSeeFace off"
clicks OpenSeeFace "OpenSeeFace: 127.0.0.1:20002"
key q
ends 0

# Nothing is written with --no-config, and a file that does not exist is made.
cp "$config" "$here/before"
start --input "$here/face.png" --size 640x480 --no-config
press m "heatmaps on"
key q
ends 0
cmp "$config" "$here/before" || fail "--no-config has written"
start --input "$here/face.png" --size 640x480 --config "$here/new/folder/my.conf"
press m "heatmaps on"
key q
ends 0
grep -qx 'show = landmarks,heatmaps' "$here/new/folder/my.conf" || fail "no new file of settings"

# Wrong use.
refused() {
  text=$1
  shift
  timeout "$hangs" "$WINGTIP_EXE" live "$@" >"$here/out" 2>"$here/log"
  got=$?
  [ "$got" -eq 2 ] || fail "live $*: exit status $got"
  [ "$(grep -c '^wingtip: error' "$here/log")" -eq 1 ] || fail "live $*: not one error line"
  grep -q -- "$text" "$here/log" || fail "live $*: nothing about \"$text\""
}
refused 'has no preset "nobody"; it has: talk' --config "$other" --preset nobody
refused 'has no preset' --preset nobody
refused 'needs a file' --no-config --preset talk
refused 'needs a file' --no-config --config "$other"

# A file that cannot be written: a line, and the window goes on. (root may write everywhere.)
mkdir "$here/dir.conf"
start --input "$here/face.png" --size 640x480 --config "$here/dir.conf"
grep -q 'error: .*dir.conf' "$here/log" || fail "nothing about a folder instead of a file"
press m "heatmaps on"
key q
ends 0

# Remembered things that are gone do not keep the window from opening.
printf 'hints = no\ncamera = Gone Cam\nmodel = %s\n' "$here/face.png" >"$config"
model=
launch --frames 1 --size 640x480
ends 0
grep -q 'Gone Cam' "$here/log" || fail "nothing about the camera"
grep -q 'the remembered model cannot be used' "$here/log" || fail "nothing about the model"
model=accurate

# The first start says which keys help; the second does not.
rm "$config"
launch --input "$here/face.png" --frames 1 --size 640x480 --status off --last-picture "$here/first.png"
ends 0
launch --input "$here/face.png" --frames 1 --size 640x480 --status off --last-picture "$here/later.png" --hints=no
ends 0
at_least 1000 "the hint" "$(differing first later 640x150+0+330)"
start --input "$here/face.png" --size 640x480
press Tab "panel opened"
remembered hints no
key q
ends 0
echo passed
