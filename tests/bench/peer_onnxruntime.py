"""onnxruntime's process; see serve.py.  peer_onnxruntime.py MODEL.onnx PRECISION THREADS BATCH
The precision is the model's; onnxruntime's defaults (all graph optimisations, threads that spin)."""
import sys

import numpy as np
import onnxruntime as ort

import serve


class Engine:
    def __init__(self, model, threads):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(model, options, ['CPUExecutionProvider'])
        self.binding = self.session.io_binding()
        for output in self.session.get_outputs():
            self.binding.bind_output(output.name, 'cpu')

    def facts(self):
        return {'version': ort.__version__, 'instructions': ''}  # it does not tell

    def set_images(self, images):
        self.binding.bind_cpu_input('image', images)

    def run(self):
        self.session.run_with_iobinding(self.binding)

    def maps(self):
        return self.binding.copy_outputs_to_cpu()


if __name__ == '__main__':
    model, _, threads, batch = sys.argv[1:]
    serve.serve(lambda: Engine(model, int(threads)), int(batch))
