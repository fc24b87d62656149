#!/bin/sh
# What five corrected frames of a rendered person do to the others, at once and after learning, as a table:
#   sh tests/bench/persons.sh [--model NAME]... [--level L]... [--layers last|stack|all]... [--long 60s|STEPS]
# Both persons of the demo clip, and person 0 of every clip NAME.mp4 in $WINGTIP_PERSONS that has its exact points beside it
# (NAME.csv, as ../shared/synthetic/demo_points.csv): app/teach/README.md says how such clips are made. Columns: persons.c.
# LIST of other faces: ../shared/data/faces98/val.txt. Of .build/test, or of $WINGTIP_BUILD. On a busy computer,
# as root: chrt -r 1 sh tests/bench/persons.sh
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
persons=${WINGTIP_BUILD:-$root/.build/test}/tests/bench/persons
models='' levels='' layers='' long=60s
while [ $# -gt 1 ]; do
  case $1 in
  --model) models="$models $2" ;;
  --level) levels="$levels $2" ;;
  --layers) layers="$layers $2" ;;
  --long) long=$2 ;;
  *) break ;;
  esac
  shift 2
done
[ $# -eq 0 ] || {
  echo "persons.sh: unknown: $*" >&2
  exit 2
}

# rows NAME CLIP POINTS PERSON
rows() {
  for model in ${models:-wingtip-98-fast wingtip-98}; do
    for level in ${levels:-auto}; do
      for layer in ${layers:-stack}; do
        printf '| %s ' "$1"
        "$persons" "$2" "$3" "$4" "$model" "$level" "$layer" "$long" "$root/../shared/data/faces98/val.txt"
      done
    done
  done
}

echo '| person | network | level | layers | steps | s | moved | before | offset | after | network alone | val | after |'
echo '|---|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|'
rows 'demo 0' "$root/assets/demo.mp4" "$root/../shared/synthetic/demo_points.csv" 0
rows 'demo 1' "$root/assets/demo.mp4" "$root/../shared/synthetic/demo_points.csv" 1
for clip in "${WINGTIP_PERSONS:-/nowhere}"/*.mp4; do
  [ ! -f "$clip" ] || rows "$(basename "$clip" .mp4)" "$clip" "${clip%.mp4}.csv" 0
done
