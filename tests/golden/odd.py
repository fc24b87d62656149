"""Writes odd-zip.pth, odd-old.pth and odd.safetensors: one small set of awkward tensors three ways.

    python3 odd.py OUT_DIR        (needs PyTorch and numpy)

Views, transposes, strides of nought, tied and empty tensors, scalars, parameters, five number
types, integers to be dropped, "module." prefixes, a nested state dict and an optimiser's state.
"""
import collections, json, struct, sys
import torch

torch.manual_seed(3)
out = sys.argv[1]
base = torch.randn(6, 8)
state = collections.OrderedDict()
state['module.plain'] = base
state['module.transposed'] = base.t()
state['module.rows'] = base[1::2]
state['module.columns'] = base[:, 2:7:2]
state['module.tied'] = base
state['module.permuted'] = torch.randn(2, 3, 4, 5).permute(3, 1, 0, 2)
state['module.expanded'] = torch.randn(3, 1).expand(3, 4)
state['module.scalar'] = torch.tensor(2.5)
state['module.empty'] = torch.zeros(0, 4)
state['module.parameter'] = torch.nn.Parameter(torch.randn(7))
state['module.double'] = torch.randn(5, dtype=torch.float64)
state['module.half'] = torch.randn(9).half()
state['module.bfloat'] = torch.randn(3, 3).bfloat16()
state['module.last'] = torch.randn(4)[3]
state['module.num_batches_tracked'] = torch.tensor(12)
state['module.mask'] = torch.tensor([True, False])
state['module.bytes'] = torch.arange(5, dtype=torch.uint8)
net = torch.nn.Linear(3, 2)
optimiser = torch.optim.Adam(net.parameters())
net(torch.randn(1, 3)).sum().backward()
optimiser.step()
whole = {'epoch': 7, 'best': 3.25, 'name': 'odd ü', 'none': None, 'flags': (True, False, -5, 1 << 70),
         'optimizer': optimiser.state_dict(), 'arch': ['a', ('b', {1: 2})], 'state_dict': state}
whole['arch'].append(whole['arch'])  # a cycle
torch.save(whole, f'{out}/odd-zip.pth')
torch.save(whole, f'{out}/odd-old.pth', _use_new_zipfile_serialization=False)
torch.save(whole, f'{out}/odd-zip4.pth', pickle_protocol=4)

head, blobs, at = {}, b'', 0
for name, t in sorted(state.items()):
    kind = {torch.float16: 'F16', torch.bfloat16: 'BF16'}.get(t.dtype, 'F32')
    if not t.is_floating_point():
        continue
    t = t.detach().contiguous()
    b = (t.view(torch.int16) if kind != 'F32' else t.float()).numpy().tobytes()
    head[name[7:]] = {'dtype': kind, 'shape': list(t.shape), 'data_offsets': [at, at + len(b)]}
    blobs, at = blobs + b, at + len(b)
head = json.dumps(head).encode()
open(f'{out}/odd.safetensors', 'wb').write(struct.pack('<Q', len(head)) + head + blobs)
