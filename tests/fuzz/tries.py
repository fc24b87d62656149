#!/usr/bin/env python3
"""Hostile weights and videos, by hand:

    python3 tests/fuzz/tries.py weights .build/fuzz/tests/fuzz/fuzz_safetensors [COUNT [SEED]]
    python3 tests/fuzz/tries.py videos .build/asan/app/wingtip [COUNT [SEED]]

Weights (333): headers of a small safetensors file that lie about lengths, offsets, types, shapes and names, fed to
the fuzz target, which accepts a file or refuses it in one line. Videos (39): the demo clip in several containers, cut,
spliced, with changed bytes, tracked: status 0 or 1, at most one error that is no warning, and an end.
"""
import json, os, pathlib, random, struct, subprocess, sys, tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
NUMBERS = [-1, 0, 1, 3, 7, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**30, 1.5, 1e300,
           None, "4", [], {}, True]
TYPES = ["F32", "F64", "F16", "BF16", "I8", "U8", "I64", "BOOL", "F8_E4M3", "f32", "", 4, None, []]


def number(r):
    return r.choice(NUMBERS)


def spoil(r, header, data):
    """One lie in the header, or around it. Returns the file."""
    name = r.choice([k for k in header if k != "__metadata__"])
    other = r.choice([k for k in header if k != "__metadata__"])
    t = header[name]
    length = None
    how = r.randrange(16)
    if how == 0:
        t["data_offsets"][r.randrange(2)] = number(r)
    elif how == 1:
        t["data_offsets"] = r.choice([t["data_offsets"][::-1], [0], [0, 4, 8], {}, None, header[other].get("data_offsets")])
    elif how == 2:
        t["dtype"] = r.choice(TYPES)
    elif how == 3:
        t["shape"] = r.choice([[number(r)], [2**32, 2**32], [0] * 3, [1] * 100, [], None, [-1] + t["shape"], [2**62, 4]])
    elif how == 4:
        t["shape"] = t["shape"] + [r.choice([1, 0, 2, 2**31])]
    elif how == 5:
        del t[r.choice(list(t))]
    elif how == 6:
        t[r.choice(["more", "", "dtype\0", "\u2028"])] = number(r)
    elif how == 7:
        header[r.choice(["", "a" * 5000, "a\nb", "\x1b[2J", "\u202e", "__metadata__ ", "\0"])] = header.pop(name)
    elif how == 8:
        header["__metadata__"] = r.choice([{"stacks": number(r)}, {"stacks": "9" * 400}, [], None, 3,
                                           {"a" * 3000: "b" * 3000}, {"width": "-1", "points": "1e9"}, {"scheme": "\x1b]0;x\x07"}])
    elif how == 9:
        header[name] = r.choice([[], None, 1, "x", {}])
    elif how == 10:
        length = r.choice([0, 1, 7, 2**20, 2**31, 2**32, 2**63, 2**64 - 1])
    elif how == 11:
        data = data[: r.randrange(len(data))]
    elif how == 12:
        data = data + bytes(r.randrange(1, 5000))
    elif how == 13:  # two that share their numbers
        header[other] = json.loads(json.dumps(t))
    text = json.dumps(header)
    if how == 14:  # the same name twice
        text = text[:-1] + "," + json.dumps(name) + ":" + json.dumps(t) + "}"
    elif how == 15:
        text = r.choice([text[: r.randrange(len(text))], "[" * 5000 + text, text + "}", text.replace(":", "", 1), " " * 3000 + text,
                         text.replace('"', "'"), "\ufeff" + text, "{" + '"a":{' * 2000])
    raw = text.encode("utf-8", "surrogatepass")
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


def weights(target, count, r):
    whole = (SOURCE / "tests/program/small.safetensors").read_bytes()
    n = struct.unpack("<Q", whole[:8])[0]
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for i in range(count):
            files.append(os.path.join(folder, str(i)))
            pathlib.Path(files[-1]).write_bytes(spoil(r, json.loads(whole[8 : 8 + n]), whole[8 + n :]))
        done = subprocess.run([target, "-rss_limit_mb=2048", "-timeout=60", *files], capture_output=True, text=True, errors="replace")
        ran = done.stderr.count("Executed ")
        print(f"{ran} of {count} tries, status {done.returncode}")
        if done.returncode or ran != count:
            print(done.stderr[-3000:])
            return 1
    return 0


def clips(folder):
    made = []
    for name, options in {"a.mp4": "-c:v libx264 -movflags +faststart", "b.mkv": "-c:v libx264", "c.avi": "-c:v mjpeg",
                          "d.ts": "-c:v mpeg2video", "e.webm": "-c:v libvpx -deadline realtime", "f.mov": "-c:v mpeg4"}.items():
        made.append(os.path.join(folder, name))
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", SOURCE / "assets/demo.mp4", "-frames:v", "8", "-vf",
                        "scale=320:-2", "-pix_fmt", "yuv420p", *options.split(), made[-1]], check=True)
    return made


def damage(r, bytes_, other):
    b = bytearray(bytes_)
    how = r.randrange(6)
    at = r.randrange(len(b))
    if how == 0:
        return b[:at]
    if how == 1:
        return b[:at] + other[r.randrange(len(other)) :]
    if how == 2:
        return b[:at] + b[min(len(b), at + r.randrange(1, 4000)) :]
    if how == 3:
        return b[:at] + bytes(r.randrange(256) for _ in range(r.randrange(1, 3000))) + b[at:]
    span = 600 if how == 4 else len(b)  # in the head, or anywhere
    for _ in range(r.choice([1, 4, 30, 200])):
        b[r.randrange(min(span, len(b)))] = r.choice([0, 1, 0x7F, 0x80, 0xFF, r.randrange(256)])
    return b


def videos(program, count, r):
    failed = 0
    said = {}
    with tempfile.TemporaryDirectory() as folder:
        made = clips(folder)
        for i in range(count):
            clip = made[i % len(made)]
            bad = os.path.join(folder, "bad" + clip[-4:])
            content = damage(r, pathlib.Path(clip).read_bytes(), pathlib.Path(r.choice(made)).read_bytes())
            pathlib.Path(bad).write_bytes(content)
            out = os.path.join(folder, "out.csv")
            try:
                done = subprocess.run([program, "track", "--model", "fast", "--faces", "1", bad, "--csv", out, "-o",
                                       os.path.join(folder, "out.mkv")], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=600)
                status, text = done.returncode, done.stderr
            except subprocess.TimeoutExpired:
                status, text = "no end", ""
            errors = [x for x in text.splitlines() if x.startswith("wingtip: error")]
            ok = status in (0, 1) and (status == 0) == (not errors) and len(errors) <= 1 and "Sanitizer" not in text and "runtime error" not in text
            said[status] = said.get(status, 0) + 1
            if not ok:
                failed += 1
                keep = os.path.join(tempfile.gettempdir(), f"wingtip-try-{i}{bad[-4:]}")
                pathlib.Path(keep).write_bytes(content)
                print(f"try {i}: status {status}, kept as {keep}\n{text[-1500:]}")
    print(f"{count} tries, {failed} failed; by exit status: {said}")
    return failed > 0


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("weights", "videos"):
        sys.exit(__doc__)
    what = weights if sys.argv[1] == "weights" else videos
    count = int(sys.argv[3]) if len(sys.argv) > 3 else (333 if what is weights else 39)
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(10**6)
    print("seed", seed)
    sys.exit(what(sys.argv[2], count, random.Random(seed)))


main()
