#!/bin/sh
# Does `wingtip eval` give the figures of the independent PyTorch reference? Mean NME to 0.02
# percentage points, for a 98-point list and for a 68-point one (98 -> 68 reduction).
#
# The reference's figures, for these weights and lists:
#   python3 shared/reference/evaluate.py assets/wingtip-98.safetensors shared/data/faces98/val.txt
#     150 faces NME 3.911 median 3.607 FR8 2.67 FR10 0.67 AUC8 51.48 AUC10 60.92
#   python3 shared/reference/evaluate.py assets/wingtip-98.safetensors \
#       shared/data/faces68/test_helen.txt
#     330 faces NME 3.243 median 3.072 FR8 0.30 FR10 0.00 AUC8 59.47 AUC10 67.57
set -eu
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
shared=${WINGTIP_SHARED:-$WINGTIP_SOURCE/../shared}
if [ ! -r "$shared/data/faces98/val.txt" ]; then
  echo "skipped: no data in $shared (set WINGTIP_SHARED to the folder that has it)" >&2
  exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# near NAME GOT WANT TOLERANCE
near() {
  awk -v name="$1" -v got="$2" -v want="$3" -v within="$4" 'BEGIN {
    d = got - want; if (d < 0) d = -d
    ok = got != "" && d <= within
    printf "%s %s: %s, reference %s\n", ok ? "ok  " : "FAIL", name, got, want
    exit !ok
  }' || failed=1
}

value() { # NAME: of the JSON report
  sed -n "s/^[^\"]*\"$1\":[^0-9-]*\\([-0-9.e]*\\),*\$/\\1/p" "$scratch/report.json"
}

# check PRECISION LIST FACES NME MEDIAN FR8 FR10 AUC8 AUC10
check() {
  precision=$1
  shift
  list=$1
  "$WINGTIP_EXE" eval --precision "$precision" --model "$WINGTIP_SOURCE/assets/wingtip-98.safetensors" \
    --data "$shared/data/$list" --json "$scratch/report.json" --csv "$scratch/faces.csv" >/dev/null
  near "$precision $list faces" "$(value faces)" "$2" 0
  near "$precision $list NME" "$(value nme)" "$3" 0.02
  near "$precision $list median" "$(value median)" "$4" 0.03
  # A face may cross a threshold by a hair: one face of the list is allowed.
  one=$(awk -v n="$2" 'BEGIN { print 100 / n + 0.01 }')
  near "$precision $list FR8" "$(value fr8)" "$5" "$one"
  near "$precision $list FR10" "$(value fr10)" "$6" "$one"
  near "$precision $list AUC8" "$(value auc8)" "$7" 0.2
  near "$precision $list AUC10" "$(value auc10)" "$8" 0.2
  near "$precision $list rows" "$(($(wc -l <"$scratch/faces.csv") - 1))" "$2" 0
}

# auto is bfloat16 where the processor has AMX: it must be as good.
check f32 faces98/val.txt 150 3.911 3.607 2.67 0.67 51.48 60.92
check auto faces98/val.txt 150 3.911 3.607 2.67 0.67 51.48 60.92
check auto faces68/test_helen.txt 330 3.243 3.072 0.30 0.00 59.47 67.57

# The whole pipeline on photographs: at least 85 % of the 93 labelled faces are found.
"$WINGTIP_EXE" eval --model "$WINGTIP_SOURCE/assets/wingtip-98.safetensors" \
  --data "$shared/data/photos/photos.txt" --crop detector --json "$scratch/report.json"
if [ "$(value found)" -lt 80 ]; then
  echo "FAIL photographs: only $(value found) of 93 faces found"
  failed=1
fi
exit $failed
