"""Writes targets.safetensors: what the reference makes of two faces, and its weighted loss on one.

    python3 targets.py REFERENCE_DIR SYNTHETIC_LIST OUT_DIR     (needs PyTorch, numpy and OpenCV)

Two lines of the list of rendered faces; points only, no picture. p98, p68: points in crop pixels
(the second face reduced to 68 points); y98, m98, y68, m68: target and mask of some channels
(channels98, channels68), the boundary last, from curves sampled 20 times as finely as in training,
as ours are measured exactly; pred: noise added to y98; loss, grad: Adaptive Wing with
the weighted loss map, mean over the elements.
"""
import functools, sys
sys.path.insert(0, sys.argv[1])
import numpy as np, torch
import st, train
from net import awing

train.catmull = functools.partial(train.catmull, m=200)

def face(line):
    v = np.array(line.split()[1:], np.float32).reshape(98, 2)
    m = train.crop_matrix(v, rot=12., scale=1.1, dx=9., dy=-6.)
    return (v @ m[:, :2].T + m[:, 2]).astype(np.float32)

TO68 = [[2 * i] for i in range(17)] + [[33], [34, 41], [35, 40], [36, 39], [37, 38], [42, 50], [43, 49],
    [44, 48], [45, 47], [46]] + [[i] for i in range(51, 60)] + [[i] for i in
    (60, 61, 63, 64, 65, 67, 68, 69, 71, 72, 73, 75)] + [[i] for i in range(76, 96)]
lines = open(sys.argv[2]).read().splitlines()
p98 = face(lines[3])
p68 = np.stack([face(lines[11])[k].mean(0) for k in TO68]).astype(np.float32)
out = {'p98': torch.tensor(p98), 'p68': torch.tensor(p68)}
for n, p, channels in ((98, p98, [0, 97, 98]), (68, p68, [30, 68])):
    y, m = train.Targets(n, 'cpu')(torch.tensor(p)[None])
    out['y%d' % n], out['m%d' % n] = y[0, channels], m[0, channels]
    out['channels%d' % n] = torch.tensor(channels, dtype=torch.float32)
torch.manual_seed(5)
pred = (out['y98'] + torch.randn(out['y98'].shape) * .4).requires_grad_()
loss = awing(pred[None], out['y98'][None], out['m98'][None])
loss.backward()
out.update(pred=pred, loss=loss[None], grad=pred.grad)
st.save(sys.argv[3] + '/targets.safetensors', out)
