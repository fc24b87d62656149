#!/bin/sh
# Lists and folders as people write them, through the program: what the reports of the shared cases are about.
# shellcheck source=eval_lib.sh disable=SC1091
. "$(dirname "$0")/eval_lib.sh"
cases=$shared/cases/lists
if [ ! -r "$cases/own/own.txt" ]; then
  echo "skipped: no cases in $shared (set WINGTIP_SHARED to the folder that has them)" >&2
  exit 77
fi

# Three faces, one of them in a file FACE.PTS, with a picture without labels beside them.
mkdir mixed
cp "$cases"/pts_mixed/* mixed/
cp "$cases/own/p2.jpg" mixed/Unlabelled.JPG
"$WINGTIP_EXE" eval --model "$shipped" --precision f32 --data mixed --json report.json >out.txt 2>log.txt
near "faces of a folder with capitals" "$(first faces)" 3 0
mixed=$(first nme)
near "the picture left out: warnings" "$(grep -c 'left out: pictures without a .pts file: 1: Unlabelled.JPG$' log.txt)" 1 0

"$WINGTIP_EXE" eval --model "$shipped" --precision f32 --data "$cases/pts_plain" --json report.json >out.txt
near "their NME, as of the folder without capitals" "$mixed" "$(first nme)" 0.001

"$WINGTIP_EXE" eval --model "$shipped" --precision f32 --data "$cases/own/ownquoted.txt" --json report.json >out.txt
near "faces of a list with blanks in names" "$(first faces)" 3 0
quoted=$(first nme)
"$WINGTIP_EXE" eval --model "$shipped" --precision f32 --data "$cases/own/own.txt" --json report.json >out.txt
near "their NME, as of the plain list" "$quoted" "$(first nme)" 0.001

# refused WHAT ARGUMENT...: fails with one line, which says that pixels are needed.
refused() {
  what=$1 status=0
  shift
  "$WINGTIP_EXE" "$@" >out.txt 2>log.txt || status=$?
  near "$what: exit status" "$status" 1 0
  near "$what: lines" "$(grep -c '' log.txt)" 1 0
  near "$what: what is said" "$(grep -c 'ownnorm.txt:1: .*in pixels$' log.txt)" 1 0
}
refused "eval of fractions" eval --data "$cases/own/ownnorm.txt"
refused "training on fractions" train --recipe live --data "$cases/own/ownnorm.txt" --out run
refused "tuning on fractions" tune --from "$shipped" --data "$cases/own/ownnorm.txt" --out tuned.safetensors

# Labels of a larger picture: measured with a warning, as others' lists may hold some, but no ground for int8.
awk '{ printf "%s", $1; for (i = 2; i <= NF; i++) printf " %s", $i + (NR == 2) * 5000; print "" }' \
  "$cases/own/own.txt" >outside.txt
status=0
"$WINGTIP_EXE" eval --model fast --data outside.txt --images "$cases/own" >out.txt 2>log.txt || status=$?
near "faces outside their pictures: exit status" "$status" 0 0
near "faces outside their pictures: what is said" \
  "$(grep -c 'warning: 1 of 3 faces lie outside their pictures, the first in line 2, ' log.txt)" 1 0
cp "$cases"/own/*.jpg .
status=0
"$WINGTIP_EXE" model quantize "$WINGTIP_SOURCE/tests/program/small.safetensors" q.safetensors --keep-float \
  --data outside.txt >out.txt 2>log.txt || status=$?
near "no ranges from them: exit status" "$status" 1 0
near "no ranges from them: what is said" "$(grep -c 'line 2 of the list: point 0 at .* is far outside the picture' log.txt)" 1 0
exit "$failed"
