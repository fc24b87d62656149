"""Our engine and onnxruntime give the same maps for the exported network.

    python3 onnx_parity.py DUMP_MAPS WEIGHTS

Runs a random network of 4 stacks, width 256 and 98 points, small ones, two of them with smaller inputs, and
WEIGHTS; fixed, larger and symbolic batches. Exit status 77 where onnxruntime is missing.
"""
import os, subprocess, sys, tempfile

try:
    import numpy as np
    import onnxruntime as ort
except ImportError as e:
    print(f'skipped: {e} (pip install numpy onnxruntime)')
    sys.exit(77)

TOLERANCE = 1e-4
ort.set_default_logger_severity(3)
dump, weights = sys.argv[1:3]
cases = [  # network, side of its input, batch of the model, images
    ('random:4,256,98,256', 256, 1, 1),
    ('random:2,32,5,256', 256, 3, 3),
    ('random:3,16,19,256', 256, 0, 2),
    ('random:2,32,5,192', 192, 1, 1),
    ('random:2,32,98,128', 128, 0, 2),
    (weights, 256, 1, 1),
    (weights, 256, 0, 2),
]
failed = 0
for network, side, batch, images in cases:
    with tempfile.TemporaryDirectory() as folder:
        onnx, x_path, y_path = (os.path.join(folder, n) for n in ('net.onnx', 'x', 'y'))
        x = np.random.default_rng(images).random((images, side, side, 3), np.float32)
        x.tofile(x_path)
        subprocess.run([dump, network, str(batch), onnx, x_path, y_path], check=True)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 2
        session = ort.InferenceSession(onnx, options, ['CPUExecutionProvider'])
        names = [o.name for o in session.get_outputs()]
        assert [i.name for i in session.get_inputs()] == ['image']
        assert names == [f'heatmaps_{i}' for i in range(len(names))]
        assert 'licence' in session.get_modelmeta().custom_metadata_map
        theirs = np.stack(session.run(names, {'image': x.transpose(0, 3, 1, 2).copy()}))
        ours = np.fromfile(y_path, np.float32).reshape(theirs.shape)
        worst = float(np.abs(ours - theirs).max())
        good = np.isfinite(ours).all() and worst <= TOLERANCE and float(np.abs(theirs).max()) > .01
        failed += not good
        print(f'{os.path.basename(network)}, batch {batch or "N"}, {images} images, {len(names)} stacks: '
              f'largest difference {worst:.2g} in maps from {theirs.min():.2g} to {theirs.max():.2g}'
              f'{"" if good else "  WRONG"}', flush=True)
sys.exit(failed > 0)
