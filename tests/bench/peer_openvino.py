"""OpenVINO's process; see serve.py.  peer_openvino.py MODEL.onnx f32|bf16|int8 THREADS BATCH
int8: the model is a quantised one; what is not quantised in it stays in f32."""
import collections
import sys

import numpy as np
import openvino as ov

import serve


class Engine:
    def __init__(self, model, precision, threads):
        core = ov.Core()
        capable = core.get_property('CPU', 'OPTIMIZATION_CAPABILITIES')
        if precision == 'bf16' and 'BF16' not in capable:
            sys.exit('OpenVINO has no bf16 on this processor')
        self.compiled = core.compile_model(model, 'CPU', {
            'INFERENCE_PRECISION_HINT': 'bf16' if precision == 'bf16' else 'f32',
            'INFERENCE_NUM_THREADS': threads, 'PERFORMANCE_HINT': 'LATENCY', 'NUM_STREAMS': 1})
        self.request = self.compiled.create_infer_request()

    def facts(self):
        """The implementation that most convolutions run on, such as brgconv_avx512_amx_bf16."""
        used = collections.Counter()
        for op in self.compiled.get_runtime_model().get_ops():
            info = op.get_rt_info()
            if 'layerType' in info and 'Convolution' in str(info['layerType'].astype(str)):
                used[info['primitiveType'].astype(str)] += 1
        return {'version': ov.__version__.split('-')[0],
                'instructions': used.most_common(1)[0][0] if used else ''}

    def set_images(self, images):
        self.images = images
        self.request.set_input_tensor(ov.Tensor(images, shared_memory=True))

    def run(self):
        self.request.infer()

    def maps(self):
        return [np.array(self.request.get_output_tensor(i).data)
                for i in range(len(self.compiled.outputs))]


if __name__ == '__main__':
    model, precision, threads, batch = sys.argv[1:]
    serve.serve(lambda: Engine(model, precision, int(threads)), int(batch))
