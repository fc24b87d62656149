#!/bin/sh
# Does code built for a lower instruction set hold instructions of a higher one? Registers tell: ymm is
# AVX, zmm and opmasks are AVX-512, tmm is AMX. Dot products have names of their own, and a first byte
# of 62 is the EVEX encoding, which AVX-512 alone has, also on registers that AVX has.
#   isa.sh LIBRARY-OF-KERNELS...   named libwt_kernels_<isa>.a; others are held to the baseline
# A program that uses one such instruction outside its library dies on the computers we promise to run on.
set -eu
evex='^ *[0-9a-f]+:[[:space:]]+62 '
checked=0
for library; do
  case $library in
  *kernels_amx*) bad='' ;;
  *kernels_avx512bf16*) bad='%tmm' ;;
  *kernels_avx512vnni*) bad='%tmm|vdpbf16ps|vcvtne' ;;
  *kernels_avx512*) bad='%tmm|vdpbf16ps|vcvtne|vpdp' ;;
  *kernels_avxvnni*) bad="%zmm|%k[0-7]|%tmm|$evex" ;;
  *kernels_avx2*) bad="%zmm|%k[0-7]|%tmm|vpdp|$evex" ;;
  *) bad="%ymm|%zmm|%k[0-7]|%tmm|vpdp|$evex" ;;
  esac
  objdump -d -w "$library" >isa.$$.txt
  lines=$(grep -c '^ *[0-9a-f]*:' isa.$$.txt || true)
  if [ "$lines" -lt 100 ]; then
    echo "$library: only $lines instructions seen"
    rm -f isa.$$.txt
    exit 1
  fi
  if [ -n "$bad" ] && grep -E "$bad" isa.$$.txt >isa.$$.bad; then
    echo "$library: instructions above its level, first of them:"
    head -n 5 isa.$$.bad
    rm -f isa.$$.txt isa.$$.bad
    exit 1
  fi
  rm -f isa.$$.txt isa.$$.bad
  echo "$library: $lines instructions, none above its level"
  checked=$((checked + 1))
done
[ "$checked" -gt 0 ]
