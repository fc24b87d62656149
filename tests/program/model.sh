#!/bin/sh
# wingtip model info, import, export, quantize and card: conversions agree, what was written can be read, and a
# failure leaves the user's file as it was and nothing beside it.
set -u
: "${WINGTIP_EXE:?}" "${WINGTIP_SOURCE:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
golden=$WINGTIP_SOURCE/tests/golden
checks=0 failed=0

check() { # WHAT COMMAND...
  what=$1
  shift
  checks=$((checks + 1))
  if ! "$@" >out 2>err </dev/null; then
    echo "FAIL $what"
    sed 's/^/     /' err
    failed=$((failed + 1))
  fi
}

# refused WHAT COMMAND...: fails with one line on standard error and no new file here.
refused() {
  what=$1
  shift
  checks=$((checks + 1))
  ls >before
  if "$@" >out 2>err </dev/null || [ "$(wc -l <err)" -ne 1 ] || [ -s out ] || ! ls | cmp -s - before; then
    echo "FAIL $what: not refused in one line, or something was left behind"
    sed 's/^/     /' err
    failed=$((failed + 1))
  fi
}

has() { # PATTERN: in the output of the last command
  checks=$((checks + 1))
  grep -q -- "$1" out || {
    echo "FAIL output lacks: $1"
    sed 's/^/     /' out
    failed=$((failed + 1))
  }
}
: >out
: >err
: >before

check 'import of the stream' "$WINGTIP_EXE" model import "$golden/old.pth" a.safetensors --licence 'our own' --trained-on 'nothing'
has '2 stacks of width 16, 5 points'
check 'import of the zip' "$WINGTIP_EXE" model import "$golden/zip.pth" b.safetensors --licence 'our own' --trained-on 'nothing'
check 'info' "$WINGTIP_EXE" model info a.safetensors
has '^licence  *our own$'
has '^imported from  *old.pth$'
has "^sha256  *$(sha256sum a.safetensors | cut -d ' ' -f 1)\$"
check 'info as JSON' "$WINGTIP_EXE" model info b.safetensors --json -
has '"stacks":.*2'
has '"source":.*"zip.pth"'
check 'info of a checkpoint' "$WINGTIP_EXE" model info "$golden/zip.pth"
has 'PyTorch checkpoint (zip)'
check 'export' "$WINGTIP_EXE" model export a.safetensors a.onnx
check 'export of the checkpoint' "$WINGTIP_EXE" model export "$golden/zip.pth" b.onnx --batch 0
check 'import to bfloat16' "$WINGTIP_EXE" model import "$golden/old.pth" half.safetensors --bf16
check 'info of bfloat16' "$WINGTIP_EXE" model info half.safetensors
has 'F32 and BF16'
check 'bfloat16 is smaller' test "$(stat -c %s half.safetensors)" -lt "$(stat -c %s a.safetensors)"
check 'import again keeps what the file says' "$WINGTIP_EXE" model import a.safetensors again.safetensors --name again
check 'info again' "$WINGTIP_EXE" model info again.safetensors
has '^licence  *our own$'
has '^name  *again$'
check 'card' "$WINGTIP_EXE" model card a.safetensors card.safetensors name='a net' \
  nme='one list: NME 3; another: NME 4' hours=2 licence=
has '2 stacks of width 16, 5 points'
check 'info of it' "$WINGTIP_EXE" model info card.safetensors
has '^name  *a net$'
has '^hours  *2$'
has '^measured NME  *one list: NME 3$'
has '^  *another: NME 4$'
has '^licence  *not stated$'
has '^trained on  *nothing$'
has '^imported from  *old.pth$'
check 'card in bfloat16' "$WINGTIP_EXE" model card a.safetensors card16.safetensors --bf16
check 'gives what import gives' "$WINGTIP_EXE" model import a.safetensors import16.safetensors --bf16
check 'but for nothing' cmp card16.safetensors import16.safetensors
refused 'a key that nobody knows' "$WINGTIP_EXE" model card a.safetensors no.safetensors license=free
refused 'a number of the network' "$WINGTIP_EXE" model card a.safetensors no.safetensors stacks=3
refused 'a key without a text' "$WINGTIP_EXE" model card a.safetensors no.safetensors name
refused 'a text that is no UTF-8' "$WINGTIP_EXE" model card a.safetensors no.safetensors "name=$(printf 'caf\351')"
refused 'a card onto itself' "$WINGTIP_EXE" model card a.safetensors a.safetensors name=b
check 'the shipped weights' "$WINGTIP_EXE" model info "$WINGTIP_SOURCE/assets/wingtip-98.safetensors"
has '2 stacks of width 128, 98 points'
has '^licence  *research use only'
for name in wingtip-98-free free fast-free wingtip-detector-free; do
  check "those of rendered faces, by name: $name" "$WINGTIP_EXE" model info "$name"
  has '^licence  *MIT$'
done
check 'the fast ones, by name' "$WINGTIP_EXE" model info fast
has '1 stack of width 128, 98 points, input 128'
check 'the accurate ones, by name' "$WINGTIP_EXE" model info accurate
has '^name  *wingtip-98$'
for name in wingtip-98 wingtip-98-fast wingtip-98-free wingtip-98-fast-free wingtip-detector wingtip-detector-free; do
  check "the card of $name states the checksum" grep -q "$(sha256sum "$WINGTIP_SOURCE/assets/$name.safetensors" | cut -d ' ' -f 1)" "$WINGTIP_SOURCE/assets/$name.md"
done

# A picture of stripes, and a list of faces on it.
awk 'BEGIN { print "P3 80 60 255"; for (i = 0; i < 4800; i++) print i % 251, i * 7 % 256, int(i / 80) * 4 }' >face.ppm
for at in 20 30 40; do echo "face.ppm $at 20 $((at + 9)) 21 $((at + 5)) 26 $((at + 1)) 30 $((at + 8)) 31"; done >faces.txt
check 'quantize' "$WINGTIP_EXE" model quantize a.safetensors q.safetensors --data faces.txt
has '2 stacks of width 16, 5 points'
checks=$((checks + 1))
grep -q 'only 3 faces' err || {
  echo 'FAIL three faces are few, and that is not said'
  failed=$((failed + 1))
}
check 'info of the quantised' "$WINGTIP_EXE" model info q.safetensors
has 'F32 and I8'
has '^quantised  *int8: 3 faces of faces.txt$'
has '^licence  *our own$'
has "$("$WINGTIP_EXE" model info a.safetensors | grep '^network')"
check 'it is smaller' test "$(stat -c %s q.safetensors)" -lt "$(stat -c %s a.safetensors)"
check 'quantize by a seed' "$WINGTIP_EXE" model quantize a.safetensors r.safetensors --data faces.txt --faces 2 --seed 3
check 'and again' "$WINGTIP_EXE" model quantize a.safetensors s.safetensors --data faces.txt --faces 2 --seed 3
check 'gives the same file' cmp r.safetensors s.safetensors
check 'quantize but keep the weights' "$WINGTIP_EXE" model quantize a.safetensors k.safetensors --data faces.txt --keep-float
check 'info of that' "$WINGTIP_EXE" model info k.safetensors
has 'safetensors, F32, '
check 'kept weights can be quantised again' "$WINGTIP_EXE" model quantize k.safetensors k2.safetensors --data faces.txt
check 'to the same integers' cmp q.safetensors k2.safetensors
check 'export of the quantised' "$WINGTIP_EXE" model export q.safetensors q.onnx
check 'in float32 like the other' test "$(stat -c %s q.onnx)" -ge "$(stat -c %s a.onnx)"
check 'bfloat16 quantised but kept' "$WINGTIP_EXE" model quantize half.safetensors half8.safetensors --data faces.txt --keep-float
check 'info of that' "$WINGTIP_EXE" model info half8.safetensors
has 'safetensors, F32 and BF16, '
check 'it runs in int8' "$WINGTIP_EXE" bench --model half8.safetensors --precision int8 --runs 1
check 'bfloat16 becomes integers' "$WINGTIP_EXE" model quantize half.safetensors half8i.safetensors --data faces.txt
check 'info of these' "$WINGTIP_EXE" model info half8i.safetensors
has 'safetensors, F32, BF16 and I8, '
check 'import of the quantised keeps integers' "$WINGTIP_EXE" model import q.safetensors q16.safetensors --bf16 --name q
check 'info of it' "$WINGTIP_EXE" model info q16.safetensors
has 'F32, BF16 and I8'
check 'int8 runs' "$WINGTIP_EXE" bench --model q.safetensors --precision int8 --runs 1
head -c 20000 q.safetensors >half-q.safetensors

# A face detector runs in int8 as well.
detector=$WINGTIP_SOURCE/assets/wingtip-detector.safetensors
awk 'BEGIN { for (f = 0; f < 3; f++) { printf "face.ppm"
  for (i = 0; i < 98; i++) printf " %.1f %.1f", 20 + 15 * f + 12 * cos(i / 7), 25 + 14 * sin(i / 5); print "" } }' >heads.txt
check 'a detector' "$WINGTIP_EXE" model quantize "$detector" detector8.safetensors --data heads.txt
check 'info of it' "$WINGTIP_EXE" model info detector8.safetensors
has '^quantised  *int8: 3 faces of heads.txt$'
has 'F32, BF16 and I8'
check 'it looks' "$WINGTIP_EXE" track face.ppm --detector ./detector8.safetensors --csv looked.csv

# A network of a smaller crop: its file says so, and all that is made of it.
check 'a network of crops of 128' "$WINGTIP_EXE" bench --random 1x16x5@128 --save small.safetensors --runs 1
has '1 stack of width 16, 5 points, input 128'
check 'info of it' "$WINGTIP_EXE" model info small.safetensors
has '1 stack of width 16, 5 points, input 128'
check 'quantize it' "$WINGTIP_EXE" model quantize small.safetensors small8.safetensors --data faces.txt
has 'input 128'
check 'it runs in int8' "$WINGTIP_EXE" bench --model small8.safetensors --precision int8 --runs 1
has 'input 128'
check 'import keeps it' "$WINGTIP_EXE" model import small.safetensors small16.safetensors --bf16
has 'input 128'
check 'export of it' "$WINGTIP_EXE" model export small.safetensors small.onnx
refused 'a size that no network has' "$WINGTIP_EXE" bench --random 1x16@160
refused 'words behind the size' "$WINGTIP_EXE" bench --random 1x16@128x

# A pickle that would run a command, in Python: cos\nsystem\n(S'...'\ntR.
printf '\200\002cposix\nsystem\nX\007\000\000\000touch x\205R.' >evil.pth
sum=$(cat a.safetensors a.onnx | cksum)
head -c 5000 "$golden/zip.pth" >cut.pth
# Weights that no network can compute with: each of its readers says so.
cat >spoil.py <<'END'
import json, struct, sys
_, source, target, name, number = sys.argv
b = bytearray(open(source, "rb").read())
n = struct.unpack("<Q", b[:8])[0]
at = 8 + n + json.loads(b[8:8 + n])[name]["data_offsets"][0]
b[at:at + 4] = struct.pack("<f", float(number))
open(target, "wb").write(b)
END
small=$WINGTIP_SOURCE/tests/program/small.safetensors
check 'not a number' python3 spoil.py "$small" nan.safetensors bn1.bias nan
check 'infinite' python3 spoil.py "$small" infinite.safetensors conv_last0.weight -inf
check 'a negative variance' python3 spoil.py "$small" negative.safetensors bn1.running_var -1
spoilt() { # the same, and it names a tensor
  refused "$@"
  checks=$((checks + 1))
  grep -q "error: $w.safetensors: tensor .* holds a \(negative number\|number that is not finite\)" err || {
    echo "FAIL $1: the reason"
    sed 's/^/     /' err
    failed=$((failed + 1))
  }
}
for w in nan infinite negative; do
  spoilt "info of $w weights" "$WINGTIP_EXE" model info $w.safetensors
  spoilt "export of $w weights" "$WINGTIP_EXE" model export $w.safetensors no.onnx
  spoilt "eval of $w weights" "$WINGTIP_EXE" eval --model $w.safetensors --data faces.txt
  spoilt "tracking with $w weights" "$WINGTIP_EXE" track --model $w.safetensors face.ppm --csv no.csv
  spoilt "tuning of $w weights" "$WINGTIP_EXE" tune --from $w.safetensors --data faces.txt --out no.safetensors
  spoilt "quantizing of $w weights" "$WINGTIP_EXE" model quantize $w.safetensors no.safetensors --data faces.txt
done

refused 'import of a hostile pickle' "$WINGTIP_EXE" model import evil.pth a.safetensors
refused 'import of half a file' "$WINGTIP_EXE" model import cut.pth a.safetensors
refused 'import over itself' "$WINGTIP_EXE" model import a.safetensors ./a.safetensors
refused 'import of another network' "$WINGTIP_EXE" model import "$golden/odd-zip.pth" a.safetensors
refused 'export to a missing folder' "$WINGTIP_EXE" model export a.safetensors none/a.onnx
refused 'export to a device' "$WINGTIP_EXE" model export a.safetensors /dev/null
refused 'export on a full disk' sh -c 'trap "" XFSZ; ulimit -f 64; exec "$@"' sh "$WINGTIP_EXE" model export a.safetensors a.onnx
refused 'quantize without faces' "$WINGTIP_EXE" model quantize a.safetensors n.safetensors
refused 'quantize on a missing list' "$WINGTIP_EXE" model quantize a.safetensors n.safetensors --data none.txt
refused 'quantize over itself' "$WINGTIP_EXE" model quantize a.safetensors a.safetensors --data faces.txt
refused 'quantize of integers' "$WINGTIP_EXE" model quantize q.safetensors n.safetensors --data faces.txt
refused 'quantize of half a file' "$WINGTIP_EXE" model quantize half-q.safetensors n.safetensors --data faces.txt
refused 'int8 without ranges' "$WINGTIP_EXE" bench --model a.safetensors --precision int8
refused 'no word' "$WINGTIP_EXE" model
refused 'an unknown word' "$WINGTIP_EXE" model inof a.safetensors
refused 'no output' "$WINGTIP_EXE" model import evil.pth
check 'what was there is as it was' test "$(cat a.safetensors a.onnx | cksum)" = "$sum"

echo "$checks checks, $failed failed"
[ "$failed" -eq 0 ]
