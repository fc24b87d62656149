"""PyTorch's process; see serve.py.  peer_pytorch.py MODEL.safetensors f32|bf16 THREADS BATCH
The network written out once more in PyTorch (channels last, traced, frozen, and in f32 converted to
oneDNN's operators), which also makes the check of outputs one against an independent author of the
convolutions. Names and structure: see model/net/hourglass.h."""
import json
import os
import re
import struct
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F

import serve

MASK_THRESHOLD = 0.05


def read_safetensors(path):
    with open(path, 'rb') as f:
        header = json.loads(f.read(struct.unpack('<Q', f.read(8))[0]))
        data = f.read()
    tensors = {}
    for name, t in header.items():
        if name != '__metadata__' and t['dtype'] == 'F32':
            begin, end = t['data_offsets']
            array = np.frombuffer(data[begin:end], np.float32).reshape(t['shape'])
            tensors[name] = torch.from_numpy(array.copy())
    return tensors


def coordinates(size):
    line = torch.linspace(-1, 1, size)
    row, column = line[:, None].expand(size, size), line[None, :].expand(size, size)
    radius = (row * row + column * column).sqrt()
    return torch.stack((row, column, radius / radius.max()))[None]


class Hourglass(torch.nn.Module):
    """The functional form: every layer is found by its tensors' names."""

    def __init__(self, tensors, dtype, batch):
        super().__init__()
        self.t = {name: self.laid_out(t).to(dtype) for name, t in tensors.items()}
        self.padding = {name: t.shape[-1] // 2 for name, t in tensors.items() if t.dim() == 4}
        self.stacks = 1 + max(int(m.group(1)) for m in (re.match(r'm(\d+)\.', n) for n in tensors) if m)
        self.coords = {n: coordinates(n).to(dtype).expand(batch, -1, -1, -1) for n in (256, 64)}

    @staticmethod
    def laid_out(t):
        return t.contiguous(memory_format=torch.channels_last) if t.dim() == 4 else t

    def conv(self, name, x, stride=1):
        return F.conv2d(x, self.t[name + '.weight'], self.t.get(name + '.bias'), stride,
                        self.padding[name + '.weight'])

    def bn_relu(self, name, x):
        t = self.t
        return F.relu(F.batch_norm(x, t[name + '.running_mean'], t[name + '.running_var'],
                                   t[name + '.weight'], t[name + '.bias'], False, 0.1, 1e-5))

    def block(self, name, x):
        parts, y = [], x
        for i in '123':
            y = self.conv(f'{name}.conv{i}', self.bn_relu(f'{name}.bn{i}', y))
            parts.append(y)
        if f'{name}.downsample.2.weight' in self.t:
            x = self.conv(f'{name}.downsample.2', self.bn_relu(f'{name}.downsample.0', x))
        return torch.cat(parts, 1) + x

    def level(self, m, depth, x):
        low = self.block(f'{m}.b2_{depth}', F.avg_pool2d(x, 2))
        low = self.level(m, depth - 1, low) if depth > 1 else self.block(f'{m}.b2_plus_1', low)
        low = self.block(f'{m}.b3_{depth}', low)
        return self.block(f'{m}.b1_{depth}', x) + F.interpolate(low, scale_factor=2.0, mode='nearest')

    def forward(self, image):
        x = self.bn_relu('bn1', self.conv('conv1.conv', torch.cat((image, self.coords[256]), 1), 2))
        x = F.avg_pool2d(self.block('conv2', x), 2)
        x = self.block('conv4', self.block('conv3', x))
        outputs, coords = [], self.coords[64]
        for i in range(self.stacks):
            parts = [x, coords]
            if i:
                seen = (outputs[-1][:, -1:].clamp(0, 1) > MASK_THRESHOLD).to(x.dtype)
                parts.append(coords[:, :2] * seen)
            y = self.level(f'm{i}', 4, self.conv(f'm{i}.coordconv.conv', torch.cat(parts, 1)))
            y = self.bn_relu(f'bn_end{i}', self.conv(f'conv_last{i}', self.block(f'top_m_{i}', y)))
            outputs.append(self.conv(f'l{i}', y))
            if i + 1 < self.stacks:
                x = x + self.conv(f'bl{i}', y) + self.conv(f'al{i}', outputs[-1])
        return tuple(outputs)


class Engine:
    def __init__(self, model, precision, threads, batch):
        torch.set_num_threads(threads)
        self.dtype = torch.bfloat16 if precision == 'bf16' else torch.float32
        network = Hourglass(read_safetensors(model), self.dtype, batch).eval()
        with torch.no_grad():
            traced = torch.jit.trace(network, self.laid_out(torch.zeros(batch, 3, 256, 256)))
            self.network = torch.jit.freeze(traced.eval())
            if precision == 'f32':  # in bf16 it is no faster
                self.network = torch.jit.optimize_for_inference(self.network)

    def laid_out(self, images):
        return images.to(self.dtype).contiguous(memory_format=torch.channels_last)

    def facts(self):
        """oneDNN's own account of a pass names the implementation of each convolution."""
        version = re.search(r'MKL-DNN v([\d.]+)', torch.__config__.show())
        return {'version': f"{torch.__version__}, oneDNN {version.group(1) if version else '?'}",
                'instructions': self.implementation()}

    def implementation(self):
        output = os.dup(1)
        with tempfile.TemporaryFile('w+') as log:
            os.dup2(log.fileno(), 1)
            with torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON):
                self.run()
            os.dup2(output, 1)
            os.close(output)
            log.seek(0)
            used = re.findall(r'exec,cpu,convolution,([^,]*),', log.read())
        return max(set(used), key=used.count) if used else ''

    def set_images(self, images):
        self.images = self.laid_out(torch.from_numpy(images))

    def run(self):
        with torch.no_grad():
            self.outputs = self.network(self.images)

    def maps(self):
        return [o.to_dense().float().numpy() if o.is_mkldnn else o.float().numpy()
                for o in self.outputs]


if __name__ == '__main__':
    model, precision, threads, batch = sys.argv[1:]
    serve.serve(lambda: Engine(model, precision, int(threads), int(batch)), int(batch))
