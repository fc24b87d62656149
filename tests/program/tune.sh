#!/bin/sh
# `wingtip tune` as a program: the fast network that is shipped learns two faces of a list, whole or by its last layers;
# Ctrl-C keeps what is best; bad input, weights of another scheme and a full disk are one line each and leave no file.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0
weights=$WINGTIP_SOURCE/assets/wingtip-98-fast.safetensors

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

refused() { # STATUS MESSAGE ARGUMENT...: one line on standard error that holds MESSAGE, no file
  want=$1 message=$2
  shift 2
  "$WINGTIP_EXE" tune "$@" >out 2>err </dev/null
  got=$?
  if [ "$got" -eq "$want" ] && [ "$(wc -l <err)" -eq 1 ] && grep -qF -- "$message" err && [ ! -e no.safetensors ]; then
    echo "ok   refused: $message"
  else
    echo "FAIL $*: status $got"
    sed 's/^/     /' err
    failed=$((failed + 1))
  fi
}

# Faces: the demo clip's first picture with what the network itself finds there, and the same 6 pixels
# lower, which it can learn; others are in between.
ffmpeg -v error -i "$WINGTIP_SOURCE/assets/demo.mp4" -frames:v 1 face.png || exit 1
"$WINGTIP_EXE" track face.png --stills --model fast --csv found.csv >out 2>err || exit 1
lower() { # POINTS PIXELS FACES
  awk -F', *' -v points="$1" -v down="$2" -v faces="$3" '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
    NR == 2 {
      for (n = 0; n < faces; n++) {
        printf "face.png"
        for (p = 0; p < points; p++)
          printf " %.2f %.2f", $at["x_" p], $at["y_" p] + down
        print ""
      }
    }' found.csv
}
lower 98 6 2 >list.txt
lower 98 3 7 >others.txt
lower 98 0 2 >old.txt
lower 29 0 1 >cofw.txt

# The guard, two of the others, may rise as it likes here.
check "learning" "$WINGTIP_EXE" tune --from "$weights" --data list.txt --replay others.txt --worse 1000 \
  --steps 12 --every 4 --rate 0.001 --out tuned.safetensors
grep -q '^to learn  *2 ' out && grep -q '^guard  *2 ' out || {
  echo "FAIL what tune prints"
  cat out
  failed=$((failed + 1))
}
check "its weights are a model" sh -c '"$WINGTIP_EXE" model info tuned.safetensors >info'
grep -q '^tuned  *[0-9]* steps on 2 faces, all layers' info && grep -q '^quantised  *int8: 4 faces' info &&
  grep -q '^measured NME  *not stated' info || {
  echo "FAIL what the weights say of themselves"
  cat info
  failed=$((failed + 1))
}
check "last layers" "$WINGTIP_EXE" tune --from "$weights" --data list.txt --guard list.txt --layers last \
  --steps 8 --every 4 --rate 0.003 --out last.safetensors --precision f32

# By time: whether it learned something by then is another question.
"$WINGTIP_EXE" tune --from tuned.safetensors --data list.txt --guard list.txt --minutes 0.005 --out timed.safetensors \
  >out 2>err
[ $? -le 1 ] && grep -q '^to learn' out || {
  echo "FAIL a run by time"
  cat out err
  failed=$((failed + 1))
}

# Back to where the points were, which the guard, who has learned the new ones, forbids.
"$WINGTIP_EXE" tune --from tuned.safetensors --data old.txt --guard list.txt --worse 0 --steps 8 --every 4 \
  --rate 0.001 --out no.safetensors >out 2>err
[ $? -eq 1 ] && grep -q 'the old weights are kept, and no.safetensors was not written' err && [ ! -e no.safetensors ] || {
  echo "FAIL the guard's rule"
  cat out err
  failed=$((failed + 1))
}

"$WINGTIP_EXE" tune --from "$weights" --data list.txt --guard list.txt --worse 1000 --steps 100000 --every 1 \
  --rate 0.001 --out stopped.safetensors >out 2>stopped &
pid=$!
until grep -q '^[0-9]* of .* steps' stopped; do
  kill -0 "$pid" 2>/dev/null || break # whoever hangs is stopped with the whole test
  sleep 0.1
done
kill -INT "$pid"
wait "$pid"
status=$?
grep -q 'stopped after' stopped && { [ $status -eq 0 ] && [ -s stopped.safetensors ] || [ $status -eq 1 ]; } || {
  echo "FAIL stopping by a signal: status $status"
  sed 's/^/     /' stopped
  failed=$((failed + 1))
}

sed 's/face.png/none.png/; q' list.txt >missing.txt
awk '{ $2 = 5000; print; exit }' list.txt >outside.txt
printf 'width = 16\npoints = 68\nbatch = 1\nepochs = 1\ndata = list.txt\n' >small.recipe
check "weights of 68 points" "$WINGTIP_EXE" train --recipe small.recipe --out small
refused 2 'is missing' --from "$weights" --data list.txt
refused 1 'none.txt' --from "$weights" --data none.txt --out no.safetensors
refused 1 'none.safetensors' --from none.safetensors --data list.txt --out no.safetensors
refused 1 'not a' --from list.txt --data list.txt --out no.safetensors
refused 1 'missing.txt:1: none.png: No such file' --from "$weights" --data missing.txt --out no.safetensors
refused 1 'outside.txt:1: face.png: point 0 at (5000.0' --from "$weights" --data list.txt --guard outside.txt --out no.safetensors
refused 1 'cofw.txt:1: 29 points, which a network of 68 points cannot be measured on' \
  --from small/last.safetensors --data cofw.txt --guard cofw.txt --out no.safetensors
refused 2 'overwrite the input' --from tuned.safetensors --data list.txt --out tuned.safetensors
cp list.txt own.txt # lists, also with words behind their names
refused 2 'own.txt: would overwrite the input' --from "$weights" --data own.txt --out own.txt
refused 2 'own.txt: would overwrite the input' --from "$weights" --data list.txt --guard 'own.txt in .' --out ./own.txt
cmp -s own.txt list.txt || {
  echo "FAIL a list was overwritten"
  failed=$((failed + 1))
}
refused 1 'nowhere' --from "$weights" --data list.txt --out nowhere/no.safetensors
refused 2 'out of range' --from "$weights" --data list.txt --out no.safetensors --batch 0

full() {
  trap '' XFSZ
  ulimit -f 64
  exec "$WINGTIP_EXE" tune --from "$weights" --data list.txt --guard list.txt --worse 1000 --steps 2 --every 1 \
    --rate 0.001 --out no.safetensors
}
(full) >out 2>err
[ $? -eq 1 ] && [ "$(grep -c 'error:' err)" -eq 1 ] && grep -q 'File too large' err && [ ! -e no.safetensors ] || {
  echo "FAIL a full disk"
  sed 's/^/     /' err
  failed=$((failed + 1))
}
[ -z "$(find . -name '*.tmp*' -o -name '.*safetensors*')" ] || {
  echo "FAIL temporary files stay: $(find . -name '*.tmp*')"
  failed=$((failed + 1))
}
exit "$failed"
