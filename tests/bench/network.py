"""The files of one network that the engines read, made when they are asked for."""
import json
import os
import subprocess

from engine import Unavailable

HERE = os.path.dirname(os.path.abspath(__file__))


def bench(wingtip, *arguments):
    """What `wingtip bench` says of itself; Unavailable where it cannot do that."""
    run = subprocess.run([wingtip, 'bench', *arguments, '--runs', '1', '--json', '-'], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode:
        raise Unavailable((run.stderr.strip().splitlines() or ['it failed'])[-1])
    return json.loads(run.stdout)


class Network:
    """pass_ms: of a pass of ours in f32, the first one: for estimates only."""

    def __init__(self, name, folder, wingtip, python, threads):
        self.name, self.folder, self.wingtip, self.python = name, folder, wingtip, python
        self.weights = name
        if not os.path.isfile(name):
            self.weights = os.path.join(folder, 'random.safetensors')
            bench(wingtip, '--random', name, '--precision', 'int8', '--save', self.weights)
        facts = bench(wingtip, '--model', self.weights, '--precision', 'f32', '--threads',
                      str(threads))
        self.pass_ms = facts['median_ms']
        self.gmac, self.stacks = facts['gmac'], int(facts['stacks'])
        self.title = f"{self.stacks} stack{'s' if self.stacks > 1 else ''} of width " \
                     f"{facts['width']:.0f}, {facts['points']:.0f} points: {self.gmac:.2f} GMAC a face"

    def made(self, name, *command):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            run = subprocess.run([*command, path], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, text=True)
            if run.returncode:
                raise Unavailable((run.stderr.strip().splitlines() or ['it failed'])[-1])
        return path

    def onnx(self, faces=1):
        return self.made(f'batch{faces}.onnx', self.wingtip, 'model', 'export', '--batch', str(faces),
                         self.weights)

    def quantized(self):
        return self.made('int8.onnx', self.python, os.path.join(HERE, 'quantize_onnx.py'),
                         self.onnx())
