# shellcheck shell=sh
# For the tests of `wingtip eval`, sourced: the data's folder, the weights, a scratch folder to work in,
# comparisons that say what they compared and remember failures in $failed.
set -eu
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
shared=${WINGTIP_SHARED:-$WINGTIP_SOURCE/../shared}
if [ ! -r "$shared/data/faces98/val.txt" ]; then
  echo "skipped: no data in $shared (set WINGTIP_SHARED to the folder that has it)" >&2
  exit 77
fi
weights=$shared/models/start98.safetensors
# shellcheck disable=SC2034  # used where this is sourced
shipped=$WINGTIP_SOURCE/assets/wingtip-98.safetensors
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
failed=0

# near NAME GOT WANT TOLERANCE; the sourcing script looks at $failed
# shellcheck disable=SC2034
near() {
  awk -v name="$1" -v got="$2" -v want="$3" -v within="$4" 'BEGIN {
    d = got - want; if (d < 0) d = -d
    ok = got != "" && d <= within
    printf "%s %s: %s, reference %s\n", ok ? "ok  " : "FAIL", name, got, want
    exit !ok
  }' || failed=1
}

value() { # NAME: of the JSON report
  sed -n "s/^[^\"]*\"$1\":[^0-9-]*\\([-0-9.e]*\\),*\$/\\1/p" report.json
}

first() { # NAME: the first such value, which is the one over all faces
  value "$1" | head -n 1
}

# wflw_list LIST FLAGS: LIST as one of WFLW, with boxes around the points and the flags of the subsets.
wflw_list() {
  awk 'NR == FNR { subsets[$1] = $2; next }
    { x0 = y0 = 1e9; x1 = y1 = -1e9
      for (i = 2; i < NF; i += 2) {
        if ($i < x0) x0 = $i; if ($i > x1) x1 = $i
        if ($(i + 1) < y0) y0 = $(i + 1); if ($(i + 1) > y1) y1 = $(i + 1)
        printf "%s %s ", $i, $(i + 1) }
      t = subsets[$1]
      printf "%d %d %d %d %d %d %d %d %d %d %s\n", x0, y0, x1, y1, t ~ /largepose/, t ~ /expression/,
        t ~ /illumination/, t ~ /makeup/, t ~ /occlusion/, t ~ /blur/, $1 }' \
    "$2" "$1"
}

wflw() { # NAME ARGUMENT...
  name=$1
  shift
  "$WINGTIP_EXE" eval --model "$weights" --precision f32 --data wflw.txt \
    --images "$shared/data/faces98" "$@" --json "$name.json" >/dev/null
  cp "$name.json" report.json
}
