"""Times our engine and onnxruntime in turns; see vs_onnxruntime.sh.

Each round times a number of passes of onnxruntime in this process, then as many of ours through
`wingtip bench`; both warm up first. First the outputs are compared, on a picture of noise.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime as ort

WARM_UP = 3
PAUSE = 0.5  # seconds: onnxruntime's threads spin for a while after a pass


def median(values):
    return statistics.median(values)


def our_times(wingtip, weights, a):
    out = subprocess.run(
        [wingtip, 'bench', '--model', weights, '--threads', str(a.threads), '--runs', str(a.runs),
         '--precision', a.precision, '--json', '-'], check=True, stdout=subprocess.PIPE).stdout
    return json.loads(out)


def their_times(session, image, runs):
    for _ in range(WARM_UP):
        session.run(None, {'image': image})
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        session.run(None, {'image': image})
        times.append((time.perf_counter() - start) * 1e3)
    return times


def compare(session, dump, weights, folder):
    """Largest difference of any map; the maps are of order 1."""
    picture = np.random.default_rng(1).random((1, 256, 256, 3), np.float32)
    names = [os.path.join(folder, n) for n in ('again.onnx', 'x', 'y')]
    picture.tofile(names[1])
    subprocess.run([dump, weights, '1', *names], check=True)
    theirs = session.run(None, {'image': np.ascontiguousarray(picture.transpose(0, 3, 1, 2))})
    ours = np.fromfile(names[2], np.float32).reshape(np.shape(theirs))
    return float(np.abs(ours - np.array(theirs)).max()), float(np.abs(theirs).max())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build')
    parser.add_argument('--network', default='4x256')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--precision', default='f32', help="ours; onnxruntime's is f32")
    parser.add_argument('--rounds', type=int, default=6)
    parser.add_argument('--runs', type=int, default=10)
    a = parser.parse_args()
    wingtip = os.path.join(a.build, 'app', 'wingtip')
    dump = os.path.join(a.build, 'tests', 'golden', 'dump_maps')

    with tempfile.TemporaryDirectory() as folder:
        weights = os.path.join(folder, 'net.safetensors')
        onnx = os.path.join(folder, 'net.onnx')
        subprocess.run([wingtip, 'bench', '--random', a.network, '--save', weights, '--runs', '1'],
                       check=True, stdout=subprocess.DEVNULL)
        subprocess.run([wingtip, 'model', 'export', weights, onnx], check=True,
                       stdout=subprocess.DEVNULL)
        options = ort.SessionOptions()
        options.intra_op_num_threads = a.threads
        session = ort.InferenceSession(onnx, options, ['CPUExecutionProvider'])
        difference, largest = compare(session, dump, weights, folder)
        print(f'network {a.network}, {a.threads} threads, one face; '
              f'onnxruntime {ort.__version__} in f32, wingtip in {a.precision}')
        print(f'outputs in f32: largest difference {difference:.2g} (largest value {largest:.3g})')
        if difference > 1e-4 * max(1, largest):
            sys.exit('the outputs differ: no comparison')

        image = np.random.default_rng(2).random((1, 3, 256, 256), np.float32)
        ours, theirs = [], []
        best = [float('inf')] * 2
        for i in range(a.rounds):
            times = their_times(session, image, a.runs)
            t = median(times)
            best = [min(best[0], min(times)), best[1]]
            time.sleep(PAUSE)
            report = our_times(wingtip, weights, a)
            best[1] = min(best[1], report['min_ms'])
            ours.append(report['median_ms'])
            theirs.append(t)
            print(f'round {i + 1}: onnxruntime {t:.1f} ms, wingtip {ours[-1]:.1f} ms', flush=True)
        print(f"wingtip's kernels: {report['kernels']} on {report['cpu']}")
        print(f'median of {a.rounds} rounds of {a.runs}: onnxruntime {median(theirs):.1f} ms, '
              f'wingtip {median(ours):.1f} ms: {median(ours) / median(theirs):.2f} x its time')
        print(f'best pass of all: onnxruntime {best[0]:.1f} ms, wingtip {best[1]:.1f} ms: '
              f'{best[1] / best[0]:.2f} x its time')


if __name__ == '__main__':
    main()
