#!/bin/sh
# May a program built from these libraries run where an instruction set is missing?
#   isa.sh LIBRARY...   named libwt_<what>_<isa>.a; others are held to the baseline
# 1. No library holds instructions above its level. Registers tell: ymm is AVX, zmm and opmasks are
#    AVX-512, tmm is AMX. Dot products have names of their own, and a first byte of 62 is the EVEX
#    encoding, which AVX-512 alone has, also on registers that AVX has.
# 2. No library is entered from code of another. What it gives away is constant data with pointers to
#    its functions, and others name that data in tables alone, from which code is chosen after the
#    processor was asked. A function that fills such a table, a call, a jump or an address taken in
#    code may run anywhere, and then the program dies there.
# 3. Nothing in a library above the baseline runs by itself when the program starts.
set -eu
work=isa.$$
trap 'rm -rf "$work"' EXIT
mkdir "$work"

evex='^ *[0-9a-f]+:[[:space:]]+62 '
level_of() {
  case $1 in
  *_amx.a) echo amx ;;
  *_avx512bf16.a) echo avx512bf16 ;;
  *_avx512vnni.a) echo avx512vnni ;;
  *_avx512.a) echo avx512 ;;
  *_avxvnni.a) echo avxvnni ;;
  *_avx2.a) echo avx2 ;;
  *) echo baseline ;;
  esac
}

checked=0 above=0
: >"$work/functions"
for library; do
  level=$(level_of "$library")
  case $level in
  amx) bad='' ;;
  avx512bf16) bad='%tmm' ;;
  avx512vnni) bad='%tmm|vdpbf16ps|vcvtne' ;;
  avx512) bad='%tmm|vdpbf16ps|vcvtne|vpdp' ;;
  avxvnni) bad="%zmm|%k[0-7]|%tmm|$evex" ;;
  avx2) bad="%zmm|%k[0-7]|%tmm|vpdp|$evex" ;;
  baseline) bad="%ymm|%zmm|%k[0-7]|%tmm|vpdp|$evex" ;;
  esac
  objdump -d -w "$library" >"$work/code"
  lines=$(grep -c '^ *[0-9a-f]*:' "$work/code" || true)
  least=100
  case $library in *peak*) least=10 ;; esac
  if [ "$lines" -lt "$least" ]; then
    echo "$library: only $lines instructions seen"
    exit 1
  fi
  if [ -n "$bad" ] && grep -E "$bad" "$work/code" >"$work/bad"; then
    echo "$library: instructions above its level, first of them:"
    head -n 5 "$work/bad"
    exit 1
  fi
  if [ "$level" != baseline ]; then
    above=$((above + 1))
    nm -g --defined-only "$library" 2>/dev/null | awk 'NF == 3 { print $3 }' >>"$work/symbols"
    nm -g --defined-only "$library" 2>/dev/null |
      awk 'NF == 3 && $2 !~ /^[RDBV]$/ { print $3 }' >>"$work/functions"
    # A sanitizer's own constructor is the only one there may be; it is made for the flags of the file.
    objdump -h "$library" | grep -E '\.(init_array|ctors|preinit_array)' >"$work/start" || true
    if [ -s "$work/start" ]; then
      awk '/^[0-9a-f]+ <.*(sub_I|GLOBAL__|_ctor)/ { on = 1 } /^$/ { on = 0 } on' "$work/code" >"$work/ctor"
      if ! nm "$library" 2>/dev/null | grep -qE ' U __(asan|tsan|ubsan)' || grep -qE '%[xyz]mm|%k[0-7]' "$work/ctor"; then
        echo "$library: has code that runs when the program starts"
        exit 1
      fi
    fi
  fi
  echo "$library: $lines instructions, none above $level"
  checked=$((checked + 1))
done
[ "$checked" -gt 0 ]
if [ "$above" -eq 0 ]; then
  echo "no library above the baseline was given"
  exit 1
fi

# Relocations of code against symbols of the libraries above. A library may call itself.
sort -u "$work/symbols" >"$work/names"
found=0
for library; do
  nm -g --defined-only "$library" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u >"$work/own"
  comm -23 "$work/names" "$work/own" >"$work/foreign"
  objdump -r -w "$library" | awk -v foreign="$work/foreign" -v functions="$work/functions" \
    -v table="$work/table" '
    BEGIN {
      while ((getline s < foreign) > 0) is[s] = 1
      while ((getline s < functions) > 0) code[s] = 1
    }
    /^RELOCATION RECORDS FOR/ { section = substr($4, 2, length($4) - 3) }
    NF >= 3 && $2 ~ /^R_/ {
      name = $3; sub(/[-+]0x[0-9a-f]+$/, "", name); sub(/@.*/, "", name)
      if (!(name in is)) next
      if (section ~ /^\.text/ || section ~ /^\.init/ || name in code) print section ": " name
      else print name >> table
    }' >"$work/entries"
  if [ -s "$work/entries" ]; then
    echo "$library: code enters a library of a higher level without asking the processor:"
    sort -u "$work/entries" | head -n 10
    found=1
  fi
done
[ "$found" -eq 0 ]
# The check sees something: the tables name symbols of the libraries above.
if [ ! -s "$work/table" ]; then
  echo "no table names a library above the baseline: this check looks at the wrong files"
  exit 1
fi
echo "$(sort -u "$work/table" | grep -c .) symbols of $above libraries above the baseline, all named in tables only"
