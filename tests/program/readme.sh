#!/bin/sh
# READMEs are true: every relative link leads to a file; every folder with sources has a README, which names
# each of them; and its list of files, which stands in front of the first `## ` heading, names only what
# is there.
set -u
cd "${WINGTIP_SOURCE:?}" || exit 1
failed=0 links=0 named=0
folders='app assets engine model shaders tests'

fail() {
  echo "FAIL $*"
  failed=1
}

# links_of DOCUMENT: where its links lead, but for what is code.
links_of() {
  # shellcheck disable=SC2016  # backquotes are Markdown's
  sed '/^```/,/^```/d' "$1" | grep -oE '\]\([^) ]+\)' | sed -e 's/^](//' -e 's/)$//' -e 's/#.*//'
}

# listed DOCUMENT: the files of its list.
listed() {
  # shellcheck disable=SC2016
  sed -n -e '/^## /q' -e 's/^- \(`[^:]*`\):.*/\1/p' "$1" | tr -d '`,'
}

# Names of ours have no blanks, so that lists of them may be split into words.
documents=$(find . -path './.*' -prune -o -name '*.md' -print)
for document in $documents; do
  for link in $(links_of "$document"); do
    links=$((links + 1))
    case $link in
    *://*) ;;
    *) [ -e "$(dirname "$document")/$link" ] || fail "$document: there is no $link" ;;
    esac
  done
done

# shellcheck disable=SC2086  # one word each
sources=$(find $folders -name corpus -prune -o -type f \( -name '*.[ch]' -o -name '*.cpp' -o -name '*.inc' \
  -o -name '*.sh' -o -name '*.py' -o -name '*.glsl' -o -name '*.vert' -o -name '*.frag' -o -name '*.recipe' \
  -o -name '*.safetensors' \) -print)
for source in $sources; do
  readme=$(dirname "$source")/README.md
  named=$((named + 1))
  grep -qF "\`$(basename "$source")\`" "$readme" 2>/dev/null || fail "$readme does not name $(basename "$source")"
done

# shellcheck disable=SC2086  # one word each
readmes=$(find $folders -name README.md)
for readme in $readmes; do
  for file in $(listed "$readme"); do
    [ -e "$(dirname "$readme")/$file" ] || fail "$readme: there is no $file"
  done
done

echo "$links links, $named sources"
if [ "$links" -lt 50 ] || [ "$named" -lt 300 ]; then
  fail "too few: is this the source tree?"
fi
exit $failed
