#!/bin/sh
# Installs what is missing, builds, and runs every test:
#   sh tests/run.sh
# What tools say about the source text (lint.sh); an optimised build, and the same for arm64 and for other
# classes of x86-64 processors under emulation; one with address and undefined-behaviour sanitizers
# (without the suites `accuracy`, whole lists of real faces, and `numbers`, what kernels come to: they say
# nothing more about memory); fuzzing of each reader of files; the tests of threads with the thread
# sanitizer. Logs are in .build/logs. Ends with `N passed, N failed, N skipped`; exit status 1
# when a test failed, or when one was skipped and CI is set.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
build=$root/.build
logs=$build/logs
passed=0 failed=0 skipped=0
started=$(date +%s)

mkdir -p "$logs"
cd "$root" || exit 1

say() { # a heading with the time since the start
  now=$(($(date +%s) - started))
  printf '== [%d:%02d] %s\n' $((now / 60)) $((now % 60)) "$*"
}

finish() {
  if [ -n "${CI-}" ] && [ "$skipped" -gt 0 ]; then
    echo "In CI a skipped test counts as failed."
    failed=$((failed + skipped)) skipped=0
  fi
  [ $((passed + failed)) -gt 0 ] || {
    echo "No test ran."
    failed=1
  }
  now=$(($(date +%s) - started))
  printf 'Time: %d min %d s\n' $((now / 60)) $((now % 60))
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
}

# step NAME COMMAND...: runs with output in a log; on failure shows its end and counts one failure.
step() {
  name=$1
  shift
  if "$@" >"$logs/$name.log" 2>&1 </dev/null; then
    return 0
  fi
  echo "$name failed. The end of .build/logs/$name.log:"
  tail -n 60 "$logs/$name.log"
  failed=$((failed + 1))
  return 1
}

# Where ccache is installed, what was compiled in another folder is taken: it differs in the folder's name alone.
export CCACHE_NOHASHDIR=true

# What this processor can do, in short: which kernels are checked depends on it.
cpu=$(grep -m 1 '^flags' /proc/cpuinfo | cksum | cut -d ' ' -f 1)

# prepare FOLDER MESON-OPTION...: configures a build folder, anew when its place, options or computer changed.
prepare() {
  folder=$build/$1
  name=$1
  shift
  stamp="$root $cpu $*"
  if [ ! -f "$folder/build.ninja" ] || [ "$(cat "$folder/.place" 2>/dev/null)" != "$stamp" ]; then
    rm -rf "$folder"
    step "$name-setup" meson setup "$@" "$folder" "$root" || return 1
    printf '%s\n' "$stamp" >"$folder/.place"
  fi
}

# number LABEL LOG: the count that meson's summary gives.
number() {
  n=$(sed -n "s/^$1: *\\([0-9][0-9]*\\) *\$/\\1/p" "$2" | tail -n 1)
  echo "${n:-0}"
}

# Tests side by side: twice as many as there are processors, as many of them wait for a window, a camera or a
# clock half of the time. None depends on speed.
beside=$(($(nproc) * 2))
turn= # nice: after others

# run_tests NAME MESON-TEST-ARGUMENT...: runs the tests of .build/NAME and adds up their results.
run_tests() {
  log=$logs/$1-tests.log
  name=$1
  shift
  $turn meson test -C "$build/$name" --no-rebuild --print-errorlogs --num-processes "$beside" "$@" 2>&1 </dev/null |
    tee "$log" | grep --line-buffered -v -e '^ninja: ' -e '^Full log ' -e '^$' -e '^Expected Fail: *0' \
    -e '^Unexpected Pass: *0' -e '^Timeout: *0'
  ok=$(number Ok "$log")
  bad=$(($(number Fail "$log") + $(number Timeout "$log") + $(number 'Unexpected Pass' "$log")))
  skip=$(number Skipped "$log")
  if [ $((ok + bad + skip)) -eq 0 ]; then
    echo "$name: no test ran"
    bad=1
  fi
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
}

# add_counts LOG: the counts on the last line of another script's output.
add_counts() {
  counts=$(tail -n 1 "$1" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p')
  # shellcheck disable=SC2086  # three numbers; none: the script itself has failed
  set -- ${counts:-0 1 0}
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# A Python with onnxruntime for the parity test; without one that test is skipped.
python_for_tests() {
  venv=$build/venv
  if ! "$venv/bin/python" -c 'import numpy, onnxruntime' >/dev/null 2>&1; then
    rm -rf "$venv"
    { python3 -m venv "$venv" &&
      "$venv/bin/python" -m pip install -q --only-binary :all: numpy onnxruntime &&
      "$venv/bin/python" -c 'import numpy, onnxruntime'; } \
      >"$logs/venv.log" 2>&1 </dev/null || {
      echo "onnxruntime could not be installed (see .build/logs/venv.log); its test is skipped."
      return
    }
  fi
  WINGTIP_PYTHON=$venv/bin/python
  export WINGTIP_PYTHON
}

say "Packages"
sh "$root/app/install.sh" test || {
  failed=1
  finish
}
python_for_tests

# The libraries for arm64 come meanwhile; tests/arm64/run.sh says what went wrong, and tries again.
fetching=
if command -v aarch64-linux-gnu-gcc >/dev/null; then
  sh "$root/tests/arm64/sysroot.sh" "$build/arm64-sysroot" >"$logs/arm64-sysroot.log" 2>&1 </dev/null &
  fetching=$!
fi

# What follows a round of tests is built beside it, and so are the checks that need no more than what is
# built: many tests wait for a window half of the time, and the last one of a round leaves processors idle. The
# tests come first.
# start NAME COMMAND...: runs it with output in .build/logs/NAME.log.
start() {
  name=$1
  shift
  "$@" >"$logs/$name.log" 2>&1 </dev/null &
  eval "pid_$name=$!"
  begun="$begun $!"
}

# Ctrl-C does not reach them.
begun=
stop() {
  for pid in $begun; do
    pkill -P "$pid"
    kill "$pid" 2>/dev/null
  done
  exit 130
}
trap stop INT TERM

# ended NAME: waits for what was started; its status.
ended() {
  eval "wait \"\$pid_$1\""
}

# built NAME: whether what start began could be built; if not, that is one failure.
built() {
  ended "$1" && return
  cat "$logs/$1.log"
  failed=$((failed + 1))
  return 1
}

# Lines and functions for the reports of sanitizers, and no more: what a debugger needs besides takes a tenth of
# a build's time, of the kernels' two fifths.
lines='-Dc_args=-g1 -Dcpp_args=-g1'

# Kernels without a sanitizer are those of the optimised build: compiling them takes a fifth of a build's time.
# shellcheck disable=SC2086  # $lines: two words
build_asan() {
  prepare asan "-Dkernels=$kernels" -Dmpi=enabled -Db_sanitize=address,undefined -Db_lundef=false \
    --buildtype=debugoptimized $lines &&
    step asan-build nice ninja -C "$build/asan"
}

# Meson takes ccache by itself for the computer's own compiler only.
build_fuzzers() {
  ccache=
  command -v ccache >/dev/null && ccache='--native-file tests/fuzz/ccache.ini'
  fuzzers=$(cd "$root/tests/fuzz/corpus" && printf "tests/fuzz/fuzz_%s " *)
  # shellcheck disable=SC2086  # one word each
  prepare fuzz --native-file tests/fuzz/clang.ini $ccache "-Dkernels=$kernels" -Dfuzz=true -Dmpi=disabled \
    -Db_sanitize=address,undefined -Db_lundef=false --buildtype=debugoptimized $lines &&
    step fuzz-build nice ninja -C "$build/fuzz" $fuzzers
}

# Only the tests of threads. OpenMP's own synchronisation is invisible to this sanitizer, so its
# loops (over faces, in model/measure/evaluate.c and model/measure/calibrate.c) have one thread here and are not
# checked for races.
# shellcheck disable=SC2086  # $lines: two words
build_tsan() {
  prepare tsan "-Dkernels=$kernels" -Dmpi=disabled -Db_sanitize=thread -Db_lundef=false --buildtype=debugoptimized \
    $lines &&
    step tsan-targets ninja -C "$build/tsan" build.ninja || return # the list of tests may be an older one
  targets=$(meson introspect --tests "$build/tsan" | python3 -c '
import json, os, sys
for t in json.load(sys.stdin):
    if any(s.endswith("threads") for s in t["suite"]):
        print(os.path.relpath(t["cmd"][0], sys.argv[1]))' "$build/tsan")
  # shellcheck disable=SC2086  # one word each
  step tsan-build nice ninja -C "$build/tsan" $targets
}

# Fuzzing takes the time that other tests leave: it ends after so many runs, however long they take.
fuzz() {
  build_fuzzers || return
  passed=0 failed=0 skipped=0 turn=nice beside=$(nproc)
  run_tests fuzz --suite fuzzing
  echo "$passed passed, $failed failed, $skipped skipped"
}

say "Optimised build"
optimised=
prepare test -Dmpi=enabled --buildtype=release && step test-build ninja -C "$build/test" && optimised=yes
kernels=${optimised:+$build/test}
start lint nice sh "$root/tests/lint.sh" "$build/test"
start asan build_asan
if [ -n "$optimised" ]; then
  say "Tests of the optimised build"
  run_tests test
  sed -n 's/^not covered on this processor: /Not covered on this processor: /p' "$build/test/meson-logs/testlog.txt"
fi

say "What tools say about the source text"
ended lint
cat "$logs/lint.log"
add_counts "$logs/lint.log"

say "Build with address and undefined-behaviour sanitizers"
built asan
asan=$?
[ -z "$fetching" ] || wait "$fetching"
start arm64 nice sh "$root/tests/arm64/run.sh" "$build/test/app/wingtip"
start tsan build_tsan
start fuzz fuzz
if [ "$asan" -eq 0 ]; then
  say "Tests with address and undefined-behaviour sanitizers"
  # The leak checker falls over what it believes of libraries' own thread-local memory, when it keeps
  # count of that (intercept_tls_get_addr); the loader's table leads to that memory as well.
  ASAN_OPTIONS=abort_on_error=0:detect_leaks=1:strict_string_checks=1:intercept_tls_get_addr=0 \
    LSAN_OPTIONS=suppressions="$root/tests/lsan.supp":print_suppressions=0 \
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    run_tests asan --no-suite accuracy --no-suite numbers
fi

say "Tests of threads with the thread sanitizer"
if built tsan; then
  OMP_THREAD_LIMIT=1 TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions="$root/tests/tsan.supp" \
    run_tests tsan --suite threads
fi

say "The program for arm64, emulated"
ended arm64
cat "$logs/arm64.log"
add_counts "$logs/arm64.log"

say "Fuzzing of the file readers"
ended fuzz
cat "$logs/fuzz.log"
add_counts "$logs/fuzz.log"

finish
