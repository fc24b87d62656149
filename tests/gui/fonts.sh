#!/bin/sh
# Characters that the window's font has not come from another one, where there is one: here DejaVu plays that font,
# which has the Georgian letters of a file's name. Without one, or with one that is damaged, everything else is there.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
make_picture 2 face
# Ten letters.
mv "$here/face.png" "$here/აბგდევზთიკ.png"
model=fast
dejavu=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf

# named NAME FONT: a screenshot of the panel's upper part, with that font for what the first has not.
named() {
  export WINGTIP_FALLBACK_FONT="$2"
  start --input "$here/აბგდევზთიკ.png" --size 1000x500 --faces 1 --status off
  press Tab "panel opened"
  wait_for "the panel" listed File
  [ "$2" != "$dejavu" ] || wait_for "the other font" grep -q "fonts: other characters from $dejavu" "$here/log"
  sleep 1
  shot "$1"
  key q
  ends 0
}
printf 'no font' >"$here/broken.ttf"
named with "$dejavu"
named without ''
! grep -q "fonts: other characters" "$here/log" || fail "a font that was not wanted"
named broken "$here/broken.ttf"
[ "$(count "broken.ttf: no font that can be used")" -eq 1 ] || fail "no word, or more than one, about the broken font"
named again "$dejavu"
name=200x24+674+66
at_least 60 "the name in letters instead of marks" "$(differing with without "$name")"
at_most 0 "without a font, or with a broken one" "$(differing without broken "$name")"
at_most 0 "the same font twice" "$(differing with again "$name")"
# All else is the same: the buttons above, the panel below.
at_most 0 "the rest of the panel" "$(differing with without 300x150+690+100)"
echo passed
