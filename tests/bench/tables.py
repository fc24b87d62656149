"""The figures and tables of peers.py: only arithmetic and text, for test_tables.py to check."""
import statistics


def figures(ms, faces=1, gmac=0.0, baseline=None, peak=None):
    """What a table says about passes that took these times; None where it cannot be said.

    faces: in a pass. gmac: multiply-accumulates of one face, 1e9. baseline: median to compare with,
    ms. peak: GFLOP/s that the processor can do."""
    median = statistics.median(ms)
    rate = 2 * gmac * faces / median * 1e3 if gmac else None
    return {'median_ms': median, 'min_ms': min(ms), 'ratio': median / baseline if baseline else None,
            'gflops': rate, 'share': rate / peak if rate and peak else None}


def number(value, digits=3):
    """At least so many significant digits, no exponent: 0.0123, 1.23, 123, 1234."""
    if value is None:
        return ''
    decimals = 0
    while decimals < 6 and abs(value) * 10 ** decimals < 10 ** (digits - 1) and value:
        decimals += 1
    return f'{value:.{decimals}f}'


def ratio(value):
    return '' if value is None else f'{value:.2f}' if value >= 0.1 else f'{value:.3f}'


def percent(share):
    return '' if share is None else f'{100 * share:.0f} %'


def megabytes(size):
    return '' if size is None else f'{size * 1e-6:.0f}'


def table(head, rows):
    """A Markdown table with padded cells, so that it also reads well on a terminal; columns of
    numbers (whose first row starts with a digit) are aligned to the right."""
    cells = [[str(c) for c in row] for row in [head, *rows]]
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(head))]
    right = [any(r[i][:1].isdigit() for r in cells[1:]) and
             all(r[i][:1].isdigit() or not r[i] for r in cells[1:]) for i in range(len(head))]

    def line(row):
        return '| ' + ' | '.join(c.rjust(w) if r else c.ljust(w)
                                 for c, w, r in zip(row, widths, right)) + ' |'

    rule = '|' + '|'.join('-' * (w + 1) + (':' if r else '-') for w, r in zip(widths, right)) + '|'
    return '\n'.join([line(cells[0]), rule, *(line(row) for row in cells[1:])]) + '\n'
