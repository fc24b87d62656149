"""Do the engines compute the same? Maps of a picture of noise, against onnxruntime's in f32."""
import numpy as np

# Largest allowed relative RMS difference of any stack's maps. In f32 only the order of sums differs;
# the narrower ones catch a wrong network, while their accuracy is eval's business.
LIMIT = {'f32': 1e-4, 'bf16': 0.1, 'int8': 0.5}


def write_images(path):
    np.random.default_rng(1).random((1, 256, 256, 3), np.float32).tofile(path)


def read_maps(path, stacks):
    return np.fromfile(path, np.float32).reshape(stacks, -1)


def difference(maps, reference):
    """RMS of the difference over that of the reference: the worst stack's."""
    error = np.sqrt(np.square(maps - reference, dtype=np.float64).mean(axis=1))
    return float((error / np.sqrt(np.square(reference, dtype=np.float64).mean(axis=1))).max())
