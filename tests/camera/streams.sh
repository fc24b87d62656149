#!/bin/sh
# `track --osf-udp, --vmc, --virtual-camera`: what clients receive is what the JSON lines of the same run say; wrong
# addresses and devices; nobody who listens.
# shellcheck source=checks.sh disable=SC1091
. "$(dirname "$0")/checks.sh"
: "${WINGTIP_LISTEN:?}"
frames=12
ffmpeg -nostdin -v error -i "$WINGTIP_SOURCE/assets/demo.mp4" -frames:v $frames -c:v ffv1 clip.mkv || exit 1

# The device that is written to, as an output; later, as a camera, it shows what was written.
mkdir -p cameras/video5
echo 'Virtual' >cameras/video5/name
echo 0 >cameras/video5/index
: >cameras/video5/held
: >cameras/video5/output
echo 'YUYV 640x480 30' >cameras/video5/modes

"$WINGTIP_LISTEN" osf $frames >osf.txt 2>&1 &
osf=$!
"$WINGTIP_LISTEN" vmc $frames >vmc.txt 2>&1 &
vmc=$!
pid=''
within "two ports" sh -c '[ -s osf.txt ] && [ -s vmc.txt ]'
wingtip track clip.mkv --model fast --jsonl lines --osf-udp "127.0.0.1:$(head -n 1 osf.txt)" \
  --vmc ":$(head -n 1 vmc.txt)" --virtual-camera /dev/video5
ok "track" [ "$got" -eq 0 ]
ok "without a line about streams" sh -c '! grep -i "packets\|bundles\|camera" err'
pid=$osf
wait $osf
ok "OpenSeeFace: every packet" [ "$? $(sed 1d osf.txt | grep -c '^face 0 ')" = "0 $frames" ]
pid=$vmc
wait $vmc
ok "VMC: every bundle" [ "$? $(sed 1d vmc.txt | grep -c '^ok 1 t ')" = "0 $frames" ]
pid=''

# Against the lines: the first face's outermost point of the jaw, pupil and pose, and the times.
python3 - >agree 2>&1 <<'PYTHON'
import json, math
lines = [json.loads(line) for line in open('lines')]
osf = [line.split() for line in open('osf.txt')][1:]
osf = [w for w in osf if w[1] == '0']
vmc = [line.split() for line in open('vmc.txt')][1:]
assert len(lines) == len(osf) == len(vmc), (len(lines), len(osf), len(vmc))
def near(a, b, by, what):
    assert abs(a - b) <= by, '%s: %g, not %g' % (what, a, b)
for k, (line, o, v) in enumerate(zip(lines, osf, vmc)):
    face = line['faces'][0]
    # 98 points: 0 is the jaw's first as well, 96 the pupil that is left in the picture
    for name, index in (('point0', 0), ('point66', 96)):
        at = o.index(name)
        near(float(o[at + 1]), face['points'][index][0], 0.01, name + ' x')
        near(float(o[at + 2]), face['points'][index][1], 0.01, name + ' y')
    near(float(o[o.index('point66') + 3]), face['point_confidence'][96], 0.001, 'confidence')
    assert o[6] == '1', 'no pose'
    # Facing the camera is (180, 0, 90); small turns show in their place.
    pose, e = face['pose'], [float(w) for w in o[o.index('euler') + 1:o.index('euler') + 4]]
    near((e[0] - 180 - pose['pitch'] + 180) % 360 - 180, 0, 2, 'pitch')
    near(e[1], -pose['yaw'], 2, 'yaw')
    near(e[2] - 90, -pose['roll'], 2, 'roll')
    q = [float(w) for w in o[o.index('q') + 1:o.index('q') + 5]]
    near(math.hypot(*q), 1, 1e-4, 'quaternion')
    near(float(v[3]), line['time'] - lines[0]['time'], 1e-4, 'time')
    h = [float(w) for w in v[v.index('head') + 1:v.index('head') + 5]]
    # the rotation of the pose, as a whole angle
    near(2 * math.degrees(math.acos(min(1, abs(h[3])))),
         math.hypot(pose['pitch'], pose['yaw'], pose['roll']), 2, 'head')
    # turned the same way: x carries pitch, y yaw, z roll
    for axis, name in enumerate(('pitch', 'yaw', 'roll')):
        if abs(pose[name]) > 3:
            assert (2 * math.degrees(math.asin(h[axis])) > 0) == (pose[name] > 0), name
    for name in ('Blink_L', 'Blink_R', 'A'):
        assert 0 <= float(v[v.index(name) + 1]) <= 1, name
    near(1 - float(o[4]), float(v[v.index('Blink_R') + 1]), 1e-3, 'right eye')
print('agree')
PYTHON
cp agree err
ok "both say what the lines say" grep -qx agree agree

# The virtual camera: what was written, shown by the device as a camera, read by a client.
ok "its format" grep -qx 'writes YUYV 640x480' cameras/video5/log
ok "its pictures" [ "$(wc -c <cameras/video5/written)" -eq $((frames * 640 * 480 * 2)) ]
rm cameras/video5/output
mv cameras/video5/written cameras/video5/YUYV-640x480
grab 5 640x480 30 3
ok "a client sees a camera" opened 'Virtual 640x480 at 30'
"$WINGTIP_EXE" track clip.mkv --model fast -o drawn.mkv 2>/dev/null
ffmpeg -nostdin -v error -i drawn.mkv -frames:v 1 -vf scale=640:480 drawn.png
ffmpeg -nostdin -v error -f rawvideo -pix_fmt yuyv422 -s 640x480 -i cameras/video5/YUYV-640x480 -frames:v 1 seen.png
ffmpeg -nostdin -v error -i clip.mkv -frames:v 1 -vf scale=640:480 plain.png
# Mean absolute differences: close to the annotated picture, farther from the plain one.
difference() { compare -metric MAE "$1" "$2" null: 2>&1 | sed 's/ .*//;s/\..*//'; }
ok "with the drawing on it" [ "$(difference seen.png drawn.png)" -lt "$(difference seen.png plain.png)" ]
ok "and the picture" [ "$(difference seen.png drawn.png)" -lt 1500 ]

# What cannot be: told once, while the tables are written all the same.
once() { [ "$got" -eq 0 ] && [ "$(grep -c "$1" err)" -eq 1 ]; }
: >cameras/video5/output
state 5 denied
wingtip track clip.mkv --model fast --csv a.csv --virtual-camera /dev/video5
ok "no permission" once 'virtual camera to /dev/video5: no permission'
state 5 busy
wingtip track clip.mkv --model fast --csv a.csv --virtual-camera /dev/video5
ok "busy" once 'virtual camera to /dev/video5: in use by another program'
state 5 fine
rm cameras/video5/output
wingtip track clip.mkv --model fast --csv a.csv --virtual-camera /dev/video5
ok "a camera is no output" once 'virtual camera to /dev/video5: a camera, not an output'
wingtip track clip.mkv --model fast --csv a.csv --virtual-camera /dev/video9
ok "no device" once 'virtual camera to /dev/video9: no such device'
wingtip track clip.mkv --model fast --csv a.csv --virtual-camera clip.mkv
ok "no device at all" once 'virtual camera to clip.mkv: not a video device'
wingtip track clip.mkv --model fast --csv a.csv --osf-udp 127.0.0.1:9
ok "nobody listens" once 'OpenSeeFace packets to 127.0.0.1:9: nobody listens there'
for wrong in nonsense 127.0.0.1 127.0.0.1:0 127.0.0.1:70000 :x 'a b:1'; do
  wingtip track clip.mkv --csv b.csv --vmc "$wrong"
  ok "--vmc $wrong" sh -c "[ $got -eq 2 ] && [ \$(wc -l <err) -eq 1 ] && grep -q 'is not HOST:PORT' err && [ ! -e b.csv ]"
done
[ "$failed" -eq 0 ]
