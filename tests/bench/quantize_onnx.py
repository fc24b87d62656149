"""Quantises an ONNX model for the peers, as their users would: onnxruntime's static quantisation to
QDQ form, unsigned 8-bit activations, signed 8-bit weights with a scale per output channel, ranges
from passes of noise.  quantize_onnx.py IN.onnx OUT.onnx"""
import os
import sys
import tempfile

import numpy as np
from onnxruntime import quantization as q
from onnxruntime.quantization.shape_inference import quant_pre_process

PASSES = 4
# All but BatchNormalization, which no engine runs in int8: with it both of them are slower.
OPERATORS = ['Conv', 'Concat', 'Add', 'AveragePool', 'Resize', 'Relu']


class Noise(q.CalibrationDataReader):
    def __init__(self):
        random = np.random.default_rng(3)
        self.images = iter(random.random((PASSES, 1, 3, 256, 256), np.float32))

    def get_next(self):
        image = next(self.images, None)
        return None if image is None else {'image': image}


def main(model, out):
    with tempfile.TemporaryDirectory(dir=os.path.dirname(out)) as folder:
        prepared = os.path.join(folder, 'prepared.onnx')
        quant_pre_process(model, prepared, skip_symbolic_shape=True)
        q.quantize_static(prepared, out, Noise(), quant_format=q.QuantFormat.QDQ, per_channel=True,
                          op_types_to_quantize=OPERATORS, activation_type=q.QuantType.QUInt8,
                          weight_type=q.QuantType.QInt8)


if __name__ == '__main__':
    main(*sys.argv[1:])
