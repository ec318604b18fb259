"""Makes the small weight files of the formats that are read, from one that `ecotone train` wrote:

    ecotone simulate forest --size 64 --years 2 --every 6 --out cat
    ecotone train tiny.toml --set inputs.catalog=cat/catalog.json --out run --threads 1
    python3 make_cards.py run/model.safetensors format-N.safetensors [N]

with tiny.toml:

    name = "tiny"
    inputs = { bands = ["B04", "B8A"], indices = ["NDVI"], max_cloud_cover = 100 }
    timeline = { start = "2021-05-16", step_days = 90, steps = 4 }
    split = { block_m = 320 }
    model = { kind = "pixel-lstm", hidden = 2, layers = 1 }
    train = { epochs = 1, batch = 2, patch = 16 }
    predict = { window = 16, halo = 0 }

The folder of the catalogue is left out of the card. A number N is for a format that differs from the file's by its number
alone, as 2 does from 1. When the format's number rises, add a file of the new one, and delete that of the last but two.
"""

import json
import struct
import sys

KEY = "ecotone.card"


def main(source, target, number=None):
    with open(source, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    card = json.loads(header["__metadata__"][KEY])
    card["training"]["catalog"] = "simulated forest"
    if number is not None:
        card["format"] = int(number)
    header["__metadata__"][KEY] = json.dumps(card, separators=(",", ":"))
    text = json.dumps(header, separators=(",", ":")).encode()
    # Tensors begin at a multiple of eight bytes.
    text += b" " * (-len(text) % 8)
    with open(target, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data[8 + length :])


main(*sys.argv[1:])
