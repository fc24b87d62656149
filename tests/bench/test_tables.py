"""The arithmetic, the tables and the arguments of peers.py; no engine is needed."""
import contextlib
import io
import os
import unittest

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


if __name__ == '__main__':
    unittest.main()
