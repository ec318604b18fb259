"""Makes networks.safetensors: what PyTorch makes of the networks that read pictures or series of them.

Written independently of the Rust ones. No weights are stored: both sides make each tensor's values from its
name. DeepLabv3 is torchvision's own. Run with torch 2.9.0, torchvision 0.24.0 and numpy:
`python make_networks.py`.
"""

import re
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models.segmentation import deeplabv3_resnet50

from safetensors_file import save


def noise(name, shape):
    """Values in -1..1 that depend on the name alone: FNV-1a of it, then murmur3's last mixing."""
    start = 0x811C9DC5
    for byte in name.encode():
        start = ((start ^ byte) * 0x01000193) & 0xFFFFFFFF
    h = (start + np.arange(np.prod(shape), dtype=np.uint64) * 0x9E3779B9) & 0xFFFFFFFF
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = ((h ^ (h >> np.uint64(shift))) * factor) & 0xFFFFFFFF
    h ^= h >> np.uint64(16)
    return (h.astype(np.float64) / 2**32 * 2 - 1).reshape(shape)


def rust_name(name):
    head, _, last = name.rpartition(".")
    if head.split(".")[-1] == "norm":
        last = {"weight": "gamma", "bias": "beta"}.get(last, last)
    return f"{head}.{last}" if head else last


def name_of_torchvision(key):
    for theirs, ours in (
        (r"^backbone\.(conv|bn)1", r"encoder.stem.\1"),
        (r"^backbone\.layer(\d)\.(\d)", lambda m: f"encoder.stages.{int(m[1]) - 1}.blocks.{m[2]}"),
        (r"^classifier\.0\.convs\.([0-3])\.([01])", r"pyramid.branches.\1.\2"),
        (r"^classifier\.0\.convs\.4\.([12])", lambda m: f"pyramid.whole.{int(m[1]) - 1}"),
        (r"^classifier\.0\.project\.", r"summary."),
        (r"^classifier\.([12])", lambda m: f"last.{int(m[1]) - 1}"),
        (r"^classifier\.4", r"head.conv"),
        (r"downsample", r"shortcut"),
        (r"\.(conv|bn)([123])\.", lambda m: f".{('reduce', 'spatial', 'expand')[int(m[2]) - 1]}.{m[1]}."),
        (r"\.(0|conv)\.(weight|bias)$", r".conv.\2"),
        (r"\.(1|bn)\.(\w+)$", r".norm.\2"),
    ):
        key = re.sub(theirs, ours, key)
    return rust_name(key)


def fill(net, rename=rust_name):
    state = {}
    for key, tensor in net.state_dict().items():
        name, shape = rename(key), tuple(tensor.shape)
        last = name.split(".")[-1]
        if last == "num_batches_tracked":
            continue
        scale, offset = {
            "weight": (np.sqrt(4 / max(1, np.prod(shape[1:]))), 0),
            "gamma": (0.2, 0.6),
            "running_var": (0.4, 0.8),
        }.get(last, (0.3, 0))
        state[key] = torch.from_numpy((noise(name, shape) * scale + offset).astype(np.float32))
    net.load_state_dict(state, strict=False)
    return net.eval()


def picture(name, *shape):
    return torch.from_numpy(noise(name, shape).astype(np.float32))


class Conv(nn.Module):
    """Convolution of "same" size, then normalisation and rectifier where asked for."""

    def __init__(self, a, b, k=3, stride=1, dilation=1, norm=None, rectified=False, bias=True, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(a, b, k, stride=stride, dilation=dilation, bias=bias, groups=groups)
        self.norm = norm and nn.BatchNorm2d(b, eps=norm)
        total = dilation * (k - 1)
        self.pad, self.rectified = [total // 2, total - total // 2] * 2, rectified

    def forward(self, x):
        x = self.conv(F.pad(x, self.pad))
        x = self.norm(x) if self.norm else x
        return F.relu(x) if self.rectified else x


class Ups(nn.Module):
    def __init__(self, *widths):
        super().__init__()
        self.convs = nn.ModuleList(nn.ConvTranspose2d(a, b, 2, stride=2) for a, b in zip(widths, widths[1:]))

    def forward(self, x):
        for conv in self.convs:
            x = conv(x)
        return x


class UNet(nn.Module):
    def __init__(self, channels, classes, width, depth, decoder_convs):
        super().__init__()
        w = [width * 2**level for level in range(depth + 1)]
        level = lambda a, b, n: nn.ModuleList(Conv(a if i == 0 else b, b, norm=1e-5, rectified=True) for i in range(n))
        self.encoder = nn.ModuleList(level(a, b, 2) for a, b in zip([channels] + w, w))
        down = list(reversed(w[:-1]))
        self.up = nn.ModuleList(Ups(2 * b, b) for b in down)
        self.decoder = nn.ModuleList(level(2 * b, b, decoder_convs) for b in down)
        self.head = Conv(width, classes, 1)

    def forward(self, x):
        skips = []
        for place, (first, second) in enumerate(self.encoder):
            x = second(first(F.max_pool2d(x, 2) if place else x))
            skips.append(x)
        skips.pop()
        for up, level in zip(self.up, self.decoder):
            x = torch.cat([up(x), skips.pop()], 1)
            for conv in level:
                x = conv(x)
        return self.head(x)


class ConvLstm(nn.Module):
    """Shi et al. 2015, equation 3, with peepholes per channel; gates in the order i, f, c, o."""

    def __init__(self, channels, hidden, peephole=False, hard=False, relu=False, backward=False):
        super().__init__()
        self.input = nn.Conv2d(channels, 4 * hidden, 3, padding=1, bias=False)
        self.recurrent = nn.Conv2d(hidden, 4 * hidden, 3, padding=1, bias=False)
        self.offset = nn.Parameter(torch.zeros(4 * hidden))
        if peephole:
            self.peephole = nn.Parameter(torch.zeros(3, hidden))
        self.hidden, self.peeps, self.backward = hidden, peephole, backward
        self.gate = (lambda x: torch.clip(0.2 * x + 0.5, 0, 1)) if hard else torch.sigmoid
        self.act = F.relu if relu else torch.tanh

    def forward(self, pictures):
        h = c = torch.zeros(pictures[0].shape[0], self.hidden, *pictures[0].shape[2:])
        outputs = []
        for x in reversed(pictures) if self.backward else pictures:
            sums = self.input(x) + self.recurrent(h) + self.offset[:, None, None]
            i, f, g, o = sums.chunk(4, 1)
            peep = lambda k, c: self.peephole[k][:, None, None] * c if self.peeps else 0
            i, f = self.gate(i + peep(0, c)), self.gate(f + peep(1, c))
            c = f * c + i * self.act(g)
            h = self.gate(o + peep(2, c)) * self.act(c)
            outputs.append(h)
        return outputs


class UNetConvLstm(nn.Module):
    def __init__(self, channels, classes, first_hidden, hidden, *unet):
        super().__init__()
        self.unet = UNet(channels, classes, *unet)
        self.first = ConvLstm(classes, first_hidden, peephole=True)
        self.second = ConvLstm(first_hidden, hidden, peephole=True)
        self.head = Conv(hidden, classes, 1)

    def forward(self, x):
        maps = [self.unet(x[:, :, t]).softmax(1) for t in range(x.shape[2])]
        return self.head(self.second(self.first(maps))[-1])


class Bottleneck(nn.Module):
    def __init__(self, a, f, stride, dilation, projection):
        super().__init__()
        self.reduce = Conv(a, f, 1, stride, norm=1e-3, rectified=True)
        self.spatial = Conv(f, f, 3, dilation=dilation, norm=1e-3, rectified=True)
        self.expand = Conv(f, 4 * f, 1, norm=1e-3)
        self.shortcut = Conv(a, 4 * f, 1, stride, norm=1e-3) if projection else None

    def forward(self, x):
        y = self.expand(self.spatial(self.reduce(x)))
        return F.relu(y + (self.shortcut(x) if self.shortcut else x))


class Stage(nn.Module):
    def __init__(self, a, f, blocks, stride=2, dilation=1):
        super().__init__()
        rest = [Bottleneck(4 * f, f, 1, dilation, False) for _ in range(blocks - 1)]
        self.blocks = nn.ModuleList([Bottleneck(a, f, stride, dilation, True)] + rest)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x


class Encoder(nn.Module):
    def __init__(self, channels, w, atrous=False):
        super().__init__()
        self.entry = Stage(channels, w, 1, stride=1)
        self.stem = Conv(4 * w, w, 7, norm=1e-3, rectified=True)
        fourth = Stage(8 * w, 4 * w, 6, stride=1, dilation=2) if atrous else Stage(8 * w, 4 * w, 6)
        self.stages = nn.ModuleList([Stage(w, w, 3), Stage(4 * w, 2 * w, 4), fourth])

    def forward(self, x):
        x = F.max_pool2d(self.stem(self.entry(x)), 3, 2)
        third = self.stages[1](self.stages[0](x))
        return third, self.stages[2](third)


def memory(a, w):
    return ConvLstm(a, 2 * w, hard=True, backward=True)


class OneA(nn.Module):
    def __init__(self, channels, classes, w):
        super().__init__()
        self.encoder, self.fifth = Encoder(channels, w), Stage(16 * w, 8 * w, 3)
        self.up_fourth, self.up_fifth = Ups(16 * w, 4 * w, 4 * w), Ups(32 * w, 4 * w, 4 * w, 4 * w)
        self.memory = memory(4 * w, w)
        self.conv = Conv(2 * w, 4 * w, rectified=True)
        self.up = Ups(4 * w, 2 * w, 2 * w)
        self.head = Conv(2 * w, classes, 1)

    def forward(self, x):
        fourth = self.encoder(x)[1]
        state = self.memory([self.up_fourth(fourth), self.up_fifth(self.fifth(fourth))])[-1]
        return self.head(self.up(self.conv(state)))


class TwoMemories(nn.Module):
    def __init__(self, channels, w):
        super().__init__()
        self.encoder, self.fifth = Encoder(channels, w), Stage(16 * w, 8 * w, 3)
        self.up_third, self.up_fourth = Ups(8 * w, 4 * w), Ups(16 * w, 4 * w, 4 * w)
        self.up_fifth = Ups(32 * w, 2 * w, 2 * w, 2 * w, 2 * w)
        self.first, self.second = memory(4 * w, w), memory(2 * w, w)
        self.conv = Conv(2 * w, 4 * w, rectified=True)
        self.up = Ups(4 * w, 2 * w)

    def forward(self, x):
        third, fourth = self.encoder(x)
        a = self.first([self.up_third(third), self.up_fourth(fourth)])[-1]
        return self.second([self.up(self.conv(a)), self.up_fifth(self.fifth(fourth))])[-1]


class OneB(nn.Module):
    def __init__(self, channels, classes, w):
        super().__init__()
        self.body = TwoMemories(channels, w)
        self.conv = Conv(2 * w, 2 * w, rectified=True)
        self.up = Ups(2 * w, 2 * w)
        self.head = Conv(2 * w, classes, 1)

    def forward(self, x):
        return self.head(self.up(self.conv(self.body(x))))


class Pyramid(nn.Module):
    def __init__(self, a, first, width, linear):
        super().__init__()
        kind = {} if linear else {"norm": 1e-5, "rectified": True, "bias": False}
        dilated = [Conv(a, width, 3, dilation=rate, **kind) for rate in (6, 12, 18)]
        self.branches = nn.ModuleList([Conv(a, first, 1, **kind)] + dilated)
        self.whole = None if linear else Conv(a, width, 1, **kind)

    def forward(self, x):
        scales = [branch(x) for branch in self.branches]
        if self.whole:
            scales.append(self.whole(F.adaptive_avg_pool2d(x, 1)).expand(-1, -1, *x.shape[2:]))
        return torch.cat(scales, 1)


def enlarge(x, factor):
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


class OneC(nn.Module):
    def __init__(self, channels, classes, w):
        super().__init__()
        self.body = TwoMemories(channels, w)
        self.pyramid = Pyramid(2 * w, classes, 2 * w, True)
        self.head = Conv(classes + 6 * w, classes, 1)

    def forward(self, x):
        return enlarge(self.head(self.pyramid(self.body(x))), 2)


class DeepLab(nn.Module):
    def __init__(self, channels, classes, w):
        super().__init__()
        self.encoder = Encoder(channels, w, atrous=True)
        self.branches = nn.ModuleList(Stage(16 * w, 8 * w, 3, 1, rate) for rate in (6, 12, 18))
        self.direct = Conv(16 * w, classes, 1)
        self.head = Conv(classes + 96 * w, classes, 1)

    def forward(self, x):
        x = self.encoder(x)[1]
        scales = [self.direct(x)] + [branch(x) for branch in self.branches]
        return enlarge(self.head(torch.cat(scales, 1)), 8)


def transposed(conv, x, stride):
    """Keras's "same": of the full result, `stride` times the input's size, cropped two at the start."""
    full = F.conv_transpose2d(x, conv.weight, conv.bias, stride=stride)
    rows, columns = (stride * side for side in x.shape[2:])
    return full[:, :, 2 : 2 + rows, 2 : 2 + columns]


class BaselineUNet(nn.Module):
    def __init__(self, channels, classes, w):
        super().__init__()
        widths = [w, 4 * w, 4 * w, 8 * w, 8 * w, 16 * w]
        level = lambda a, b: nn.ModuleList(
            Conv(x, b, 6, dilation=d, norm=1e-3, rectified=True) for x, d in ((a, 1), (b, 2))
        )
        self.encoder = nn.ModuleList(level(a, b) for a, b in zip([channels] + widths, widths))
        ins, outs = [32 * w, 12 * w, 12 * w, 12 * w, 12 * w], [4 * w, 4 * w, 8 * w, 8 * w, 16 * w]
        self.decoder = nn.ModuleList(Conv(a, b, 6, rectified=True) for a, b in zip(ins, outs))
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, b, 6) for b in outs)
        self.head = nn.ConvTranspose2d(16 * w, classes, 6)

    def forward(self, x):
        skips = []
        for place, (first, second) in enumerate(self.encoder):
            x = second(first(F.max_pool2d(x, 2) if place else x))
            skips.append(x)
        for conv, up in zip(self.decoder, self.up):
            x = transposed(up, conv(torch.cat([x, skips.pop()], 1)), 2)
        return transposed(self.head, x, 1)


class Fusion(nn.Module):
    def __init__(self, radar, classes, optical, w):
        super().__init__()
        self.radar = ConvLstm(radar, w, hard=True, relu=True)
        self.radar_head, self.optical_head = Conv(w, classes, 1), Conv(optical, classes, 1)
        self.fused_head = Conv(optical + w, classes, 1)

    def forward(self, features, radar):
        state = self.radar([radar[:, :, t] for t in range(radar.shape[2])])[-1]
        return [
            self.fused_head(torch.cat([features, state], 1)),
            self.optical_head(features),
            self.radar_head(state),
        ]


class TwoA(nn.Module):
    def __init__(self, channels, radar, classes, w):
        super().__init__()
        self.optical, self.fusion = BaselineUNet(channels, classes, w // 8), Fusion(radar, classes, classes, w)

    def forward(self, x, radar):
        return self.fusion(self.optical(x), radar)


class TwoB(nn.Module):
    def __init__(self, channels, radar, classes, w):
        super().__init__()
        self.encoder, self.fifth = Encoder(channels, w), Stage(4 * w, 8 * w, 3)
        self.up_fourth, self.up_fifth = Ups(16 * w, 4 * w, 4 * w), Ups(32 * w, 4 * w)
        self.norm = nn.BatchNorm2d(4 * w, eps=1e-3)
        self.memory = memory(4 * w, w)
        self.conv = Conv(2 * w, 4 * w, rectified=True)
        self.up = Ups(4 * w, 2 * w, w)
        self.fusion = Fusion(radar, classes, w, w)

    def forward(self, x, radar):
        fine = self.up_fourth(self.encoder(x)[1])
        coarse = F.relu(self.norm(self.up_fifth(self.fifth(fine))))
        return self.fusion(self.up(self.conv(self.memory([fine, coarse])[-1])), radar)


class Separable(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.spatial = Conv(a, a, 3, groups=a)
        self.across = Conv(a, b, 1, norm=1e-5, rectified=True)

    def forward(self, x):
        return self.across(self.spatial(x))


class SeparableBlock(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.convs = nn.Sequential(Separable(a, b), Separable(b, b), Separable(b, b))
        self.shortcut = Conv(a, b, 1)

    def forward(self, x):
        return self.convs(x) + self.shortcut(x)


class Compact(nn.Module):
    def __init__(self, channels, classes, stem, blocks, beside):
        super().__init__()
        self.stem = Conv(channels, stem, norm=1e-5, rectified=True)
        self.beside = Conv(stem, beside, norm=1e-5, rectified=True)
        pairs = [(stem, blocks[0]), (blocks[0], blocks[1]), (blocks[1] + beside, blocks[2])]
        self.blocks = nn.ModuleList(SeparableBlock(a, b) for a, b in pairs)
        self.head = Conv(blocks[2], classes, 1)

    def forward(self, x):
        stem = self.stem(x)
        x = torch.cat([self.blocks[1](self.blocks[0](stem)), self.beside(stem)], 1)
        return self.head(self.blocks[2](x))


def published_counts():
    """The published sizes, batch normalisation counted as 4 C in total."""
    for name, net in {
        "unet of road mapping, 3 channels, 2 classes": UNet(3, 2, 32, 4, 1),
        "classic unet, 3 channels, 2 classes": UNet(3, 2, 64, 4, 2),
        "unet-convlstm, 3 channels, 2 classes": UNetConvLstm(3, 2, 32, 32, 32, 4, 1),
        "1a": OneA(10, 18, 64),
        "1b": OneB(10, 18, 64),
        "1c": OneC(10, 18, 64),
        "deeplab": DeepLab(10, 18, 64),
        "baseline unet": BaselineUNet(10, 18, 8),
        "2a": TwoA(10, 2, 18, 64),
        "2b": TwoB(10, 2, 18, 64),
        "compact, 9 channels, 9 classes": Compact(9, 9, 64, (96, 144, 144), 48),
    }.items():
        trainable = sum(p.numel() for p in net.parameters())
        statistics = sum(b.numel() for key, b in net.named_buffers() if "running" in key)
        print(f"{name}: {trainable + statistics} in total, {trainable} trainable")


def date_by_date():
    """The loss and two gradients of a U-Net that learns the dates of series one by one, each held against the labels of
    the pixels that it saw; the last date of the first series saw none."""
    unet = fill(UNetConvLstm(3, 4, 5, 3, 4, 2, 1)).unet.train()
    series, valid = picture("unet-convlstm", 2, 3, 3, 16, 12), picture("valid", 2, 3, 16, 12) > -0.5
    labels = ((picture("labels", 2, 16, 12) + 1) * 2).long().clamp(0, 3)
    valid[0, 2] = False
    dates = [(n, t) for n in range(2) for t in range(3) if (n, t) != (0, 2)]
    with torch.enable_grad():
        scores = unet(torch.stack([series[n, :, t] for n, t in dates]))
        target = torch.stack([labels[n].masked_fill(~valid[n, t], 255) for n, t in dates])
        loss = F.cross_entropy(scores, target, ignore_index=255)
        loss.backward()
    gradient = lambda name: unet.get_parameter(name).grad
    return {
        "by date.loss": loss.detach()[None],
        "by date.unet.encoder.0.0.conv.weight": gradient("encoder.0.0.conv.weight"),
        "by date.unet.head.conv.bias": gradient("head.conv.bias"),
    }


@torch.no_grad()
def main():
    published_counts()
    out = {}
    for decoder_convs in (1, 2):
        out[f"unet.{decoder_convs}"] = fill(UNet(3, 4, 4, 2, decoder_convs))(picture("unet", 2, 3, 16, 12))
    for name, kind in {
        "plain": {},
        "peephole": {"peephole": True},
        "published": {"hard": True, "backward": True},
        "relu": {"hard": True, "relu": True},
    }.items():
        dates = picture("convlstm", 2, 2, 3, 5, 4)
        out[f"convlstm.{name}"] = torch.stack(fill(ConvLstm(2, 3, **kind))([dates[:, :, t] for t in range(3)]))
    out["unet-convlstm"] = fill(UNetConvLstm(3, 4, 5, 3, 4, 2, 1))(picture("unet-convlstm", 2, 3, 3, 16, 12))
    out |= date_by_date()
    one = picture("deepforest", 1, 3, 32, 64)
    for name, net in {"1a": OneA, "1b": OneB, "1c": OneC, "deeplab": DeepLab, "unet": BaselineUNet}.items():
        out[f"deepforest-{name}"] = fill(net(3, 4, 2))(one)
    series = picture("stacked", 1, 5, 3, 32, 32)
    stacked = torch.cat([series[:, :3].mean(2), series[:, 3:].transpose(1, 2).flatten(1, 2)], 1)
    for name, net in {"1b": OneB, "unet": BaselineUNet}.items():
        out[f"deepforest-{name}.stacked"] = fill(net(9, 4, 2))(stacked)
    optical, radar = picture("optical", 1, 3, 32, 32), picture("radar", 1, 2, 3, 32, 32)
    for name, net in {"2a": TwoA, "2b": TwoB}.items():
        for head, scores in zip(("fused", "optical", "radar"), fill(net(3, 2, 3, 8))(optical, radar)):
            out[f"deepforest-{name}.{head}"] = scores
    out["compact"] = fill(Compact(3, 4, 4, (6, 8, 5), 3))(picture("compact", 2, 3, 7, 5))
    theirs = deeplabv3_resnet50(weights=None, weights_backbone=None, num_classes=4, aux_loss=False)
    out["deeplab"] = fill(theirs, name_of_torchvision)(picture("deeplab", 1, 3, 32, 40))["out"]
    out["aspp"] = fill(Pyramid(4, 3, 2, False))(picture("aspp", 1, 4, 9, 7))
    for name, tensor in out.items():
        print(name, list(tensor.shape), f"{tensor.abs().max():.3g}", f"{tensor.std(correction=0):.3g}")
    save(Path(__file__).with_name("networks.safetensors"), out)


if __name__ == "__main__":
    main()
