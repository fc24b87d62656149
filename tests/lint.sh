#!/bin/sh
# What tools say about the source text, without running it:
#   sh tests/lint.sh [BUILD-FOLDER]     .build/test unless given; for clang-tidy, which asks it for flags
# clang-format (every file conforms), shellcheck, codespell, cppcheck, clang-tidy (the checks of
# .clang-tidy), and every header compiled alone. Installs nothing: the tools are in app/packages.txt under
# [test]. Ends with `N passed, N failed, N skipped`; a tool that is missing is skipped.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root" || exit 1
build=${1:-.build/test}
passed=0 failed=0 skipped=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# sources PATTERN: our files whose names match, one a line; also where there is no git.
sources() {
  find app engine model shaders tests -type f | LC_ALL=C sort | grep -E "$1"
}

# check TOOL COMMAND...: one check; what the command prints is shown when it fails.
check() {
  tool=$1
  shift
  if ! command -v "$tool" >/dev/null; then
    echo "skip $tool: not installed"
    skipped=$((skipped + 1))
  elif "$@" >"$tmp/log" 2>&1; then
    echo "ok   $tool"
    passed=$((passed + 1))
  else
    echo "FAIL $tool"
    head -n 60 "$tmp/log"
    failed=$((failed + 1))
  fi
}

format() {
  sources '\.(c|h|cpp|inc)$' | xargs clang-format --dry-run --Werror
}

# Not asked: ls in a folder whose names are ours, whether A && B || C was meant, text in single quotes that looks like an expression, functions
# that are called by name.
shell() {
  { sources '\.sh$'; echo .ci/run; } | xargs shellcheck --external-sources --source-path=SCRIPTDIR --exclude=SC2012,SC2015,SC2016,SC2317
}

# Words in code that are no slips.
spelling() {
  words=ist,upto,alls,blurr,alph,siz,delet,parm
  { sources '\.(c|h|cpp|inc|sh|py|md|build|recipe|frag|vert|glsl)$'; echo README.md CHANGELOG.md meson.build; } |
    xargs codespell --quiet-level 3 --ignore-words-list "$words"
}

# Sources without the kernels, whose vectors are GCC's own and no other tool's.
plain_sources() {
  sources '^(app|engine|model)/.*\.c$' | grep -v '^engine/kernels/'
}

# Its search for variables without a value does not follow calls, and is left to the compiler and the
# sanitizers; buffers of a pass hold numbers of several types.
faults() {
  plain_sources | xargs cppcheck --std=c11 --language=c --enable=warning,portability --inline-suppr --quiet \
    --error-exitcode=1 --suppress=uninitvar --suppress=invalidPointerCast \
    --suppress=duplicateAssignExpression -j "$(nproc)" -I engine -I model -I app
}

# What is compiled for another processor has no flags here.
tidy() {
  [ -f "$build/compile_commands.json" ] || {
    echo "no $build/compile_commands.json: build first"
    return 1
  }
  plain_sources >"$tmp/all"
  python3 -c '
import json, os, sys
there = {os.path.realpath(os.path.join(e["directory"], e["file"])) for e in json.load(open(sys.argv[1]))}
for name in open(sys.argv[2]):
    if os.path.realpath(name.strip()) in there:
        print(name.strip())' "$build/compile_commands.json" "$tmp/all" >"$tmp/here"
  [ -s "$tmp/here" ] && xargs -P "$(nproc)" -n 8 clang-tidy -p "$build" --quiet <"$tmp/here"
}

# A header that needs another one says so itself.
headers() {
  flags=$(pkg-config --cflags libcjson libavcodec libavformat libavutil libswscale sdl2 epoxy matio)
  bad=0
  for header in $(sources '^(app|engine|model)/.*\.h$'); do
    # shellcheck disable=SC2086  # several words
    "${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -fsyntax-only -Wall -Wextra -Wno-unused-parameter -Wno-unused-function \
      -Werror $flags -I engine -I model -I app -include "$header" -x c /dev/null || {
      echo "$header does not compile alone"
      bad=1
    }
  done
  return $bad
}

check clang-format format
check shellcheck shell
check codespell spelling
check cppcheck faults
check clang-tidy tidy
check "${CC:-cc}" headers
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
