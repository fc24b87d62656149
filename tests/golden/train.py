"""Writes train.safetensors: one training step of the network in net.safetensors.

    python3 train.py REFERENCE_DIR OUT_DIR     (needs PyTorch)

Batch 2. Images and targets come from formulas that test_train_golden.c repeats:
x = h(n, c, i, j) / 2^24 with h a hash of the place; targets are Gaussians of sigma 1.75 around
places that a hash gives; weight map as in golden.py. Everything else is too large to keep whole:
of every tensor (maps y0, y1, gradients grad.NAME, weights after.NAME of one step of RMSProp with
lr 1e-4, alpha 0.99, eps 1e-8, weight decay 1e-5) every STEP-th element is kept, STEP being count / 48
or 1, and sum.* is the sum of squares of the gradients.
"""
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np, torch
import st
from net import Net, awing

def hashed(*place):
    h = np.uint64(0)
    with np.errstate(over='ignore'):
        for k, p in zip((73856093, 19349663, 83492791, 50331653), place):
            h = h ^ (np.uint64(k) * np.asarray(p, np.uint64))
        h = (h & np.uint64(0xffffffff)) * np.uint64(2654435761) & np.uint64(0xffffffff)
    return (h >> np.uint64(8)).astype(np.float64) / 2**24

weights, meta = st.load(sys.argv[2] + '/net.safetensors')
net = Net(2, 5, 16)
net.load_state_dict(weights, strict=False)
net.train()
n, c, i, j = np.meshgrid(*(np.arange(k) for k in (2, 3, 256, 256)), indexing='ij')
x = torch.tensor(hashed(n, c, i, j).astype(np.float32))
t = torch.zeros(2, 6, 64, 64)
g = torch.arange(64.)
for n in range(2):
    for c in range(6):
        cx, cy = (float(hashed(n, c, 1000 + k, 7)) * 50 + 7 for k in range(2))
        t[n, c] = torch.exp(-((g[None] - cx) ** 2 + (g[:, None] - cy) ** 2) / (2 * 1.75 ** 2))
m = (torch.nn.functional.max_pool2d(t, 3, 1, 1) >= .2).float()
out = net(x)
loss = sum(awing(o, t, m) for o in out)
loss.backward()
keep = lambda v: v.detach().flatten()[::max(1, v.numel() // 48)].clone()
rec = {'loss': loss[None], **{f'y{i}': keep(y) for i, y in enumerate(out)}}
for k, p in net.named_parameters():
    rec['grad.' + k] = keep(p.grad)
    rec['sum.' + k] = (p.grad.double() ** 2).sum().float()[None]
torch.optim.RMSprop(net.parameters(), lr=1e-4, alpha=.99, eps=1e-8, weight_decay=1e-5).step()
rec.update({'after.' + k: keep(v) for k, v in net.state_dict().items() if not k.endswith('num_batches_tracked')})
st.save(sys.argv[2] + '/train.safetensors', rec, meta)
print('loss', float(loss))
