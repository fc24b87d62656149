#!/bin/sh
# `wingtip profile` as a program: corrections of a list change what track finds, in 98 and fewer points, and with
# pictures side by side; export is read by eval; what is deleted is gone; wrong use, broken profiles, a full disk
# and kill -9 are one line each or nothing, and lose nothing. With the fast network, as everything runs it again
# and again; one profile is of the network that is taken by itself.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0

fail() {
  echo "FAIL $*"
  [ ! -s err ] || sed 's/^/     /' err
  failed=$((failed + 1))
}

check() { # WHAT COMMAND...
  what=$1
  shift
  if "$@" >out 2>err; then echo "ok   $what"; else fail "$what"; fi
}

profile() {
  "$WINGTIP_EXE" profile "$@" --profiles store
}

refused() { # STATUS MESSAGE ARGUMENT...: one line on standard error that holds MESSAGE
  want=$1 message=$2
  shift 2
  "$WINGTIP_EXE" "$@" >out 2>err </dev/null
  got=$?
  if [ "$got" -eq "$want" ] && [ "$(wc -l <err)" -eq 1 ] && grep -qF -- "$message" err; then
    echo "ok   refused: $message"
  else
    fail "$*: status $got"
  fi
}

# Corrections: what the network finds, 6 pixels lower.
ffmpeg -v error -i "$WINGTIP_SOURCE/assets/demo.mp4" -vf 'select=not(mod(n\,12))' -vsync 0 -frames:v 6 face%d.png || exit 1
"$WINGTIP_EXE" track 'face*.png' --stills --model fast --csv found.csv >out 2>err || exit 1
awk -F', *' '
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
  NR > 1 && $at["face_id"] == 1 {
    printf "face%d.png", $at["frame"]
    for (p = 0; p < 98; p++)
      printf " %.2f %.2f", $at["x_" p], $at["y_" p] + 6
    print ""
  }' found.csv >all.txt
[ "$(wc -l <all.txt)" -eq 6 ] || fail "faces of the clip"
sed -n '1p;3p;5p' all.txt >list.txt
"$WINGTIP_EXE" track 'face*.png' --stills --model fast --points 29 --csv few.csv >out 2>err || exit 1
awk -F', *' '
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
  NR > 1 && $at["face_id"] == 1 {
    printf "face%d.png", $at["frame"]
    for (p = 0; p < 29; p++)
      printf " %.2f %.2f", $at["x_" p], $at["y_" p] + 6
    print ""
  }' few.csv >cofw.txt

check "adding" profile add me --data list.txt --model fast
grep -q 'keeping 3 pictures of faces in store/me' out || fail "what is kept is said"
check "list" profile list
grep -q '^me  *3 corrections  wingtip-98-fast$' out || fail "what list prints"
check "show" profile show me --data all.txt
grep -q '^all.txt  *6  with the profile' out && grep -q '^corrections  *3  offset of the others' out &&
  grep -q '^guard (rendered)  *48 ' out && grep -q 'outer eye corners' out || fail "what show prints"
awk '/^all.txt.*with the/ && !($(NF - 1) < 1) { exit 1 }' out || fail "the offset's figure"

# lower COLUMN FILE: by how much the points of a table lie lower, mean over the faces.
lower() {
  awk -F', *' -v c="$1" 'FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; file++; next }
    $at["face_id"] == 1 { v[file, $at["frame"]] = $at[c]; frames[$at["frame"]] }
    END { for (f in frames) { s += v[2, f] - v[1, f]; n++ } print s / n }' "$2" "$3"
}
near() { # VALUE
  awk -v v="$1" 'BEGIN { exit !(v > 5 && v < 7) }'
}
for points in 98 29; do
  check "track without" "$WINGTIP_EXE" track 'face*.png' --stills --model fast --points "$points" --csv plain.csv
  check "track with" "$WINGTIP_EXE" track 'face*.png' --stills --points "$points" --csv with.csv --profile me --profiles store
  near "$(lower y_10 plain.csv with.csv)" || fail "$points points: lower by $(lower y_10 plain.csv with.csv)"
done
check "one thread" "$WINGTIP_EXE" track 'face*.png' --stills --threads 1 --points 29 --csv one.csv --profile me --profiles store
cmp -s one.csv with.csv || fail "pictures side by side"
check "a video" "$WINGTIP_EXE" track "$WINGTIP_SOURCE/assets/demo.mp4" --csv video.csv --profile me --profiles store

# A list that has grown: what is there already is not added again, and does not count twice.
check "adding more" profile add me --data all.txt
grep -q '^wingtip: 3 faces not added: there already$' err || fail "what is there already is said"
check "list of all" profile list
grep -q '^me  *6 corrections' out || fail "corrections are added"
[ "$(wc -l <store/me/history.jsonl)" -eq 2 ] || fail "history"
cp -r store same
check "the same again" "$WINGTIP_EXE" profile add me --data all.txt --profiles same
diff -r store same >out || fail "what changes when the same is added again"
cat list.txt list.txt >double.txt
check "lines that are there twice" "$WINGTIP_EXE" profile add twice --data double.txt --profiles same
grep -q '^profile twice: 3 corrections' out || fail "faces of lines that are there twice"

moved() { # PIXELS: the list, its faces that much lower
  awk -v d="$1" '{ printf "%s", $1; for (i = 2; i < NF; i += 2) printf " %s %.2f", $i, $(i + 1) + d; print "" }' list.txt
}

check "fewer points" profile add few --data cofw.txt
check "list of both" profile list
grep -q '^few  *6 corrections  wingtip-98$' out || fail "corrections of 29 points, and which network is taken"
cp -r store/few few-before
check "rename" profile rename few 'a few'
[ ! -e store/few ] && diff -r few-before 'store/a few' >out || fail "what a renamed profile holds"
check "list of the new name" profile list
grep -q '^a few  *6 corrections' out || fail "the new name"
refused 2 'there is a profile "me" already' profile rename 'a few' me --profiles store
refused 2 'no profile "few"' profile rename few other --profiles store
refused 2 'is no name for a profile' profile rename 'a few' ../few --profiles store
refused 2 'NEW' profile rename 'a few' --profiles store
diff -r few-before 'store/a few' >out || fail "a rename that was refused"
check "delete one" profile delete 'a few'

check "export" profile export me --out copy
check "its list" "$WINGTIP_EXE" eval --data copy/corrections.txt --model fast
[ ! -e copy/profile.json ] && [ -s copy/README.md ] || fail "what is exported"
# Learning: whether it is kept or taken back, the profile stays whole, and its history tells.
check "learning" profile learn me --seconds 0 --steps 3 --threads 2 --nice 0
grep -q '^offset of 6 corrections' out && grep -qE '^(learned|taken back): ' out && grep -q '^3 steps' out || fail "what learn prints"
grep -qE '"event":"(learn|taken back)"' store/me/history.jsonl || fail "history of learning"
check "back" profile learn me --back
[ ! -e store/me/weights.safetensors ] || fail "the original network"
: >err # what the one before said is not waited for
"$WINGTIP_EXE" profile learn me --profiles store --seconds 600 --nice 0 >out 2>err &
pid=$!
until grep -q ' steps' err; do
  kill -0 "$pid" 2>/dev/null || break # whoever hangs is stopped with the whole test
  sleep 0.1
done
kill -INT "$pid"
wait "$pid" || fail "learning, stopped"
grep -q '^stopped; ' out || fail "what is said of it"

refused 2 'is there already' profile export me --out copy --profiles store
rm -r copy/pictures/0003.png
cp -r store broken
rm broken/me/found.txt
refused 1 'profile me is broken' track face1.png --csv x.csv --profile me --profiles broken
refused 1 'profile me is broken' profile show me --profiles broken
cp -r store other
sed -i 's/"sha256":.*/"sha256": "0",/' other/me/profile.json
refused 1 'is not the network it was taught with' track face1.png --csv x.csv --profile me --profiles other
check "adapting it" "$WINGTIP_EXE" profile learn me --seconds 0 --profiles other
check "then it works" "$WINGTIP_EXE" track face1.png --stills --csv x.csv --profile me --profiles other

awk '{ printf "%s", $1; for (i = 97; i >= 0; i--) printf " %s %s", $(2 * i + 2), $(2 * i + 3); print "" }' list.txt >shuffled.txt
refused 2 'or in another order' profile add me --data shuffled.txt --profiles store
moved -24 >higher.txt
refused 2 'earlier ones worse' profile add me --data higher.txt --profiles store
sed 's/face1.png/none.png/; q' list.txt >missing.txt

refused 2 'no profile "you"' profile show you --profiles store
refused 2 'is no name for a profile' profile add ../x --data list.txt --profiles store
refused 2 'leave out --model' track face1.png --csv x.csv --profile me --profiles store --model fast
refused 2 '--profiles is the folder' track face1.png --csv x.csv --profiles store
refused 2 'is of wingtip-98-fast, not of wingtip-98' profile add me --data list.txt --model accurate --profiles store
refused 1 'none.png' profile add you --data missing.txt --profiles store
refused 1 'no such weights' profile add you --data list.txt --model nowhere --profiles store
refused 2 'did you mean delete' profile delet me
refused 2 'list, show, add' profile
[ ! -e store/you ] || fail "a profile that was refused"

moved 0.01 >moved.txt
full() {
  trap '' XFSZ
  ulimit -f 40
  profile add me --data moved.txt
}
(full) >out 2>err
[ $? -eq 1 ] && [ "$(grep -c 'error:' err)" -eq 1 ] || fail "a full disk"

# Killed at any moment: the old profile, or the new one.
count() {
  profile list 2>err | awk '$1 == "me" { print $2 }'
}
before=6
for wait in 0.05 0.15 0.25 0.35 0.4 0.45 0.5 0.55 0.6 0.7 0.8 0.9; do
  moved "$wait" >moved.txt
  "$WINGTIP_EXE" profile add me --data moved.txt --profiles store >/dev/null 2>&1 &
  pid=$!
  sleep "$wait"
  kill -KILL "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  now=$(count)
  [ "$now" = "$before" ] || [ "$now" = $((before + 3)) ] || fail "killed after $wait s: $now corrections, $before before"
  before=$now
done

check "delete" profile delete me
check "list of none" profile list
grep -q 'no profiles' out || fail "what is deleted is gone"
[ "$(find store -mindepth 1 ! -name .lock | wc -l)" -eq 0 ] || fail "files stay: $(find store)"
exit "$failed"
