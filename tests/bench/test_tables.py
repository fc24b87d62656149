"""The arithmetic, the tables and the arguments of peers.py; no engine is needed."""
import contextlib
import dataclasses
import io
import os
import unittest
from unittest import mock

import estimate
import peers
import tables
from engine import Programs, Variant, command


class Figures(unittest.TestCase):
    def test_speed(self):
        # 2 * 5 GMAC in 20 ms are 500 GFLOP/s, a quarter of a peak of 2000; half the baseline's time
        f = tables.figures([30, 20, 10], gmac=5, baseline=40, peak=2000)
        self.assertEqual((f['median_ms'], f['min_ms'], f['ratio'], f['gflops'], f['share']),
                         (20, 10, 0.5, 500, 0.25))

    def test_faces(self):
        self.assertEqual(tables.figures([20], faces=4, gmac=5)['gflops'], 2000)

    def test_unknown(self):
        f = tables.figures([20])
        self.assertEqual((f['ratio'], f['gflops'], f['share']), (None, None, None))

    def test_number(self):
        for value, digits, text in ((0.08349, 3, '0.0835'), (7.0, 3, '7.00'), (193.4, 3, '193'),
                                    (1234.5, 3, '1234'), (0.6, 2, '0.60'), (1.04, 2, '1.0'),
                                    (0, 3, '0'), (None, 3, '')):
            self.assertEqual(tables.number(value, digits), text)

    def test_ratio(self):
        self.assertEqual([tables.ratio(r) for r in (1, 0.6049, 0.0801, None)],
                         ['1.00', '0.60', '0.080', ''])

    def test_table(self):
        self.assertEqual(tables.table(['name', 'ms'], [['a', '9.5'], ['long name', '10.5']]),
                         '| name      |   ms |\n'
                         '|-----------|-----:|\n'
                         '| a         |  9.5 |\n'
                         '| long name | 10.5 |\n')


class Arguments(unittest.TestCase):
    def refuse(self, *words):
        out = io.StringIO()
        with contextlib.redirect_stderr(out), self.assertRaises(SystemExit) as stop:
            peers.parse(words)
        self.assertEqual(stop.exception.code, 2)
        return out.getvalue()

    def test_defaults(self):
        a = peers.parse([])
        self.assertEqual(a.network, ['4x256', '2x128'])
        self.assertEqual(a.tables, list(peers.TABLES))
        self.assertTrue(all(a.only.search(v.label) for v in peers.VARIANTS))

    def test_choice(self):
        a = peers.parse(['--network', '1x32x68', '--network', __file__, '--only', 'wingtip int8 avx',
                         '--tables', 'speed,faces', '--threads', '1'])
        self.assertEqual(a.network, ['1x32x68', __file__])
        self.assertEqual([v.mask for v in peers.VARIANTS if a.only.search(v.label)],
                         ['avx512vnni', 'avxvnni', 'avx2'])
        self.assertEqual(a.tables, ['speed', 'faces'])

    def test_wrong(self):
        self.assertIn('neither', self.refuse('--network', '4by256'))
        self.assertIn('not one of', self.refuse('--tables', 'sped'))
        self.assertIn('--only', self.refuse('--only', '('))
        self.assertIn('1 or more', self.refuse('--rounds', '0'))


class Commands(unittest.TestCase):
    """Every variant has a command whose program is there."""

    class FakeNetwork:
        weights = 'w.safetensors'

        def onnx(self, faces=1):
            return f'batch{faces}.onnx'

        def quantized(self):
            return 'int8.onnx'

    def test_all(self):
        programs = Programs('python', 'debian-python', 'ours')
        for v in peers.VARIANTS:
            words = command(v, self.FakeNetwork(), programs)
            if v.engine == 'wingtip':
                self.assertEqual(words[words.index('--cpu-mask') + 1], v.mask)
            else:
                self.assertTrue(os.path.isfile(words[1]), words[1])

    def test_model(self):
        programs = Programs('python', 'debian-python', 'ours')
        for v, model in ((Variant('OpenVINO', 'int8'), 'int8.onnx'),
                         (Variant('OpenVINO', 'bf16'), 'batch1.onnx'),
                         (Variant('onnxruntime', 'f32', faces=4), 'batch4.onnx'),
                         (Variant('PyTorch', 'bf16'), 'w.safetensors')):
            self.assertIn(model, command(v, self.FakeNetwork(), programs))


class Estimates(unittest.TestCase):
    class Network:
        gmac, stacks = 10, 4

    def seconds(self, variant, rounds=3, runs=5):
        return estimate.engine(variant, 0.1, self.Network, 2, rounds, runs, 0.3)

    def test_turn(self):
        self.assertAlmostEqual(estimate.turn(0.2, runs=5, pause=0.3), 0.4 + 1 + 0.3)
        self.assertAlmostEqual(estimate.turn(0.01, runs=5, pause=0.3), 0.1 + 0.05 + 0.3)

    def test_engine(self):
        ours = Variant('wingtip', 'f32', threads=2)
        start = 0.2 + 0.05 * 10
        self.assertAlmostEqual(self.seconds(ours), start + 3 * (0.2 + 0.5 + 0.3))
        # one thread of two, twice the faces, half of the stacks: each twice or half the time
        for field, value, times in (('threads', 1, 2), ('faces', 2, 2), ('stacks', 2, 0.5)):
            v = dataclasses.replace(ours, **{field: value})
            self.assertAlmostEqual(self.seconds(v), start + 3 * (times * 0.7 + 0.3))
        self.assertGreater(self.seconds(Variant('PyTorch', 'f32', threads=2)), self.seconds(ours))

    def test_every_engine(self):
        for v in peers.VARIANTS:
            self.assertGreater(self.seconds(v), 0)

    def test_words(self):
        for seconds, text in ((0.2, '1 second'), (4.4, '4 seconds'), (33, '35 seconds'),
                              (58, '1 minute'), (150, '2 minutes'), (3600, '1 hour'),
                              (3700, '1 hour 2 minutes')):
            self.assertEqual(estimate.words(seconds), text)


class Stopping(unittest.TestCase):
    """Tables come one by one, and Ctrl-C shows what was measured; with engines of wood."""

    class Wood:
        stop_at = None  # the turn that Ctrl-C comes in
        turns = 0

        def __init__(self, variant, network, programs):
            self.variant, self.rounds, self.difference = variant, [], None
            self.facts = {'version': '1', 'instructions': 'saw', 'load_ms': 1, 'resident_before': 1e6}
            self.memory = {'resident': 2e6, 'resident_peak': 3e6}

        def take_turn(self, passes):
            if Stopping.Wood.turns == Stopping.Wood.stop_at:
                raise KeyboardInterrupt
            Stopping.Wood.turns += 1
            self.rounds.append([1.0] * passes)

        @property
        def ms(self):
            return [t for turn in self.rounds for t in turn]

        def close(self):
            pass

    class Network:
        name, title, folder, gmac, stacks, pass_ms = '1x8', 'a small one', None, 1, 1, 1

    def report(self, stop_at, tables_wanted):
        comparison = peers.Comparison.__new__(peers.Comparison)
        a = peers.parse(['--only', '^wingtip f32$', '--rounds', '2', '--tables', tables_wanted])
        vars(comparison).update(a=a, programs=None, threads=1, cores=1, peaks={}, versions={}, record=[],
                                said=set(), failed=False, stopped=False, slower=1.0,
                                look_at_machine=lambda: None, check=lambda *_: None)
        self.Wood.turns, self.Wood.stop_at = 0, stop_at
        out, err = io.StringIO(), io.StringIO()
        with mock.patch.object(peers, 'Engine', self.Wood), mock.patch.object(peers, 'PAUSE', 0), \
                contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            comparison.report([self.Network()])
        return comparison, out.getvalue(), err.getvalue()

    def test_whole(self):
        comparison, out, err = self.report(None, 'speed,stacks')
        self.assertFalse(comparison.stopped)
        self.assertEqual(out.count('### a small one'), 1)
        self.assertIn('Speed, 1 thread', out)
        self.assertIn('| 1 stack |', out)
        self.assertIn('1 network, 2 rounds: about', err.splitlines()[0])
        self.assertIn('speed: 1 engine, about', err)

    def test_within_a_table(self):
        comparison, out, _ = self.report(1, 'speed,stacks')
        self.assertTrue(comparison.stopped)
        self.assertIn('| wingtip | f32', out)
        self.assertNotIn('Stacks', out)
        self.assertEqual(comparison.record[0]['rounds_ms'], [[1.0] * 5])

    def test_between_tables(self):
        _, out, _ = self.report(2, 'speed,stacks')
        self.assertIn('Speed', out)
        self.assertNotIn('Stacks', out)

    def test_before_anything(self):
        comparison, out, _ = self.report(0, 'speed')
        self.assertEqual((out, comparison.record), ('', []))


if __name__ == '__main__':
    unittest.main()
