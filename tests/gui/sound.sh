#!/bin/sh
# Sound in the window's recordings: in step with the picture; a switch in the panel, remembered; a
# microphone beside it.
# shellcheck source=lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

start_display
model=fast

# White and a tone from 0.6, 1.4 and 2.2 s on, each for 0.12 s.
ffmpeg -nostdin -v error -f lavfi -i "color=black:s=320x240:r=25:d=3,drawbox=color=white:t=fill:\
enable='between(mod(t,0.8),0.599,0.719)*gt(t,0.1)'" -f lavfi -i \
  "aevalsrc='0.8*sin(2*PI*1000*t)*between(mod(t,0.8),0.6,0.72)':s=48000:d=3" \
  -c:v libx264 -qp 10 -c:a aac "$here/flash.mp4" || fail "no clip"

# sounds FILE: how many streams of sound it has.
sounds() {
  ffprobe -v error -select_streams a -show_entries stream=index -of csv=p=0 "$1" | wc -l
}

# together FILE: tones begin when it becomes bright, within two frames: on a slow computer the first
# bright ones may have been left out.
together() {
  ffmpeg -nostdin -hide_banner -copyts -i "$1" -vf blackdetect=d=0.1:pix_th=0.5 -af \
    silencedetect=n=-30dB:d=0.1 -f null - 2>&1 |
    awk '{ for (i = 1; i <= NF; i++) {
             if ($i ~ /^black_end:/) bright[++b] = substr($i, 11)
             if ($i == "silence_end:") tone[++s] = $(i + 1) } }
         END {
           for (i = 1; i <= b; i++)
             for (k = 1; k <= s; k++) {
               off = bright[i] - tone[k]
               if (off > -0.05 && off < 0.09) good++
             }
           print b + 0, "flashes", s + 0, "tones", good + 0, "together"
           exit good < 2 }'
}

launch --input "$here/flash.mp4" --frames 100000 --record "$here/with.mkv"
ends 0
[ "$(sounds "$here/with.mkv")" = 1 ] || fail "the recording has no sound"
together "$here/with.mkv" || fail "sound and picture are apart"

start --input "$here/flash.mp4" --loop --microphone 'lavfi:sine=frequency=440,arealtime'
key Tab
wait_for "the panel" listed "How to record"
unfold "How to record" Sound
click Sound
remembered no-audio yes
press r "recording to $here/wingtip-"
press r "saved $here/wingtip-"
video=$(find "$here" -name 'wingtip-*.mkv')
[ "$(sounds "$video")" = 1 ] || fail "not the microphone alone"
rm "$video"
click Sound
remembered no-audio no
press r "recording to $here/wingtip-"
press r "saved $here/wingtip-"
video=$(find "$here" -name 'wingtip-*.mkv')
[ "$(sounds "$video")" = 2 ] || fail "not both sounds"
key q
ends 0
echo "ok"
