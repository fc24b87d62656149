#!/bin/sh
# What can go wrong with a camera: one clear line that says what it is, exit status 1; and what passes is
# waited for.
# shellcheck source=checks.sh disable=SC1091
. "$(dirname "$0")/checks.sh"

plug 0 "Desk Cam" "MJPG 640x360 30" "YUYV 640x360 30"
last_time() { tail -n 1 out | cut -d ' ' -f 3; }
frames_of() { [ "$(grep -c '^frame 640x360 ' out)" -ge "$1" ]; }

# Cannot be opened.
state 0 denied
grab 0 640x360 30 1
ok "no permission" refused 'camera "Desk Cam" (/dev/video0): no permission to use it (group "video")'
wingtip demo --camera 0 --out .
ok "no permission: demo" refused 'no permission to use it'
wingtip doctor
ok "no permission: doctor" grep -q 'Desk Cam (/dev/video0): Permission denied' out
state 0 busy
grab 0 640x360 30 1
ok "busy" refused 'camera "Desk Cam" (/dev/video0): in use by another program'
sleep 3000 9<"$cameras/video0/held" &
holder=$!
pid=$holder
within "one that holds it" grep -qx sleep "/proc/$holder/comm"
pid=''
grab 0 640x360 30 1
ok "busy: which program" refused "camera \"Desk Cam\" (/dev/video0): in use by sleep (process $holder)"
kill "$holder"
wait "$holder" 2>/dev/null
holder=''
wingtip demo --camera 0 --out .
ok "busy: demo" refused 'in use by another program'
ok "and no file is left" [ "$(find . -maxdepth 1 -name 'wingtip-*' | wc -l)" -eq 0 ]
state 0 bandwidth
grab 0 640x360 30 1
ok "too many on one bus" refused 'camera "Desk Cam" (/dev/video0): it sends no pictures'
state 0 ok
grab 0 640x360 30 1
ok "and then it can be used" opened "Desk Cam 640x360 at 30"
grab 3 640x360 30 1
ok "another number" refused 'camera "3" is not there; there is: 0 "Desk Cam"'
plug 2 "Strange Cam" "YUYV 640x360 30"
echo "ZZZZ 640x360 30" >"$cameras/video2/modes"
: >"$cameras/video2/ZZZZ-640x360"
grab 2 640x360 30 1
ok "a format that nobody knows" refused 'camera "Strange Cam" (/dev/video2): no format that can be read'

# Unplugged and back, with another number; several times.
run_grab() { # FRAMES
  : >out
  : >err
  preloaded "$WINGTIP_GRAB" 0 640x360 30 "$1" frames.raw >out 2>err &
  pid=$!
}
ended() {
  wait "$pid"
  got=$?
  pid=''
}
run_grab 30
within "some frames" frames_of 5
unplug 0
within "word of it" grep -q 'warning: camera "Desk Cam" has gone; waiting for it to come back' err
replug 0 4
ended
ok "unplugged and back" opened "Desk Cam 640x360 at 30"
ok "all frames" frames_of 30
ok "in two lines" [ "$(wc -l <err)" -eq 2 ]
ok "in the same way" [ "$(streamed 4)" = "MJPG 640x360 at 30" ]
mv "$cameras/video4" "$cameras/video0"

# Unplugged for good: what was made is kept.
wait_log() { [ -n "$(streamed 0)" ]; }
rm -f "$cameras/video0/log"
preloaded "$WINGTIP_EXE" demo --camera 0 --model fast --seconds 600 --out . >out 2>err &
pid=$!
within "the stream" wait_log
within "some frames" grep -q 'frames, ' err
unplug 0
ended
ok "unplugged: exit status 1" [ "$got" -eq 1 ]
ok "unplugged: said" grep -q 'error: Desk Cam: no more pictures come from it' err
replug 0

# No picture comes at all.
state 0 stuck
grab 0 640x360 30 1
ok "no picture" refused 'camera "Desk Cam" (/dev/video0): it sends no pictures'
state 0 ok

# Late pictures are waited for.
state 0 late 2000
grab 0 640x360 30 3
ok "late pictures" opened "Desk Cam 640x360 at 30"
ok "late by two seconds each" [ "$(last_time)" -ge 4000 ]
ok "without a word" [ ! -s err ]

# Damaged ones are left out.
state 0 cut 3
grab 0 640x360 30 12
ok "cut pictures" opened "Desk Cam 640x360 at 30"
ok "cut pictures: without a word" [ ! -s err ]
state 0 empty 3
grab 0 640x360 30 12
ok "empty pictures" opened "Desk Cam 640x360 at 30"
ok "empty pictures: without a word" [ ! -s err ]
exit $((failed > 0))
