"""What every peer's process does: load once, then measure when told.

The process writes one line of JSON when the network is loaded, then answers each line on standard
input with one line of JSON, until the end of the input (ours.c speaks the same):
  time N          N passes, after some that do not count: WARM_UP and those of WARM_UP_SECONDS
  maps IN OUT     one pass of float32 images [n,256,256,3]; OUT: float32 [stacks,n,points+1,64,64]
It does nothing in between, so that only the engine whose turn it is uses the processor.
"""
import json
import os
import sys
import time

import numpy as np

WARM_UP = 2
WARM_UP_SECONDS = 0.1  # until the threads of an engine that has slept are spread over the cores again


def own_output():
    """Standard output for the answers alone: what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    return answers


def memory():
    """Resident memory and its highest, bytes."""
    with open('/proc/self/status') as f:
        lines = dict(line.split(':', 1) for line in f)
    return {key: int(lines[name].split()[0]) * 1024
            for key, name in (('resident', 'VmRSS'), ('resident_peak', 'VmHWM'))}


def timed(run, passes):
    start, done = time.perf_counter(), 0
    while done < WARM_UP or time.perf_counter() - start < WARM_UP_SECONDS:
        run()
        done += 1
    ms = []
    for _ in range(passes):
        start = time.perf_counter()
        run()
        ms.append((time.perf_counter() - start) * 1e3)
    return ms


def serve(load, batch):
    """load() -> engine with .set_images(float32 [n,3,256,256]), .run(), .maps() -> arrays, one per
    stack, and .facts: version, instructions."""
    answers = own_output()

    def answer(what):
        answers.write(json.dumps(what) + '\n')
        answers.flush()

    before = memory()['resident']
    start = time.perf_counter()
    engine = load()
    load_ms = (time.perf_counter() - start) * 1e3
    noise = np.random.default_rng(2).random((batch, 3, 256, 256), np.float32)
    engine.set_images(noise)
    engine.run()
    answer({**engine.facts(), 'load_ms': load_ms, 'resident_before': before})
    for line in sys.stdin:
        words = line.split()
        if words[0] == 'time':
            answer({'ms': timed(engine.run, int(words[1])), **memory()})
        elif words[0] == 'maps':
            images = np.fromfile(words[1], np.float32).reshape(batch, 256, 256, 3)
            engine.set_images(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
            engine.run()
            np.stack(engine.maps()).astype(np.float32).tofile(words[2])
            engine.set_images(noise)
            answer({})
