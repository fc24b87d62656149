#!/bin/sh
# Wrong arguments, missing files and hostile files: the exit status is the promised one, standard
# error has exactly one line, which says what is wrong, and standard output is empty.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
# No display, even where the tests are started from a desktop.
unset DISPLAY WAYLAND_DISPLAY SDL_VIDEODRIVER
XDG_RUNTIME_DIR=$scratch
export XDG_RUNTIME_DIR
cases=0 failed=0

report() { # what is wrong with the case at hand
  echo "FAIL wingtip $line: $*"
  sed 's/^/     stderr: /' err
  failed=$((failed + 1))
}

# bad STATUS MESSAGE ARGUMENT...: MESSAGE is a part of the line.
bad() {
  want=$1 message=$2
  shift 2
  line=$*
  cases=$((cases + 1))
  timeout 600 "$WINGTIP_EXE" "$@" >out 2>err </dev/null
  got=$?
  if [ "$got" -ne "$want" ]; then
    report "exit status $got, not $want"
  elif [ "$(wc -l <err)" -ne 1 ]; then
    report "$(wc -l <err) lines on standard error, not one"
  elif ! grep -qF -- "$message" err; then
    report "does not say: $message"
  elif [ -s out ]; then
    report "output in spite of the error"
  fi
}

# good PATTERN ARGUMENT...: status 0, nothing on standard error but bench's word about other programs
# that run (they may), PATTERN on standard output.
good() {
  pattern=$1
  shift
  line=$*
  cases=$((cases + 1))
  timeout 600 "$WINGTIP_EXE" "$@" >out 2>err </dev/null
  got=$?
  if [ "$got" -ne 0 ]; then
    report "exit status $got"
  elif grep -qv '^wingtip: warning: other programs used' err; then
    report "something on standard error"
  elif ! grep -q -- "$pattern" out; then
    report "output lacks: $pattern"
  fi
}

# Files that lie about what they are.
: >empty
printf 'not what it says' >junk
mkdir folder
printf 'junk 1 2 3 4\n' >list.txt
awk 'BEGIN { printf "junk"; for (i = 0; i < 196; i++) printf " %d", i * i % 97 }' >not-a-picture.txt
printf 'none.png 1 2\n' >missing-image.txt
printf 'junk 1 2 x\n' >bad-number.txt
head -c 100000 "$WINGTIP_SOURCE/assets/wingtip-98.safetensors" >truncated.safetensors
printf '\377\377\377\377\377\377\377\177{}' >huge-header.safetensors
printf '\002\000\000\000\000\000\000\000{}' >no-tensors.safetensors

# The program itself
good 'Usage: wingtip' --help
good '^wingtip [0-9]' --version
for command in $("$WINGTIP_EXE" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
  good "Usage: wingtip $command" "$command" --help
  case $command in
    model | profile) bad 2 'unknown subcommand "--nonsense"' "$command" --nonsense ;;
    *) bad 2 'unknown option --nonsense' "$command" --nonsense ;;
  esac
done
bad 2 'unknown command "nonsense"' nonsense
bad 2 'unknown command ""' ''
bad 2 'did you mean bench?' benhc

# A reader that has had enough is no error.
cases=$((cases + 1))
line='--manual | true'
got=$({ { sleep 0.2; "$WINGTIP_EXE" --manual 2>err; echo $? >&3; } | true; } 3>&1)
[ "$got" -eq 141 ] && [ ! -s err ] || report "exit status $got, or a line"

# Options, and weights that cannot be used
bad 2 'did you mean --threads?' bench --thread 2
bad 2 '--threads needs a value' bench --threads
bad 2 '"two" is not a whole number' bench --threads two
bad 2 '99 is out of range (0 to 64)' bench --threads 99
bad 2 '0 is out of range' bench --runs 0
bad 2 'is given twice' bench --runs 1 --runs 1
bad 2 'unexpected argument "more"' bench more
bad 2 'exclude each other' bench --random 1x16 --model x
bad 2 'only with --random' bench --save x
bad 2 'is not stacks x width' bench --random fast
bad 2 'is not stacks x width' bench --random 1x16x98x
bad 2 '' bench --random 0x0
bad 2 '' bench --random 99x9999
bad 2 'known are auto, c, blas, sse2, neon' bench --cpu-mask sse9
bad 1 'No such file' bench --model none.safetensors
bad 1 'folder' bench --model folder
for file in empty junk truncated.safetensors huge-header.safetensors no-tensors.safetensors; do
  bad 1 "$file" bench --model "$file"
done
bad 1 'no-such-folder' bench --random 1x16 --save no-such-folder/x.safetensors
bad 2 'at most 1 and 1' bench --random 1x16 --stacks 2
good '"median_ms"' bench --random 1x16 --runs 1 --json -
good '"pause_ratio"' bench --random 1x16 --runs 2 --pause 5 --json -
good '"disturbed"' bench --random 1x16 --runs 1 --json -
bad 2 'out of range' bench --pause -1
good '"precision":.*int8' bench --random 1x16 --runs 1 --precision int8 --json -
good '"stacks_run":.1,' bench --random 2x16 --runs 1 --stacks 1 --json -

# Lists of faces
bad 2 '--data is missing' eval
bad 2 'is not one of ocular, pupil, box' eval --data list.txt --norm nose
bad 2 '--decoder published: not with --crop detector' eval --data list.txt --crop detector \
  --decoder published
bad 2 '--box-factor: only with --crop strict' eval --data list.txt --box-factor 2
bad 2 'exclude each other' eval --compare --merge a b
bad 2 'are for measuring, not for --merge' eval --merge a.json --data list.txt
bad 2 'are for measuring, not for --compare' eval --compare a.json b.json --shard 1/2
bad 2 '--compare takes two results, not 1' eval --compare a.json
bad 2 '--compare writes text or --json only' eval --compare a.json b.json --csv x.csv
bad 2 '--merge takes the results' eval --merge
bad 2 'a.json: give --report' eval --data list.txt a.json
bad 2 '"3/2" is not a part' eval --data list.txt --shard 3/2
bad 2 '"0/2" is not a part' eval --data list.txt --shard 0/2
bad 2 '"1/2x" is not a part' eval --data list.txt --shard 1/2x
bad 2 '2 parts, but only 1 pictures' eval --data not-a-picture.txt --shard 1/2
bad 1 'none.json' eval --merge none.json
bad 1 'junk: not a JSON file' eval --compare junk junk
printf '{}' >object.json
bad 1 'object.json: no result of wingtip eval' eval --merge object.json
bad 1 'the list has no boxes' eval --data not-a-picture.txt --crop official
bad 1 'the list has no boxes' eval --data not-a-picture.txt --crop strict
bad 1 'none.txt' eval --data not-a-picture.txt --subsets none.txt
printf 'other blur\n' >subsets.txt
bad 1 'subsets.txt:1: other: not in the list' eval --data not-a-picture.txt --subsets subsets.txt
bad 1 ':1: junk: Not a directory' eval --data not-a-picture.txt --images junk
bad 1 ':1: junk: No such file' eval --data not-a-picture.txt --images folder
bad 1 'none.txt' eval --data none.txt
bad 1 'folder' eval --data folder
bad 1 'no face in this list' eval --data empty
bad 1 'junk:1' eval --data junk
bad 1 'none.png: No such file' eval --data missing-image.txt
bad 1 'bad-number.txt:1: field 4' eval --data bad-number.txt
bad 1 'line 1 of the list has 2 points' eval --data list.txt
bad 1 'junk' eval --data not-a-picture.txt
bad 1 'truncated' eval --data not-a-picture.txt --model truncated.safetensors

# Inputs and outputs of track
clip=$WINGTIP_SOURCE/assets/demo.mp4
head -c 3000 "$clip" >cut.mp4
bad 2 'INPUT is missing' track
bad 2 'nothing to write' track "$clip"
bad 2 'jitter measures raw and smoothed points at once, and writes nothing: not with -o, --csv' \
  track "$clip" --jitter --csv x.csv
bad 2 'not with --smooth' track "$clip" --jitter --no-smooth
bad 1 'No such file' track none.mp4 --csv x.csv
bad 1 'junk' track junk --csv x.csv
bad 1 'empty' track empty --csv x.csv
bad 1 'folder' track folder --csv x.csv
bad 1 'cut.mp4' track cut.mp4 --csv x.csv
bad 1 'img_%04d.png' track 'img_%04d.png' --csv x.csv
bad 2 'size' track - --csv x.csv
bad 2 '640' track - --size 640 --csv x.csv
bad 2 'out of range (1 to 32)' track "$clip" --faces 99 --csv x.csv
bad 2 'overwrite the input' track junk --csv junk
bad 2 'give --stills (a video cannot be divided' track "$clip" --shard 1/2 --csv x.csv
bad 2 'only pictures can be divided' track "$clip" --stills --shard 1/2 --csv x.csv
bad 2 'not those of -o' track "$clip" --stills --shard 1/2 -o x.mkv
bad 2 'raw frames on standard input cannot' track - --size 8x8 --stills --shard 1/2 --csv x.csv
bad 2 '"1/0" is not a part' track folder --stills --shard 1/0 --csv x.csv
bad 2 '2 parts, but only 1 pictures' track "$WINGTIP_SOURCE/assets/screenshots/landmarks.jpg" --stills \
  --shard 1/2 --csv x.csv
bad 2 'twice' track "$clip" --csv - --jsonl -
bad 2 "unknown name 'nonsense'" track "$clip" --detector nonsense --csv x.csv
bad 1 'truncated' track "$clip" --model truncated.safetensors --csv x.csv
bad 1 'no-such-folder' track "$clip" -o no-such-folder/x.mkv
bad 1 'no-such-folder' track "$clip" --csv no-such-folder/x.csv
bad 1 'Is a directory' track "$clip" --jsonl folder
bad 1 'No space left' track "$clip" -o /dev/full
[ "$(cat junk)" = 'not what it says' ] || {
  echo "FAIL a file of the user's was changed"
  failed=$((failed + 1))
}
[ ! -e x.csv ] || {
  echo "FAIL a failed run left x.csv"
  failed=$((failed + 1))
}

# No output destroys an input or another output, under whatever name, and what cannot be written is
# said before the work: the pictures of this list are none, which would be said next.
cp "$WINGTIP_SOURCE/tests/program/small.safetensors" net.safetensors
cp not-a-picture.txt kept.txt
for option in --json --csv --report; do
  bad 2 'kept.txt: would overwrite the input' eval --data kept.txt "$option" ./kept.txt
  bad 2 'net.safetensors: would overwrite the input' eval --data kept.txt --model net.safetensors "$option" net.safetensors
  bad 1 'no-such-folder/x: cannot write' eval --data kept.txt "$option" no-such-folder/x
done
bad 2 'kept.txt: would overwrite the input' eval --data none.txt --subsets kept.txt --csv kept.txt
bad 2 'object.json: would overwrite the input' eval --merge object.json --json object.json
bad 2 '../new: named as output twice' eval --data kept.txt --json new --csv folder/../new
bad 2 'takes --json only' eval --data kept.txt --csv -
bad 2 'takes --json only' eval --data kept.txt --report -
bad 2 'kept.txt: would overwrite the input' model quantize net.safetensors kept.txt --data kept.txt
bad 1 'no-such-folder/x: cannot write' model quantize net.safetensors no-such-folder/x --data kept.txt
bad 2 'net.safetensors: would overwrite the input' bench --model net.safetensors --json net.safetensors
bad 2 'net.safetensors: would overwrite the input' model info net.safetensors --json ./net.safetensors
bad 2 'x.json: named as output twice' bench --random 1x16 --save x.json --json ./x.json
bad 1 'no-such-folder/x: cannot write' bench --model net.safetensors --json no-such-folder/x
bad 2 'net.safetensors: would overwrite the input' doctor --model net.safetensors --json net.safetensors
bad 2 'net.safetensors: would overwrite the input' track "$clip" --model net.safetensors --csv net.safetensors
bad 2 './x.csv: named as output twice' track "$clip" --csv x.csv --jsonl ./x.csv
cmp -s net.safetensors "$WINGTIP_SOURCE/tests/program/small.safetensors" && cmp -s kept.txt not-a-picture.txt &&
  [ "$(cat object.json)" = '{}' ] || {
  echo "FAIL an output destroyed an input"
  failed=$((failed + 1))
}

# The bundled detector goes by its name, as bundled weights of landmarks do.
line="doctor --detector wingtip-detector"
cases=$((cases + 1))
"$WINGTIP_EXE" doctor --detector wingtip-detector >named 2>err </dev/null
grep -q 'network  *[0-9.e+]* ms in a picture' named || report "no network as detector"
bad 1 'not a face detector' track "$WINGTIP_SOURCE/assets/screenshots/landmarks.jpg" --csv y.csv \
  --detector wingtip-98

# Without a display there is no window, and nothing else happens.
bad 1 'no display for a window' live --input "$clip"

# doctor: what it tries and fails at is a finding, not an error line
good 'wingtip [0-9]' doctor
good '"findings"' doctor --json -
good 'failures$' doctor --cpu-mask c
bad 1 'no-such-folder' doctor --json no-such-folder/x.json

echo "$cases cases, $failed failed"
[ "$cases" -gt 20 ] && [ "$failed" -eq 0 ]
