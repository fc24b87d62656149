#!/bin/sh
# Pictures and videos of the shared cases, through the program, against the right values that their README
# gives. Faces over time, lists and checkpoints of the cases are in test_people, test_lists, lists.sh and
# test_pth.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
cases=${WINGTIP_SHARED:-$WINGTIP_SOURCE/../shared}/cases
[ -r "$cases/README.md" ] || {
  echo "skipped: no cases in $cases (set WINGTIP_SHARED to the folder that has them)" >&2
  exit 77
}
cases=$(cd "$cases" && pwd -P)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0
# shellcheck disable=SC2034  # pid: checks.sh reads it
pid='' got=0
# shellcheck source=../checks.sh disable=SC1091
. "$WINGTIP_SOURCE/tests/checks.sh"

track() { # ARGUMENT...: rows go to rows.csv, an object a frame to frames.jsonl
  "$WINGTIP_EXE" track "$@" --model fast --no-smooth --csv rows.csv --jsonl frames.jsonl >out 2>err
  got=$?
}
ended() { [ "$got" -eq "$1" ]; }
silent() { ! grep -q -e 'warning:' -e 'error:' err; }
said() { [ "$(grep -c -- "$1" err)" -eq 1 ]; }

# column NAME...: those columns of the rows with a face.
column() {
  awk -F, -v names="$*" 'NR == 1 { for (i = 1; i <= NF; i++) { gsub(/ /, "", $i); at[$i] = i }; n = split(names, name, " "); next }
    $at["success"] == 1 { line = $at[name[1]]; for (i = 2; i <= n; i++) line = line " " $at[name[i]]; print line }' rows.csv
}
rows() { [ "$(column frame | wc -l)" -eq "$1" ]; }
frames() { [ "$(grep -c '^{"frame"' frames.jsonl)" -eq "$1" ]; }

# ---- pictures -------------------------------------------------------------------------------------

# points_at X60 Y60 X72 Y72: within 3 pixels, of one face.
points_at() {
  column x_60 y_60 x_72 y_72 | awk -v x="$1" -v y="$2" -v x2="$3" -v y2="$4" '
    function off(a, b) { return (a > b ? a - b : b - a) > 3 }
    { print; n++; if (off($1, x) || off($2, y) || off($3, x2) || off($4, y2)) bad = 1 }
    END { exit !(n == 1 && !bad) }'
}
# size_of FILE: of the picture as the program sees it.
size_of() {
  "$WINGTIP_EXE" track "$1" --model fast -o seen.mkv >out 2>err &&
    ffprobe -v error -show_entries stream=width,height -of csv=p=0 seen.mkv
}
sized() { [ "$(size_of "$1")" = "$2" ]; }
for file in exif_1_reference e_3 e_6; do
  track "$cases/pictures/$file.jpg"
  ok "$file: status" ended 0
  ok "$file: upright" points_at 126.0 226.7 258.3 218.4
done
ok "e_6: its size" sized "$cases/pictures/e_6.jpg" 436,640 # 435; H.264 has even sides

for input in "$cases/pictures/folder" "$cases/pictures/folder/*"; do
  name=${input##*/}
  track "$input" --stills
  ok "$name: the damaged one is in the status" ended 1
  ok "$name: and named" said 'error: .*c3_cut.jpg: '
  ok "$name: and counted" said '1 of 6 pictures could not be read'
  column frame picture >"rows-$name.txt"
  ok "$name: number and name of each" [ "$(cat "rows-$name.txt")" = "1 a1.jpg
2 b2.jfif
4 d4.png
5 e5.avif
6 f6.gif" ]
done

for file in f_multi.tif f_anim.webp; do
  track "$cases/pictures/$file"
  ok "$file: status" ended 0
  ok "$file: all of it, or one line" test "$(grep -c '^{"frame"' frames.jsonl)" -eq 3 -o \
    "$(grep -c 'warning: .*several pictures in it; only the first is read' err)" -eq 1
  ok "$file: a face in each" rows "$(grep -c '^{"frame"' frames.jsonl)"
done

# ---- videos ---------------------------------------------------------------------------------------

coordinates() { # of all points, frame by frame
  # shellcheck disable=SC2046  # several words
  column $(seq 0 97 | sed 's/.*/x_& y_&/')
}
track "$cases/video/ref_406x270_unmirrored.mp4"
ok "the reference: a face in each" rows 8
coordinates >reference.txt
track "$cases/video/selfie_hflip_matrix.mp4"
ok "a mirrored video: silence" silent
ok "a mirrored video: frames" frames 8
ok "a mirrored video: a face in each" rows 8
coordinates >mirrored.txt
as_reference() { # mean distance, in the distance of the outer eye corners (60 and 72)
  paste -d ' ' reference.txt mirrored.txt | awk '{ eyes = sqrt(($121 - $145) ^ 2 + ($122 - $146) ^ 2); sum = 0
    for (i = 1; i <= 196; i += 2) sum += sqrt(($i - $(i + 196)) ^ 2 + ($(i + 1) - $(i + 197)) ^ 2)
    print 100 * sum / 98 / eyes; if (NF != 392 || sum / 98 / eyes > 0.015) bad = 1 } END { exit bad || NR != 8 }'
}
ok "a mirrored video: the reference's points" as_reference

shape_of() { # VIDEO: of its picture on the screen
  ffprobe -v error -select_streams v -show_entries stream=width,height,sample_aspect_ratio -of csv=p=0 "$1" |
    awk -F '[,:]' '{ print $1 * ($3 > 0 ? $3 / $4 : 1) / $2 }'
}
shaped() { echo "$(shape_of "$1") $2" | awk '{ print; exit !($1 > $2 - 0.01 && $1 < $2 + 0.01) }'; }
track "$cases/video/sar_3_2.mp4" -o wide.mkv
ok "pixels that are not square: a face in each frame" rows 8
ok "pixels that are not square: the shape" shaped wide.mkv 1.5

track "$cases/video/video_starts_0.5s_after_audio.mp4" -o late.mkv
ok "a late start: the first time" [ "$(column timestamp | head -n 1)" = 0.500000 ]
ok "a late start: the last" [ "$(column timestamp | tail -n 1)" = 1.466667 ]
first_packet() {
  ffprobe -v error -select_streams v -show_entries packet=pts_time -of csv=p=0 "$1" | head -n 1 | tr -d ,
}
ok "a late start: the annotated video" [ "$(first_packet late.mkv)" = 0.500000 ]

sound() { ffprobe -v error -select_streams a -show_entries "$2" -of csv=p=0 "$1" | tr -d ,; }
track "$cases/video/with_sound.mp4" -o heard.mkv
ok "sound: silence otherwise" silent
ok "sound: a stream" [ "$(sound heard.mkv stream=codec_type)" = audio ]
# What begins before 0 is a decoder's start.
sound "$cases/video/with_sound.mp4" packet=pts_time | awk '$1 >= 0' >heard.in
sound heard.mkv packet=pts_time >heard.out
in_step() {
  paste -d ' ' heard.in heard.out | awk '{ d = $1 - $2; if (NF != 2 || d > 0.001 || d < -0.001) bad = 1 }
    END { print NR; exit !(NR > 10 && !bad) }'
}
ok "sound: in step" in_step
track "$cases/video/with_sound.mp4" --no-audio -o mute.mkv
ok "sound: left out if wished" [ -z "$(sound mute.mkv stream=codec_type)" ]

track "$cases/video/trimmed_edit_list.mp4"
ok "an edit list: its frames" frames 17
ok "an edit list: no alarm" silent
[ "$failed" -eq 0 ]
