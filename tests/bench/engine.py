"""The processes that peers.py measures, and how it talks to them; the other end is in serve.py and
ours.c."""
import dataclasses
import json
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
STOP_SECONDS = 10


@dataclasses.dataclass(frozen=True)
class Variant:
    """One way to run a network. mask: of ours, the highest instruction set. stacks: of ours, how many
    to run, 0 for all."""
    engine: str
    precision: str
    mask: str = 'auto'
    threads: int = 1
    faces: int = 1
    stacks: int = 0

    @property
    def label(self):
        return ' '.join([self.engine, self.precision] + ([self.mask] if self.mask != 'auto' else []))


class Unavailable(Exception):
    """Why a variant cannot run here: one line."""


@dataclasses.dataclass
class Programs:
    """Interpreters and programs that the variants need."""
    python: str         # with onnxruntime and OpenVINO
    debian_python: str  # with Debian's PyTorch
    ours: str


def command(variant, network, programs):
    v = variant
    if v.engine == 'wingtip':
        return [programs.ours, '--model', network.weights, '--precision', v.precision,
                '--cpu-mask', v.mask, '--threads', str(v.threads), '--batch', str(v.faces),
                '--stacks', str(v.stacks)]
    script = os.path.join(HERE, f'peer_{v.engine.lower()}.py')
    if v.engine == 'PyTorch':
        return [programs.debian_python, script, network.weights, v.precision, str(v.threads),
                str(v.faces)]
    model = network.quantized() if v.precision == 'int8' else network.onnx(v.faces)
    return [programs.python, script, model, v.precision, str(v.threads), str(v.faces)]


class Engine:
    """A variant's process, which waits on a pipe until it is asked for something."""

    def __init__(self, variant, network, programs):
        self.variant = variant
        self.log = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(command(variant, network, programs), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log, start_new_session=True)  # Ctrl-C is ours
        self.facts = self.answer()
        self.rounds = []  # times of the passes, ms, a list for each turn
        self.memory = {}
        self.difference = None  # from the baseline: agree.py

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.close()
            raise Unavailable(self.reason())
        return json.loads(line)

    def ask(self, *words):
        try:
            self.process.stdin.write(' '.join(words) + '\n')
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # answer() tells why
        return self.answer()

    def reason(self):
        self.log.seek(0)
        lines = [line.strip() for line in self.log if line.strip()]
        return lines[-1] if lines else f'ended with status {self.process.returncode}'

    def take_turn(self, passes):
        got = self.ask('time', str(passes))
        self.rounds.append(got['ms'])
        self.memory = {key: got[key] for key in ('resident', 'resident_peak')}

    def maps(self, images, out):
        self.ask('maps', images, out)

    @property
    def ms(self):
        return [t for turn in self.rounds for t in turn]

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.process.stdout.close()
