"""Times our engine and its peers in turns on the same networks; see peers.sh."""
import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace

import estimate
import tables
from engine import Engine, Programs, Unavailable, Variant
from network import Network

PAUSE = 0.3  # seconds: threads of the engine before spin for a while after a pass
SILENCE = 5  # seconds: so long it may start engines without a word
FACES = (1, 2, 4, 8)
PRECISIONS = ('f32', 'bf16', 'int8')
BASELINE = Variant('onnxruntime', 'f32')
VARIANTS = [
    BASELINE,
    Variant('onnxruntime', 'int8'),
    Variant('OpenVINO', 'f32'),
    Variant('OpenVINO', 'bf16'),
    Variant('OpenVINO', 'int8'),
    Variant('PyTorch', 'f32'),
    Variant('PyTorch', 'bf16'),
    Variant('wingtip', 'f32'),
    Variant('wingtip', 'f32', 'avx2'),
    Variant('wingtip', 'bf16'),
    Variant('wingtip', 'int8'),
    Variant('wingtip', 'int8', 'avx512vnni'),
    Variant('wingtip', 'int8', 'avxvnni'),
    Variant('wingtip', 'int8', 'avx2'),
]
SCALED = [BASELINE] + [Variant('wingtip', p) for p in PRECISIONS]
TABLES = ('speed', 'memory', 'threads', 'faces', 'stacks')
STOPPED = 130  # exit status, as after Ctrl-C everywhere


def say(text):
    print(text, file=sys.stderr, flush=True)


def count(n, one, many=None):
    return f'{n} {one if n == 1 else many or one + "s"}'


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog='peers.sh', description='Our engine and its peers, timed in turns on the same networks. '
        'Tables in Markdown on standard output, progress on standard error.')
    add = parser.add_argument
    add('--network', action='append', metavar='SxW[xP]|FILE', help='S stacks of width W with P points '
        '(98) and random weights, or a safetensors file; may be repeated (default: 4x256 and 2x128)')
    add('--threads', type=int, default=0, metavar='N', help='for every engine (default: one per core)')
    add('--rounds', type=int, default=8, metavar='N', help='turns of each engine (%(default)s)')
    add('--runs', type=int, default=5, metavar='N', help='timed passes a turn (%(default)s)')
    add('--only', default='', metavar='PATTERN', help='variants whose name, such as "wingtip int8 '
        'avx2", has a match of this regular expression')
    add('--tables', default=','.join(TABLES), metavar='LIST', help='which of %(default)s')
    add('--json', metavar='FILE', help='every time that was measured')
    add('--build', default=os.path.join('.build', 'test'), help=argparse.SUPPRESS)
    a = parser.parse_args(arguments)
    a.network = a.network or ['4x256', '2x128']
    a.tables = a.tables.split(',')
    for network in a.network:
        if not re.fullmatch(r'\d+x\d+(x\d+)?', network) and not os.path.isfile(network):
            parser.error(f'--network: "{network}" is neither SxW, such as 4x256, nor a file')
    for name in a.tables:
        if name not in TABLES:
            parser.error(f'--tables: "{name}" is not one of {", ".join(TABLES)}')
    if a.threads < 0 or min(a.rounds, a.runs) < 1:
        parser.error('--threads is 0 or more; --rounds and --runs are 1 or more')
    try:
        a.only = re.compile(a.only)
    except re.error as error:
        parser.error(f'--only: {error}')
    return a


class Comparison:
    """One run of the script."""

    def __init__(self, a):
        self.a = a
        self.programs = Programs(sys.executable, '/usr/bin/python3',
                                 os.path.join(a.build, 'tests', 'bench', 'ours'))
        self.wingtip = os.path.join(a.build, 'app', 'wingtip')
        self.threads = a.threads
        self.peaks = {}     # by precision: the best of several looks
        self.look_at_machine()
        self.threads = a.threads or self.cores
        self.versions = {}  # by engine
        self.record = []    # for --json
        self.said = set()   # why variants are missing; once is enough
        self.failed = False
        self.stopped = False  # Ctrl-C: what has been measured is shown, nothing more is
        self.slower = 1.0   # what measuring took, by what was estimated

    # ---- measuring

    def look_at_machine(self):
        found = json.loads(subprocess.run(
            [self.programs.ours, '--machine', '--threads', str(self.threads)], check=True,
            stdout=subprocess.PIPE).stdout)
        self.cpu, self.cores = found['cpu'], int(found['cores'])
        for precision, peak in found['peaks'].items():
            if peak['gflops'] > self.peaks.get(precision, {'gflops': 0})['gflops']:
                self.peaks[precision] = peak

    def start(self, engines, variants, network):
        """Adds those that can run to engines; says why the others cannot, and where it is."""
        said = time.monotonic()
        for i, v in enumerate(variants):
            if time.monotonic() - said > SILENCE:
                said = time.monotonic()
                say(f'{network.name}: starting {v.label}, {i + 1} of {len(variants)}')
            try:
                engines.append(Engine(v, network, self.programs))
                self.versions[v.engine] = engines[-1].facts['version']
            except Unavailable as reason:
                line = f'{network.name}: no {v.label}: {reason}'
                if line not in self.said:
                    say(line)
                self.said.add(line)

    def check(self, engines, network, folder):
        """Fills in .difference: whether they agree with the first, onnxruntime in f32."""
        import agree  # needs numpy
        images, maps = os.path.join(folder, 'images'), os.path.join(folder, 'maps')
        agree.write_images(images)
        reference = None
        for e in engines if engines and engines[0].variant.label == BASELINE.label else []:
            e.maps(images, maps)
            got = agree.read_maps(maps, network.stacks)
            reference = got if reference is None else reference
            e.difference = agree.difference(got, reference)
            if not e.difference <= agree.LIMIT[e.variant.precision]:
                say(f'{network.name}: {e.variant.label} computes something else: its maps differ by '
                    f'{e.difference:.2g} (relative RMS)')
                self.failed = True

    def take_turns(self, engines, network):
        start = time.monotonic()
        for i in range(self.a.rounds if engines else 0):
            took = time.monotonic() - start
            left = f', about {estimate.words(took / i * (self.a.rounds - i))} left' if i else ''
            say(f'{network.name}: round {i + 1} of {self.a.rounds}, {count(len(engines), "engine")}{left}')
            for e in engines:
                e.take_turn(self.a.runs)
                time.sleep(PAUSE)

    def measure(self, variants, network, folder=None):
        """Starts the variants, lets them take turns and ends them. folder: also checks there that
        they agree. When it is stopped, those that have had a turn are what there is."""
        engines = []
        try:
            self.start(engines, variants, network)
            if folder:
                self.check(engines, network, folder)
            self.take_turns(engines, network)
        except KeyboardInterrupt:
            self.stopped = True
        finally:
            for e in engines:
                e.close()
        engines = [e for e in engines if e.rounds]
        self.record += [{'network': network.name, **asdict(e.variant), **e.facts, **e.memory,
                         'difference': e.difference, 'rounds_ms': e.rounds} for e in engines]
        return engines

    # ---- what there is to do, and how long it takes

    def parts(self, network):
        """What is measured of a network, in order: the tables that come out of it, and the variants
        that take turns for it."""
        found = []
        together = [name for name in ('speed', 'memory') if name in self.a.tables]
        if together:
            found.append((together, [replace(v, threads=self.threads) for v in VARIANTS]))
        for field, values in (('threads', range(1, self.cores + 1)), ('faces', FACES),
                              ('stacks', range(1, network.stacks + 1))):
            if field in self.a.tables:
                found.append(([field], [replace(v, **{'threads': self.threads, field: value})
                                        for v in SCALED for value in values
                                        if field != 'stacks' or v.engine == 'wingtip']))
        return [(names, [v for v in variants if self.a.only.search(v.label)])
                for names, variants in found]

    def seconds(self, variants, network):
        """What measuring these is likely to take."""
        ours = network.pass_ms * 1e-3
        return self.slower * sum(
            estimate.engine(v, ours, network, self.threads, self.a.rounds, self.a.runs, PAUSE)
            for v in variants)

    # ---- tables

    def speed(self, engines, network):
        base = [e for e in engines if e.variant.label == BASELINE.label]
        baseline = tables.figures(base[0].ms)['median_ms'] if base else None
        rows = []
        for e in engines:
            v = e.variant
            peak = self.peaks.get(v.precision, {}).get('gflops')
            f = tables.figures(e.ms, gmac=network.gmac, baseline=baseline, peak=peak)
            rows.append([v.engine, v.precision, e.facts['instructions'], tables.number(f['median_ms']),
                         tables.number(f['min_ms']), tables.ratio(f['ratio']),
                         tables.number(f['gflops']), tables.percent(f['share']),
                         f'{e.difference:.1g}' if e.difference else ''])
        return tables.table(['engine', 'precision', 'instructions', 'median ms', 'min ms',
                             'x onnxruntime f32', 'GFLOP/s', 'of peak', 'difference'], rows)

    def memory(self, engines):
        return tables.table(
            ['engine', 'precision', 'instructions', 'load ms', 'MB before', 'MB then', 'MB at most'],
            [[e.variant.engine, e.variant.precision, e.facts['instructions'],
              tables.number(e.facts['load_ms']), tables.megabytes(e.facts['resident_before']),
              *(tables.megabytes(e.memory[k]) for k in ('resident', 'resident_peak'))]
             for e in engines])

    def scaling(self, engines, field):
        """A row for each of SCALED, a column for each value of that field: ms a face."""
        unit = field.rstrip('s')
        values = sorted({getattr(e.variant, field) for e in engines})
        cells = {(e.variant.label, getattr(e.variant, field)):
                 tables.figures(e.ms)['median_ms'] / e.variant.faces for e in engines}
        rows = [[v.engine, v.precision, *(tables.number(cells.get((v.label, n))) for n in values)]
                for v in SCALED if any((v.label, n) in cells for n in values)]
        return tables.table(['engine', 'precision', *(count(n, unit) for n in values)], rows)

    def show(self, name, engines, network):
        """Prints a table."""
        threads = count(self.threads, 'thread')
        title = {
            'speed': f'Speed, {threads}, one face:',
            'memory': 'Time to load, and memory of the process before loading and while it runs:',
            'threads': 'Threads, ms a face (up to the number of cores here):',
            'faces': f'Faces in one pass, {threads}, ms a face:',
            'stacks': f'Stacks that are run, {threads}, ms:',
        }[name]
        made = {'speed': lambda: self.speed(engines, network), 'memory': lambda: self.memory(engines)}
        print(title, made.get(name, lambda: self.scaling(engines, name))(), sep='\n', flush=True)

    def report(self, networks):
        """Measures and prints table by table."""
        todo = [(network, *part) for network in networks for part in self.parts(network)]
        whole = sum(self.seconds(variants, network) for network, _, variants in todo)
        say(f'{count(len(networks), "network")}, {count(self.a.rounds, "round")}: about '
            f'{estimate.words(whole)} if all engines run here; Ctrl-C shows what has been measured '
            'up to then')
        shown = None
        for i, (network, names, variants) in enumerate(todo):
            expected = self.seconds(variants, network)
            rest = sum(self.seconds(v, n) for n, _, v in todo[i + 1:])
            say(f'{network.name}: {" and ".join(names)}: {count(len(variants), "engine")}, about '
                f'{estimate.words(expected)}' +
                (f'; the tables after it about {estimate.words(rest)}' if rest else ''))
            start = time.monotonic()
            engines = self.measure(variants, network, network.folder if 'speed' in names or
                                   'memory' in names else None)
            took = time.monotonic() - start
            if 'speed' in names and not self.stopped:
                self.look_at_machine()
            if engines and network is not shown:
                print(f'### {network.title}\n')
                shown = network
            for name in names if engines else []:
                self.show(name, engines, network)
            if self.stopped:
                return
            if engines:
                self.slower *= took / expected

    def machine(self):
        lines = [f'{self.cpu}, {self.cores} cores; ' +
                 ', '.join(f'{engine} {version}' for engine, version in self.versions.items()) +
                 f'; median of {count(self.a.rounds, "turn")} of {count(self.a.runs, "pass", "passes")}.']
        lines += [f"Peak {p}: {self.peaks[p]['gflops']:.0f} GFLOP/s ({self.peaks[p]['how']})"
                  for p in PRECISIONS if p in self.peaks]
        return '\n'.join(f'- {line}' for line in lines)


def interrupt(signum, frame):
    raise KeyboardInterrupt


def run(a, comparison):
    with contextlib.ExitStack() as stack:
        networks = []
        for name in a.network:
            say(f'{name}: a first look')
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix='wingtip-bench-'))
            networks.append(Network(name, folder, comparison.wingtip, sys.executable,
                                    comparison.threads))
        comparison.report(networks)


def main(arguments):
    a = parse(arguments)
    signal.signal(signal.SIGTERM, interrupt)  # `timeout` is as good a reason as Ctrl-C
    comparison = Comparison(a)
    try:
        run(a, comparison)
    except KeyboardInterrupt:
        comparison.stopped = True
    if comparison.record:
        print(comparison.machine(), flush=True)
    if comparison.stopped:
        say('Stopped: the last table has what was measured up to then' if comparison.record else
            'Stopped before anything was measured')
    if a.json:
        with open(a.json, 'w', encoding='utf-8') as f:
            json.dump({'cpu': comparison.cpu, 'cores': comparison.cores, 'peaks': comparison.peaks,
                       'engines': comparison.record}, f, indent=1)
    return 1 if comparison.failed else STOPPED if comparison.stopped else 0


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(STOPPED)
