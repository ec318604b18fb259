"""U-TAE (Garnot & Landrieu 2021) in PyTorch, written from the publication, under the tensor names of its code.

    utae.py

Run as a program it holds itself against the reference vectors of ecotone-models.
    pip install torch==2.9.0 numpy
"""

import json
import struct
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

GROUPS, PERIOD = 4, 1000.0


class Convs(nn.Module):
    """Convolutions with mirrored borders, each with a normalisation and a rectifier."""

    def __init__(self, widths, norm, kernel=3, stride=1):
        super().__init__()
        layers = []
        for a, b in zip(widths, widths[1:]):
            layers += [nn.Conv2d(a, b, kernel, stride, padding=1, padding_mode="reflect"), norm(b), nn.ReLU()]
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        return self.conv(x)


class Ends(nn.Module):
    """The first or the last convolutions."""

    def __init__(self, widths, norm):
        super().__init__()
        self.conv = Convs(widths, norm)

    def forward(self, x):
        return self.conv(x)


def grouped(width):
    return nn.GroupNorm(GROUPS, width)


class Down(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.down = Convs([a, a], grouped, 4, 2)
        self.conv1, self.conv2 = Convs([a, b], grouped), Convs([b, b], grouped)

    def forward(self, x):
        x = self.conv1(self.down(x))
        return x + self.conv2(x)


class Up(nn.Module):
    def __init__(self, a, b, skip):
        super().__init__()
        norm = nn.BatchNorm2d
        self.skip_conv = nn.Sequential(nn.Conv2d(skip, skip, 1), norm(skip), nn.ReLU())
        self.up = nn.Sequential(nn.ConvTranspose2d(a, b, 4, 2, 1), norm(b), nn.ReLU())
        self.conv1, self.conv2 = Convs([b + skip, b], norm), Convs([b, b], norm)

    def forward(self, x, skip):
        x = self.conv1(torch.cat([self.up(x), self.skip_conv(skip)], 1))
        return x + self.conv2(x)


class Heads(nn.Module):
    def __init__(self, heads, key, model):
        super().__init__()
        self.Q, self.fc1_k = nn.Parameter(torch.zeros(heads, key)), nn.Linear(model, heads * key)


class Attention(nn.Module):
    """L-TAE: one learned query a head over the dates of each place. Dropout is left out."""

    def __init__(self, width, heads, model, key, step_days):
        super().__init__()
        self.attention_heads = Heads(heads, key, model)
        self.in_norm, self.out_norm = nn.GroupNorm(heads, width), nn.GroupNorm(heads, width)
        self.inconv = nn.Conv1d(width, model, 1)
        self.mlp = nn.Sequential(nn.Linear(model, width), nn.BatchNorm1d(width), nn.ReLU())
        self.step_days = step_days

    def places(self, steps, depth):
        days = torch.arange(steps)[:, None] * self.step_days
        place = torch.arange(depth)
        angle = days / PERIOD ** (2 * (place // 2) / depth)
        return torch.where(place % 2 == 0, angle.sin(), angle.cos())

    def forward(self, x, observed):
        n, t, c, h, w = x.shape
        heads, key = self.attention_heads.Q.shape
        x = self.inconv(self.in_norm(x.permute(0, 3, 4, 2, 1).reshape(n * h * w, c, t))).transpose(1, 2)
        x = x + self.places(t, x.shape[2] // heads).repeat(1, heads)
        keys = self.attention_heads.fc1_k(x).reshape(n, h * w, t, heads, key)
        scores = (keys * self.attention_heads.Q).sum(4) / key**0.5
        scores = scores.masked_fill(~observed[:, None, :, None], float("-inf"))
        shares = scores.softmax(2)
        values = x.reshape(n, h * w, t, heads, -1)
        looked = (values * shares[..., None]).sum(2).reshape(n * h * w, -1)
        out = self.out_norm(self.mlp(looked)).reshape(n, h, w, c).permute(0, 3, 1, 2)
        return out, shares.reshape(n, h, w, t, heads).permute(0, 3, 4, 1, 2)


class UTae(nn.Module):
    """Scores [n, class, y, x] of [n, channel, time, y, x]; empty dates, by `observed` [n, time], are not shown to it."""

    def __init__(self, channels, classes, encoder, decoder, heads, model, key, step_days):
        super().__init__()
        self.in_conv = Ends([channels, encoder[0], encoder[0]], grouped)
        self.down_blocks = nn.ModuleList(Down(a, b) for a, b in zip(encoder, encoder[1:]))
        self.temporal_encoder = Attention(encoder[-1], heads, model, key, step_days)
        ups = list(zip(decoder[1:], decoder, encoder))
        self.up_blocks = nn.ModuleList(Up(a, b, skip) for a, b, skip in reversed(ups))
        self.out_conv = Ends([decoder[0], 32, classes], nn.BatchNorm2d)

    def forward(self, x, observed):
        n, _, t = x.shape[:3]
        shown = observed.flatten()
        x = x.transpose(1, 2).flatten(0, 1)
        whole = bool(shown.all())
        x = self.in_conv(x if whole else x[shown])
        skips = []
        for down in self.down_blocks:
            skips.append(x)
            x = down(x)

        def series(x):
            if not whole:
                full = x.new_zeros(n * t, *x.shape[1:])
                full[shown] = x
                x = full
            return x.unflatten(0, (n, t))

        x, shares = self.temporal_encoder(series(x), observed)
        for up in self.up_blocks:
            x = up(x, self.summed(series(skips.pop()), shares))
        return self.out_conv(x)

    @staticmethod
    def summed(features, shares):
        """Over the dates; each head's shares weigh a group of channels."""
        n, t, c, h, w = features.shape
        heads = shares.shape[2]
        shares = F.interpolate(shares.flatten(0, 1), (h, w), mode="bilinear", align_corners=False)
        features = features.reshape(n, t, heads, c // heads, h, w)
        return (features * shares.reshape(n, t, heads, 1, h, w)).sum(1).reshape(n, c, h, w)


def main():
    folder = Path(__file__).resolve().parents[2] / "crates/models/tests/vectors"
    data = (folder / "utae.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    vectors = {}
    for name, info in json.loads(data[8 : 8 + length]).items():
        begin, end = (8 + length + place for place in info["data_offsets"])
        vectors[name] = torch.from_numpy(np.frombuffer(data[begin:end], "<f4").reshape(info["shape"]).copy())
    net = UTae(3, 4, [8, 8, 16], [4, 8, 16], 4, 16, 4, 10)
    net.load_state_dict(torch.load(folder / "utae.pt"))
    net.eval()
    with torch.inference_mode():
        for name in ("full", "gaps"):
            found = net(vectors[f"{name}.input"], vectors[f"{name}.observed"] > 0)
            print(f"{name}: largest difference {(found - vectors[f'{name}.scores']).abs().max():.1e}")


if __name__ == "__main__":
    main()
