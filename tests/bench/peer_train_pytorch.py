"""How long PyTorch takes for a step of training, beside tests/bench/train_step:
  /usr/bin/python3 peer_train_pytorch.py MODEL.safetensors f32|bf16 BATCH STEPS THREADS
Forward with batch statistics, Adaptive Wing loss on every stack, backward, Adam; channels last, in
bf16 by autocast. MODEL: weights to start from (wingtip bench --random 1x256 --precision f32 --save FILE). Random
images and targets; prints the median of the steps."""
import statistics
import sys
import time

import torch
import torch.nn.functional as F

from peer_pytorch import Hourglass, read_safetensors

ALPHA, THETA, OMEGA = 2.1, 0.5, 14.0  # the paper's, with epsilon 1


def adaptive_wing(found, true):
    distance, power = (found - true).abs(), ALPHA - true
    near = THETA ** power
    slope = OMEGA / (1 + near) * power * THETA ** (power - 1)
    far = slope * (distance - THETA) + OMEGA * torch.log1p(near)
    return torch.where(distance < THETA,
                       OMEGA * torch.log1p(distance.clamp(min=1e-12) ** power), far).mean()


class Trained(Hourglass):
    """The network of the inference benchmark with parameters that learn."""

    def __init__(self, tensors, batch):
        super().__init__(tensors, torch.float32, batch)
        self.learned = [t.requires_grad_() for name, t in self.t.items()
                        if not name.rpartition('.')[2].startswith('running')]

    @staticmethod
    def laid_out(t):
        """Unlike contiguous(), this lays out kernels of 1x1 as well: a fifth of the step's time."""
        return t.to(memory_format=torch.channels_last) if t.dim() == 4 else t

    def bn_relu(self, name, x):
        t = self.t
        return F.relu(F.batch_norm(x, t[name + '.running_mean'], t[name + '.running_var'],
                                   t[name + '.weight'], t[name + '.bias'], True, 0.1, 1e-5))


def main():
    model, precision, batch, steps, threads = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
    torch.set_num_threads(threads)
    network = Trained(read_safetensors(model), batch)
    optimiser = torch.optim.Adam(network.learned, lr=1e-4)
    images = torch.rand(batch, 3, 256, 256).contiguous(memory_format=torch.channels_last)
    true = None
    taken = []
    for _ in range(steps + 1):  # the first one warms up
        begin = time.perf_counter()
        with torch.autocast('cpu', dtype=torch.bfloat16, enabled=precision == 'bf16'):
            found = network(images)
        true = torch.zeros_like(found[0], dtype=torch.float32) if true is None else true
        loss = sum(adaptive_wing(f.float(), true) for f in found)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        taken.append((time.perf_counter() - begin) * 1e3 / batch)
    print(f'PyTorch {torch.__version__} {precision}, batch {batch}, {threads} threads: '
          f'{statistics.median(taken[1:]):.1f} ms a face (fastest {min(taken[1:]):.1f})')


if __name__ == '__main__':
    main()
