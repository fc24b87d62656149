#!/bin/sh
# What `wingtip eval` does beside measuring, on few faces: shards and their merging, styles, studies,
# .pts folders, WFLW's lists, comparisons, stacks. Figures of whole lists are for accuracy.sh.
# shellcheck source=eval_lib.sh disable=SC1091
. "$(dirname "$0")/eval_lib.sh"

# The fast network, as everything runs it again and again.
weights=$WINGTIP_SOURCE/assets/wingtip-98-fast.safetensors

# A few faces of each kind.
head -n 24 "$shared/data/faces68/test_helen.txt" >h24.txt
head -n 24 "$shared/data/faces98/test.txt" >w24.txt
awk 'NR == FNR { here[$1] = 1; next } $1 in here' w24.txt "$shared/data/faces98/test_attrs.txt" >attrs.txt
sed -n 31,42p "$shared/data/photos/photos.txt" >p12.txt

# Found points moved to the style of the list's labels: said, and it makes a difference.
styled() { # ARGUMENT...
  "$WINGTIP_EXE" eval --precision f32 --model "$weights" --data w24.txt \
    --images "$shared/data/faces98" --json report.json "$@" | grep -c "^Style"
}
near 'without a style: lines about it' "$(styled || true)" 0 0
plain=$(first nme)
near 'style: lines about it' "$(styled --style "$shared/data/faces98/style_offset.txt")" 1 0
near 'the style of the labels is nearer to them' \
  "$(awk -v a="$plain" -v b="$(first nme)" 'BEGIN { print (a - b > 0.3) }')" 1 0

same() { # WHAT FILE FILE
  if cmp -s "$2" "$3"; then
    echo "ok   $1"
  else
    echo "FAIL $1"
    failed=1
  fi
}

untimed() { # a JSON report without what the clock measured
  sed '/"times_ms":/,/}/d' "$1"
}

# parts NAME N ARGUMENT...: N shards, merged in another order, give the files of the whole run.
parts() {
  name=$1 n=$2
  shift 2
  "$WINGTIP_EXE" eval --model "$weights" "$@" --json whole.json --csv whole.csv --report whole.html \
    --worst 3 >/dev/null
  files=
  for i in $(seq "$n"); do
    "$WINGTIP_EXE" eval --model "$weights" "$@" --shard "$i/$n" --json "part$i.json" >/dev/null
    files="part$i.json $files"
  done
  # shellcheck disable=SC2086  # several files
  "$WINGTIP_EXE" eval --merge $files --json merged.json --csv merged.csv --report merged.html \
    --worst 3 >/dev/null
  untimed whole.json >whole.untimed
  untimed merged.json >merged.untimed
  same "$name: $n parts merge to the JSON of the whole" whole.untimed merged.untimed
  same "$name: and to its rows" whole.csv merged.csv
  same "$name: and to its report" whole.html merged.html
}
parts crops 3 --data w24.txt --images "$shared/data/faces98" --subsets attrs.txt
parts pictures 4 --data p12.txt --images "$shared/data/photos" --crop detector

# A study repeats itself, its first row is the plain result, and a row is what --perturb gives.
study() { # NAME ARGUMENT...
  name=$1
  shift
  "$WINGTIP_EXE" eval --model "$weights" --data h24.txt --images "$shared/data/faces68" \
    --seed 5 --csv "$name.csv" --json report.json "$@" >"$name.txt"
}
study once --sweep blur=6,occlusion=20:90,rotation=40
study twice --sweep blur=6,occlusion=20:90,rotation=40
same "a study repeats itself" once.csv twice.csv
plain=$(sed -n 's/^none,0,\([0-9.]*\),.*/\1/p' once.csv)
covered=$(sed -n 's/^occlusion,90,\([0-9.]*\),.*/\1/p' once.csv)
near "a study's NME" "$(value nme | head -n 1)" "$plain" 0.0002
near "rows of a study" "$(wc -l <once.csv)" 6 0
study covered --perturb occlusion=90
near "--perturb and a study's row" "$(value nme | head -n 1)" "$covered" 0.0002
near "what --perturb says" "$(grep -c '^Perturbed  occlusion=90 (seed 5)$' covered.txt)" 1 0
study plain
near "the plain NME" "$(value nme | head -n 1)" "$plain" 0.0002
near "a square of 90 px does harm" \
  "$(awk -v a="$covered" -v b="$plain" 'BEGIN { print (a - b > 0.5) }')" 1 0

# Nobody reads what goes to standard output: the other files are written all the same.
"$WINGTIP_EXE" eval --model fast --data h24.txt --images "$shared/data/faces68" --json - --csv unread.csv 2>log.txt | true
near "rows without a reader" "$(grep -c . unread.csv)" 25 0

# A folder of .pts files (1-based) is measured as the list of the same faces.
mkdir -p pts/deeper
while read -r image rest; do
  cp "$shared/data/faces68/$image" pts/deeper/
  base=pts/deeper/$(basename "$image" .jpg)
  echo "$rest" | awk '{ print "version: 1\nn_points: 68\n{"
    for (i = 1; i < NF; i += 2) print $i + 1, $(i + 1) + 1; print "}" }' >"$base.pts"
done <h24.txt
"$WINGTIP_EXE" eval --model "$weights" --precision f32 --data h24.txt \
  --images "$shared/data/faces68" --json report.json >/dev/null
list_nme=$(value nme | head -n 1)
parts pts 2 --precision f32 --data pts
cp whole.json report.json
near ".pts folder: NME as of the list" "$(value nme | head -n 1)" "$list_nme" 0.001
near ".pts folder: faces" "$(value faces | head -n 1)" 24 0

# The same faces as a list of WFLW, and as a plain one.
wflw_list w24.txt attrs.txt >wflw.txt
"$WINGTIP_EXE" eval --model "$weights" --precision f32 --data w24.txt \
  --images "$shared/data/faces98" --json report.json >/dev/null
plain_nme=$(first nme)
wflw truth
near "WFLW list, truth: NME as of the plain list" "$(first nme)" "$plain_nme" 0.02
near "WFLW list: faces in subset pose" \
  "$(sed -n '/"pose":/,/}/s/.*"faces":[^0-9]*\([0-9]*\).*/\1/p' truth.json)" \
  "$(awk 'NR == FNR { t[$1] = $2; next } t[$1] ~ /largepose/ { n++ } END { print n + 0 }' \
    attrs.txt w24.txt)" 0
# The box is that of the points but for rounding, so with the same factor strict sees the same.
truth_nme=$(first nme)
wflw strict145 --crop strict --box-factor 1.45
near "WFLW list, strict with the factor of truth" "$(first nme)" "$truth_nme" 0.1
wflw strict --crop strict
wflw official --crop official --decoder published
"$WINGTIP_EXE" eval --compare strict.json official.json --json compare.json >/dev/null
near "compare: paired faces" "$(sed -n '/"paired":/,$s/.*"faces":[^0-9]*\([0-9]*\).*/\1/p' \
  compare.json)" 24 0
near "compare: difference" "$(sed -n 's/.*"difference":[^0-9]*\([0-9.]*\).*/\1/p' compare.json)" \
  "$(awk -v a="$(sed -n 's/^[^"]*"nme":[^0-9]*\([0-9.]*\).*/\1/p' strict.json | head -n 1)" \
    -v b="$(first nme)" 'BEGIN { print b - a }')" 0.0001

# By stack: said in the JSON; a stack that is not there is refused in one line.
"$WINGTIP_EXE" eval --model "$shipped" --stacks 1 --data h24.txt --images "$shared/data/faces68" \
  --json report.json >/dev/null
near 'stacks in the JSON' "$(value stacks)" 1 0
near 'stack that is not there: lines' "$("$WINGTIP_EXE" eval --model "$shipped" --stacks 3 \
  --data h24.txt --images "$shared/data/faces68" 2>&1 >/dev/null | grep -c 'error: ')" 1 0

exit "$failed"
