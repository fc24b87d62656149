#!/bin/sh
# Nothing of the user's is lost: what outputs were before stays until there is something better, on
# a full disk, with a broken input, with a second output that cannot be opened; what a program that
# is killed has written is there, and what it leaves beside goes with the next run.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
for tool in ffmpeg ffprobe mkfifo; do
  command -v "$tool" >/dev/null || {
    echo "$tool is not installed"
    [ -n "${CI-}" ] && exit 1
    exit 77
  }
done
scratch=$(mktemp -d)
pid=
finish() {
  [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
  rm -rf "$scratch"
}
trap finish EXIT
cd "$scratch" || exit 1
failed=0
hangs=3000 # tenths of a second
model='--model fast --faces 1'

# shellcheck source=../checks.sh disable=SC1091
. "$(dirname "$0")/../checks.sh"
track() {
  # shellcheck disable=SC2086
  "$WINGTIP_EXE" track $model "$@" >out 2>err
}
frames() {
  ffprobe -v error -count_frames -select_streams v -show_entries stream=nb_read_frames \
    -of csv=p=0 "$1" 2>/dev/null | tr -d ',\n'
}
no_parts() { # which there are is shown on failure
  find . -name '*.wingtip-part*'
  [ "$(find . -name '*.wingtip-part*' | wc -l)" -eq 0 ]
}
errors() { [ "$(grep -c '^wingtip: error' err)" -eq "$1" ]; }
fresh() { cp good.mkv old.mkv && cp good.mp4 old.mp4 && cp good.csv old.csv && cp good.jsonl old.jsonl; }
unchanged() {
  cmp good.mkv old.mkv && cmp good.mp4 old.mp4 && cmp good.csv old.csv && cmp good.jsonl old.jsonl && no_parts
}
whole_rows() { # FILE ROWS: of a CSV with header
  [ "$(tail -c 1 "$1" | od -An -tx1 | tr -d ' ')" = 0a ] &&
    [ "$(awk -F, 'NR == 1 { n = NF } NF != n { bad = 1 } END { print bad ? "bad" : NR - 1 }' "$1")" = "$2" ]
}

ffmpeg -nostdin -v error -i "$WINGTIP_SOURCE/assets/demo.mp4" -frames:v 20 -vf scale=320:-2 -c:v libx264 \
  -qp 10 -bf 0 clip.mkv || exit 1
ffmpeg -nostdin -v error -i clip.mkv -frames:v 1 one.png || exit 1
ffmpeg -nostdin -v error -i clip.mkv -f rawvideo -pix_fmt bgr24 raw || exit 1
size=$(ffprobe -v error -show_entries stream=width,height -of csv=p=0:s=x clip.mkv)
frame_bytes=$(($(wc -c <raw) / 20))
track clip.mkv -o good.mkv --csv good.csv --jsonl good.jsonl
ok "a good run" [ $? -eq 0 ]
track clip.mkv -o good.mp4
ok "20 frames" [ "$(frames good.mkv)" = 20 -a "$(frames good.mp4)" = 20 ]
ok "nothing beside" no_parts

# ---- what fails before the first frame --------------------------------------------------------
: >empty.mp4
echo 'not a video' >junk.mp4
head -c 3000 clip.mkv >head.mkv # a container's head, no frame
fresh
keeps() { # WHAT STATUS ARGUMENT...
  case=$1 want=$2
  shift 2
  track "$@" </dev/null
  got=$?
  ok "$case: exit status" [ "$got" -eq "$want" ]
  ok "$case: one error" errors 1
  ok "$case: nothing lost" unchanged
}
keeps "a second output in no folder" 1 clip.mkv -o old.mkv --csv no/x.csv
keeps "a third output in no folder" 1 clip.mkv -o old.mp4 --csv old.csv --jsonl no/x.jsonl
keeps "an output that is a folder" 1 clip.mkv -o old.mkv --csv old.csv --jsonl "$scratch"
keeps "an empty input" 1 empty.mp4 -o old.mkv --csv old.csv --jsonl old.jsonl
keeps "an input that is no video" 1 junk.mp4 -o old.mp4 --csv old.csv
keeps "an input without a frame" 1 head.mkv -o old.mkv --csv old.csv --jsonl old.jsonl
keeps "no raw frames" 1 - --size "$size" -o old.mkv --csv old.csv --jsonl old.jsonl
mkdir r && : >r/a.png
keeps "a folder without a picture" 1 r -o old.mkv --csv old.csv
head -c $((frame_bytes / 2)) raw | track - --size "$size" -o old.mkv --csv old.csv --jsonl old.jsonl
ok "half a frame: nothing lost" unchanged
track clip.mkv -o new.mkv --csv no/x.csv
ok "nothing new after a failure" [ ! -e new.mkv ]

# Pictures of the folder or of the pattern are inputs, too.
mkdir album && cp one.png album/
for output in -o --csv --jsonl; do
  track album "$output" ./album/../album/one.png
  ok "a picture of the folder by $output: exit status" [ $? -eq 2 ]
  ok "a picture of the folder by $output: a line" grep -q 'may be the input' err
  track 'album/*.png' "$output" album/one.png
  ok "a picture of the pattern by $output: exit status" [ $? -eq 2 ]
done
ok "it is as it was" cmp one.png album/one.png
track album -o album/new.png
ok "a new one beside it" [ -s album/new.png ]

# ---- an input that breaks off, a disk that fills up -------------------------------------------
head -c $((frame_bytes * 5 + 77)) raw | track - --size "$size" -o part.mkv --csv old.csv
ok "broken off: exit status" [ $? -eq 1 ]
ok "broken off: a line" grep -q 'ends within frame 6' err
ok "what was tracked is kept" [ "$(frames part.mkv)" = 5 ]
ok "in whole rows, also instead of an old file" whole_rows old.csv 5
fresh
ffmpeg -nostdin -v error -i clip.mkv -c copy -movflags +faststart whole.mp4 || exit 1
head -c $(($(wc -c <whole.mp4) * 2 / 3)) whole.mp4 >cut.mp4
track cut.mp4 -o old.mp4 --csv old.csv
ok "a video that is cut: exit status" [ $? -eq 1 ]
ok "a video that is cut: a line" grep -q 'cut.mp4: broke off' err
kept=$(frames old.mp4)
ok "a video that is cut: what there is" [ "$kept" -ge 5 -a "$kept" -lt 20 ]
ok "a video that is cut: as many rows" whole_rows old.csv "$kept"
ok "nothing beside" no_parts

# A limit of file sizes stands for the disk: it can be set everywhere. Blocks of 512 bytes.
full() { # BLOCKS ARGUMENT...
  blocks=$1
  shift
  # shellcheck disable=SC2086
  (ulimit -f "$blocks" && exec "$WINGTIP_EXE" "$@" >out 2>err)
}
fresh
# shellcheck disable=SC2086
{
  full 40 track $model clip.mkv -o old.mkv
  ok "full disk, video: exit status" [ $? -eq 1 ]
  ok "full disk, video: one error" errors 1
  full 20 track $model clip.mkv --csv old.csv --jsonl old.jsonl
  ok "full disk, tables: exit status" [ $? -eq 1 ]
  full 40 track $model clip.mkv -o old.mp4 --csv old.csv
  full 8 track $model one.png -o old.png
  ok "full disk, picture: exit status" [ $? -eq 1 ]
  ok "full disk: nothing lost" unchanged
  full 60 track $model clip.mkv -o fresh.mkv
  ok "full disk: a new video plays up to there" [ "$(frames fresh.mkv)" -ge 1 ]
  full 20 track $model clip.mkv --csv fresh.csv
  ok "full disk: a new table has whole rows" whole_rows fresh.csv "$(($(wc -l <fresh.csv) - 1))"
  ok "full disk: and some" [ "$(wc -l <fresh.csv)" -gt 2 ]
}
cp one.png old.png
full 8 track --model fast one.png -o old.png
ok "full disk: an old picture" cmp one.png old.png
full 8 model export "$WINGTIP_SOURCE/tests/program/small.safetensors" old.onnx
ok "full disk, export: exit status" [ $? -eq 1 ]
ok "full disk, export: nothing left" [ ! -e old.onnx ]
ok "nothing beside" no_parts

# ---- signals ----------------------------------------------------------------------------------
# fed FRAMES ARGUMENT...: runs track on a pipe that gives so many frames and stays open, until it has told of them. SIGHUP
# counts even where the test itself was started to ignore it, unless hangup is set.
fed() {
  n=$1
  shift
  rm -f pipe lines rows
  mkfifo pipe lines
  cat lines >rows &
  # shellcheck disable=SC2086
  ${hangup-env --default-signal=HUP} "$WINGTIP_EXE" track - --size "$size" $model --jsonl lines "$@" <pipe >out 2>err &
  pid=$!
  exec 9>pipe
  head -c $((frame_bytes * n)) raw >&9
  within "$n frames" told "$n"
}
told() { [ "$(wc -l <rows)" -ge "$1" ]; }
ended() {
  wait "$pid"
  got=$?
  pid=
  exec 9>&-
}
for signal in HUP TERM INT; do
  fresh
  fed 7 -o old.mkv --csv new.csv
  kill -"$signal" "$pid"
  [ "$signal" != HUP ] || kill -HUP "$pid" # the terminal and its shell both say it
  ended
  ok "SIG$signal: exit status" [ "$got" -eq 1 ]
  ok "SIG$signal: a line" grep -q 'stopped after 7 frames' err
  ok "SIG$signal: the video" [ "$(frames old.mkv)" = 7 ]
  ok "SIG$signal: the table" whole_rows new.csv 7
  rm new.csv
done
fresh
fed 3 -o old.mkv --csv old.csv
kill -INT "$pid"
kill -INT "$pid"
ended
ok "Ctrl-C twice: all of it or nothing" [ "$(frames old.mkv)" = 20 -o "$(frames old.mkv)" = 3 ]
track clip.mkv -o old.mkv --csv old.csv # the second may come before the first is followed
ok "Ctrl-C twice: the next run clears what was left" no_parts
fresh

# nohup: the end of the terminal is nothing.
(
  trap '' HUP
  hangup=
  fed 3 --csv nohup.csv
  kill -HUP "$pid"
  head -c "$frame_bytes" raw >&9
  within "a fourth frame" told 4
  exec 9>&-
  ended
  exit "$got"
)
ok "nohup: goes on to the end" [ $? -eq 0 ]
ok "nohup: all rows" whole_rows nohup.csv 4

# ---- killed -----------------------------------------------------------------------------------
# Without a further frame and without an end, all but the last half second comes to the disk.
has() { [ "$(frames "$1")" -ge "$2" ]; }
for ending in mkv mp4; do
  for n in 2 5 18; do
    rm -f new.*
    fed "$n" -o "new.$ending" --csv new.csv
    within "$n frames on the disk" has "new.$ending" "$((n - 1))"
    kill -9 "$pid"
    ended
    ok "killed at frame $n: .$ending plays" has "new.$ending" "$((n - 1))"
    ok "killed at frame $n: no table under its name" [ ! -e new.csv ]
    ok "killed at frame $n: rows beside it" whole_rows new.csv.wingtip-part "$n"
  done
done
track clip.mkv --csv new.csv
ok "the next run clears what was left" no_parts

# At any moment, over files that are there: the old one or the new one, never less.
old_or_new() { # FILE GOOD
  cmp -s "$1" "$2" || [ "$(frames "$1")" = 20 ]
}
old_or_new_rows() { cmp -s "$1" "$2" || whole_rows "$1" 20; }
for pause in 0.02 0.1 0.15 0.2 0.25 0.3 0.35 0.4 0.45 0.5 0.6 0.8; do
  fresh
  # shellcheck disable=SC2086
  "$WINGTIP_EXE" track $model clip.mkv -o old.mkv --csv old.csv --jsonl old.jsonl >out 2>err &
  pid=$!
  sleep "$pause"
  kill -9 "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  pid=
  ok "killed after $pause s" old_or_new old.mkv good.mkv
  ok "killed after $pause s: rows" old_or_new_rows old.csv good.csv
done
track clip.mkv -o old.mkv --csv old.csv --jsonl old.jsonl
ok "nothing is left of twelve kills" no_parts
ok "and the last run is whole" [ "$(frames old.mkv)" = 20 ]

# Large frames do not pile up: 8192 x 8192 pixels are 201 MB a frame, and encoders hold some for each
# processor. Address space, which the address sanitizer takes without measure.
large_frames() {
  head -c $((8192 * 8192 * 3 * 6)) /dev/zero |
    prlimit --as=$(((7 + $(nproc)) * 512 * 1024 * 1024)) "$WINGTIP_EXE" track - --size 8192x8192 --model fast \
      -o large.mkv >out 2>err &&
    [ "$(ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0 large.mkv)" = 6 ]
}
[ -n "${ASAN_OPTIONS-}" ] || ok "frames of 8192 x 8192 in bounded memory" large_frames
exit "$((failed > 0))"
