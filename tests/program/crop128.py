"""The network of crops of 128 pixels that has the weights of another one, which makes a quarter of the work:
    crop128.py WEIGHTS OUT
It is convolutions alone, so that their size is a word in the file; it finds faces less well."""
import json
import struct
import sys

with open(sys.argv[1], "rb") as f:
    size, = struct.unpack("<Q", f.read(8))
    head = json.loads(f.read(size))
    data = f.read()
head["__metadata__"]["input"] = "128"
text = json.dumps(head).encode()
text += b" " * (-len(text) % 8)
with open(sys.argv[2], "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + data)
