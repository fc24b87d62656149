#!/bin/sh
# Work on many faces or pictures, each on a thread of its own, gives the same files for any number of
# threads, and the same one line about a picture that cannot be read.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0

say() { # WHAT, and whether the last command did it
  if [ "$2" -eq 0 ]; then
    echo "ok   $1"
  else
    echo "FAIL $1"
    sed 's/^/     /' err
    failed=$((failed + 1))
  fi
}

# same WHAT FILE STATUS COMMAND...: the command leaves the same FILE, exit status and lines on standard
# error with 1, 2 and 5 threads.
same() {
  what=$1 file=$2 status=$3
  shift 3
  for threads in 1 2 5; do
    rm -f "$file"
    "$@" --threads $threads >out 2>err </dev/null
    got=$?
    [ "$got" -eq "$status" ] && [ -s "$file" ]
    say "$what, $threads threads: status $got" $?
    cp "$file" $threads.file
    grep -e warning: -e error: err >$threads.err
    cmp $threads.file 1.file && cmp $threads.err 1.err
    say "$what, $threads threads: as with one" $?
  done
}

small() { # COMMAND...: with the small network
  "$WINGTIP_EXE" "$@" --model "$WINGTIP_SOURCE/tests/program/small.safetensors" --precision f32
}

# The fast network is sure of its faces, which the small one is not.
track() {
  "$WINGTIP_EXE" track pictures --stills --model fast --csv track.csv "$@"
}

track_all() { # every kind of output, put together in `all`; of the video the pixels
  track --jsonl track.jsonl --heatmaps -o track.mkv "$@" &&
    ffmpeg -v error -nostdin -i track.mkv -f framemd5 video.txt -y &&
    cat track.csv track.jsonl video.txt >all
}

eval_json() { # without times and the number of threads, which are no results
  small eval --data faces.txt --json eval.json "$@" &&
    sed -i -e '/"times_ms"/,/}/d' -e '/"threads"/d' eval.json
}

# Pictures of the demo clip's two faces, and a list of the first face of each.
mkdir pictures
ffmpeg -v error -nostdin -i "$WINGTIP_SOURCE/assets/demo.mp4" -vf fps=1,scale=160:120 -frames:v 10 \
  pictures/%02d.png || exit 1
same 'track --stills' all 0 track_all
awk -F ', *' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  $at["face_id"] == 1 {
    printf "pictures/%02d.png", $1
    for (i = 0; i < 98; i++) printf " %s %s", $at["x_" i], $at["y_" i]
    print "" }' track.csv >faces.txt
[ "$(wc -l <faces.txt)" -ge 8 ]
say "$(wc -l <faces.txt) pictures with faces" $?

same 'eval, CSV' eval.csv 0 small eval --data faces.txt --csv eval.csv
same 'eval, JSON' eval.json 0 eval_json
same 'eval with the detector' eval.csv 0 "$WINGTIP_EXE" eval --data faces.txt --model fast --crop detector --csv eval.csv
same 'model quantize' int8.safetensors 0 "$WINGTIP_EXE" model quantize \
  "$WINGTIP_SOURCE/tests/program/small.safetensors" int8.safetensors --data faces.txt

# A broken picture: track goes on with the others and says so at the end, eval ends.
head -c 1000 pictures/05.png >cut.png
mv cut.png pictures/05.png
same 'track --stills, a broken picture' track.csv 1 track
[ "$(wc -l <5.err)" -eq 2 ] && [ "$(grep -c '05.png' 5.err)" -eq 1 ] && grep -q '1 of 10 pictures' 5.err && [ "$(cut -d , -f 1 track.csv | sort -u | wc -l)" -eq 10 ]
say 'track --stills names the broken picture once, and has the nine others' $?
for threads in 1 2 5; do
  small eval --data faces.txt --csv eval.csv --threads $threads >out 2>$threads.err
  [ $? -eq 1 ] && [ "$(grep -c error: $threads.err)" -eq 1 ] && grep -q '05.png' $threads.err
  say "eval names the broken picture once, $threads threads" $?
done

# None but the program's own threads: a library's would spin for a while on a core that ours want (OpenBLAS
# comes with OpenCV and starts one for each core).
tasks() { # COMMAND...: threads of the program after a frame, of which no other comes
  rm -f frames rows.jsonl*
  mkfifo frames
  "$@" "$WINGTIP_EXE" track - --size 64x48 --model fast --threads 1 --jsonl rows.jsonl <frames >out 2>err &
  pid=$!
  exec 9>frames
  head -c $((64 * 48 * 3)) /dev/zero >&9
  until [ -s rows.jsonl.wingtip-part ]; do
    kill -0 "$pid" || break # whoever hangs is stopped with the whole test
    sleep 0.1
  done
  ls "/proc/$pid/task" | wc -l
  exec 9>&-
  wait "$pid"
}
[ "$(tasks env -u OPENBLAS_NUM_THREADS)" = "$(tasks env OPENBLAS_NUM_THREADS=1)" ]
say 'no threads but our own' $?
echo "$failed failed"
[ "$failed" -eq 0 ]
