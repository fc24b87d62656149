#!/bin/sh
# `wingtip train` as a program: figures that are whole SVG files, a sheet that is the same for any
# number of threads, a recipe out of --help-recipe that works, runs, and errors in one line each.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0

check() { # WHAT COMMAND...
  what=$1
  shift
  if "$@" >out 2>err; then
    echo "ok   $what"
  else
    echo "FAIL $what"
    sed 's/^/     /' err
    failed=$((failed + 1))
  fi
}

refused() { # STATUS MESSAGE ARGUMENT...: one line on standard error that holds MESSAGE
  want=$1 message=$2
  shift 2
  "$WINGTIP_EXE" train "$@" >out 2>err </dev/null
  got=$?
  if [ "$got" -eq "$want" ] && [ "$(wc -l <err)" -eq 1 ] && grep -qF -- "$message" err; then
    echo "ok   refused: $message"
  else
    echo "FAIL $*: status $got"
    sed 's/^/     /' err
    failed=$((failed + 1))
  fi
}

# Faces: the demo clip's first picture, 60 by 60 pixels of it, and points on a ring.
ffmpeg -v error -i "$WINGTIP_SOURCE/assets/demo.mp4" -frames:v 1 face.png || exit 1
awk 'BEGIN {
  for (n = 0; n < 6; n++) {
    printf "face.png"
    for (i = 0; i < 98; i++)
      printf " %.2f %.2f", 320 + (80 + n) * cos(i / 15.6), 240 + (90 + n) * sin(i / 15.6)
    print ""
  } }' >list.txt

check "figures" "$WINGTIP_EXE" train --figures figures
for f in loss gradient awing target coordinates schemes; do
  check "$f.svg is XML" python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "figures/$f.svg"
done
[ "$(grep -c '<circle' figures/schemes.svg) $(grep -c '>28</text>' figures/schemes.svg)" = "293 2" ] || {
  echo "FAIL points of figures/schemes.svg"
  failed=$((failed + 1))
}
check "figures again over the old ones" "$WINGTIP_EXE" train --figures figures

check "sheet, one thread" "$WINGTIP_EXE" train --show 7 --data list.txt --threads 1 --seed 3 -o a.png
check "sheet, four threads" "$WINGTIP_EXE" train --show 7 --data list.txt --threads 4 --seed 3 -o b.png
check "they are the same" cmp a.png b.png
check "sheet, another seed" "$WINGTIP_EXE" train --show 7 --data list.txt --seed 4 -o c.png
if cmp -s a.png c.png; then
  echo "FAIL another seed gives the same sheet"
  failed=$((failed + 1))
fi

check "measuring" sh -c '"$WINGTIP_EXE" train --measure 1 --threads 2 --data list.txt >speed.txt'
grep -q '^loader *[1-9][0-9.]* faces/s with 2 threads' speed.txt && grep -q '^loss ' speed.txt || {
  echo "FAIL what --measure prints"
  cat speed.txt
  failed=$((failed + 1))
}

check "--help-recipe" sh -c '"$WINGTIP_EXE" train --help-recipe >all.recipe'
echo 'data = list.txt*2' >>all.recipe
check "its output is a recipe" "$WINGTIP_EXE" train --recipe all.recipe --show 2 -o d.png
for r in paper-wflw paper-300w live fast synthetic detector ablation; do
  check "recipe $r" "$WINGTIP_EXE" train --recipe "$r" \
    --data list.txt --show 2 -o "$r.png"
done

check "a weight behind a blank" "$WINGTIP_EXE" train --show 2 --data 'list.txt * 2' -o blank.png
check "and one without" "$WINGTIP_EXE" train --show 2 --data 'list.txt*2' -o none.png
check "mean the same" cmp blank.png none.png
rm none.png

# The sheet lies in the run's folder, unless it is given another place.
check "sheet where one works" "$WINGTIP_EXE" train --show 7 --data list.txt --seed 3
check "it is the same" cmp a.png sheet.png
rm sheet.png
printf 'width = 16\nbatch = 2\nepochs = 1\ndata = list.txt\n' >sheet.recipe
check "sheet of a run" "$WINGTIP_EXE" train --recipe sheet.recipe --out both --show 2
check "it is in the run's folder" test -s both/sheet.png
check "and so is the run" test -s both/last.safetensors
check "sheet of a run, named" "$WINGTIP_EXE" train --recipe sheet.recipe --out named --show 2 -o e.png
check "it is there" test -s e.png
[ ! -e sheet.png ] && [ ! -e named/sheet.png ] || {
  echo "FAIL a sheet where none was asked for"
  failed=$((failed + 1))
}

# A run: carried out, stopped by a signal and taken up again, and in use.
printf 'width = 16\nbatch = 2\nepochs = 2\ndata = list.txt\nvalidation = list.txt\n' >run.recipe
check "training" "$WINGTIP_EXE" train --recipe run.recipe --out run --seed 5
[ "$(wc -l <run/log.csv)" -eq 7 ] || {
  echo "FAIL lines of run/log.csv: $(wc -l <run/log.csv)"
  failed=$((failed + 1))
}
check "its weights are a model" "$WINGTIP_EXE" model info run/best.safetensors

# The report: whole, with the six steps and two validations of the run, three pictures, no refresh.
cat >page.py <<'END'
import re, sys
import xml.dom.minidom as m
page = open(sys.argv[1]).read()
m.parseString(page)
print(re.search(r'<p class="sub">(.*?)</p>', page).group(1))
print("refresh" if 'http-equiv="refresh"' in page else "final")
curve = re.search(r'class="plot s0 pale" d="(.*?)"', page)
print("steps", len(re.findall("[ML]", curve.group(1))))
dots = re.search(r'class="plot dots s0" d="(.*?)"', page)
print("validations", dots.group(1).count("M") if dots else 0)
print("pictures", page.count("data:image/jpeg;base64,/9j/"))
print("seed", re.search(r"<dt>Seed</dt><dd>(.*?)</dd>", page).group(1))
print("from", re.search(r"<dt>Started from</dt><dd>(.*?)</dd>", page).group(1))
END
report() { # WHAT PAGE LINE...: the page is well-formed, and page.py prints these lines about it
  what=$1 page=$2
  shift 2
  python3 page.py "$page" >said 2>&1
  for line; do
    grep -qxF -- "$line" said || {
      echo "FAIL $what: not \"$line\""
      sed 's/^/     /' said
      failed=$((failed + 1))
      return
    }
  done
  echo "ok   $what"
}
report "report" run/report.html "98 points · 1 stack of width 16 · finished" final "steps 6" \
  "validations 2" "pictures 10" "seed 5" "from random weights"

sed 's/epochs = 2/epochs = 2000/' run.recipe >long.recipe
"$WINGTIP_EXE" train --recipe long.recipe --out long --seed 5 2>long.err &
pid=$!
until [ -s long/report.html ] && [ "$(wc -l <long/log.csv)" -gt 3 ]; do
  kill -0 "$pid" 2>/dev/null || break # whoever hangs is stopped with the whole test
  sleep 0.1
done
cp long/report.html running.html
report "report of a run that goes on" running.html refresh
# Nobody else trains there meanwhile.
refused 1 'long: another run is training in this folder' --recipe long.recipe --out long
refused 1 'long/.: another run is training' --recipe long.recipe --out long/. --resume
kill -INT "$pid"
wait "$pid" && grep -q 'stopped and saved' long.err && [ -s long/state.safetensors ] || {
  echo "FAIL stopping by a signal"
  sed 's/^/     /' long.err
  failed=$((failed + 1))
}
# A reader of what it says that goes away, as `tee` does with its terminal, ends no run.
{ "$WINGTIP_EXE" train --recipe run.recipe --out unread 2>&1 && echo 0 >unread.status; } | head -n 1 >out
[ -s unread.status ] && [ "$(wc -l <unread/log.csv)" -eq 7 ] && [ -s unread/last.safetensors ] || {
  echo "FAIL training without a reader"
  failed=$((failed + 1))
}
before=$(($(wc -l <long/log.csv) - 1))
[ "$before" -le 600 ] || before=600 # a longer curve is thinned out
report "report of a run that was stopped" long/report.html \
  "98 points · 1 stack of width 16 · stopped; --resume continues" final "steps $before"
check "from weights" "$WINGTIP_EXE" train --recipe run.recipe --out second --from run/last.safetensors
report "report: where it started" second/report.html "from run/last.safetensors"

# Taken up again, the curves begin with the first run's, seed and start are the run's own. A report
# that cannot be written is one warning while it trains, and in the exit status.
sed 's/epochs = 2/epochs = 4/' run.recipe >longer.recipe
check "going on" "$WINGTIP_EXE" train --recipe longer.recipe --out second --resume --seed 77
report "report of the whole run" second/report.html final "steps 12" "validations 4" "seed 0" \
  "from run/last.safetensors"
mkdir -p mute/report.html
status=0
"$WINGTIP_EXE" train --recipe run.recipe --out mute >out 2>err || status=$?
[ "$status" -eq 1 ] && [ "$(grep -c 'report.html' err)" -eq 2 ] && grep -q 'warning: mute/report.html' err &&
  grep -q 'error: mute: report.html is not whole; the weights are$' err || {
  echo "FAIL a report that cannot be written (status $status)"
  sed 's/^/     /' err
  failed=$((failed + 1))
}
check "the weights are whole" "$WINGTIP_EXE" model info mute/last.safetensors
check "its log is whole" test "$(wc -l <mute/log.csv)" -eq 7
refused 2 'run: holds a training run' --recipe run.recipe --out run
refused 1 'holds no training run' --recipe run.recipe --out third --resume

echo 'batch = none' >bad.recipe
echo 'points = 98' >nodata.recipe
sed 's/face.png/none.png/; q' list.txt >missing.txt
awk '{ $2 = 5000; print; exit }' list.txt >outside.txt
head -c 5000 face.png >cut.png
sed 's/face.png/cut.png/; q' list.txt >cut.txt
mkdir empty
refused 2 'nothing to do'
refused 2 'need --out' --resume
refused 2 'need --data or --recipe' --show 3
refused 2 'the sheet of --show' --out none --data list.txt -o no.png
refused 2 'need --data or --recipe' --measure 1
refused 2 'names no data' --show 3 --recipe nodata.recipe
refused 1 'bad.recipe:1: batch: "none" is not a number' --show 3 --recipe bad.recipe
refused 1 'none.recipe' --show 3 --recipe none.recipe
refused 1 'missing.txt:1: none.png: No such file' --show 3 --data missing.txt
refused 1 'outside.txt:1: face.png: point 0 at (5000.0' --show 3 --data outside.txt -o no.png
refused 1 'cut.txt:1: cut.png: a picture, but cut off' --show 3 --data cut.txt -o no.png
refused 1 'no .pts file' --show 3 --data empty
refused 2 'the weight after *' --show 3 --data 'list.txt*many'
refused 2 'out of range (1 to 500)' --show 0 --data list.txt
cp face.png kept.png
"$WINGTIP_EXE" train --show 3 --data list.txt -o ./face.png >out 2>err
[ $? -eq 2 ] && grep -q './face.png: would overwrite the input' err && cmp face.png kept.png || {
  echo "FAIL a sheet over one of the faces"
  failed=$((failed + 1))
}
refused 1 'face.png/figures' --figures face.png/figures
[ ! -e no.png ] || {
  echo "FAIL a refused run left a sheet"
  failed=$((failed + 1))
}
exit "$failed"
