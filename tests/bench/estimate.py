"""How long peers.py will take: rough figures before it starts, corrected by what things took."""

# A pass, in passes of ours in f32 with the same threads: what the tables of the README here say, rounded up.
PASS = {'wingtip': 1, 'onnxruntime': 2, 'OpenVINO': 2, 'PyTorch': 3}
# Starting, seconds: Python and libraries, and then by the size of the network, a GMAC of a face.
START = {'wingtip': (0.2, 0.05), 'onnxruntime': (1, 0.1), 'OpenVINO': (1.5, 0.2), 'PyTorch': (10, 0.3)}
WARM_UP = 2  # passes, or as many as take WARM_UP_SECONDS: serve.py
WARM_UP_SECONDS = 0.1


def turn(seconds, runs, pause):
    """A turn of an engine whose pass takes so many seconds."""
    return max(WARM_UP * seconds, WARM_UP_SECONDS) + runs * seconds + pause


def engine(variant, ours, network, threads, rounds, runs, pause):
    """Starting an engine and all its turns, seconds. ours: a pass of our f32 with `threads`."""
    v = variant
    share = v.stacks / network.stacks if v.stacks else 1
    seconds = PASS[v.engine] * ours * threads / v.threads * v.faces * share
    fixed, by_size = START[v.engine]
    return fixed + by_size * network.gmac + rounds * turn(seconds, runs, pause)


def words(seconds):
    """As people say it: 40 seconds, 3 minutes, 1 hour 20 minutes."""
    if seconds < 55:
        step = 5 if seconds > 7.5 else 1
        n = max(1, round(seconds / step) * step)
        return f'{n} second{"s" * (n > 1)}'
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f'{minutes} minute{"s" * (minutes > 1)}'
    hours, minutes = divmod(minutes, 60)
    rest = f' {minutes} minute{"s" * (minutes > 1)}' if minutes else ''
    return f'{hours} hour{"s" * (hours > 1)}{rest}'
