"""Writes tensors as a safetensors file whose bytes depend on nothing but them and the texts in its header."""

import json
import struct

import numpy as np


def save(path, tensors, metadata=None):
    header, blobs, offset = {"__metadata__": metadata} if metadata else {}, [], 0
    for name in sorted(tensors):
        blob = np.ascontiguousarray(tensors[name].detach().numpy(), dtype="<f4").tobytes()
        shape = list(tensors[name].shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))
