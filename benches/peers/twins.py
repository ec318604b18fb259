"""The fifteen networks in PyTorch, by the settings of ecotone-models, and their weights as files that it reads.

`twin(settings)` gives a module from a series [n, channel, time, y, x], all of it observed, to scores [n, class, y, x].
`write(...)` writes its weights as a weight file, or as a state dict under the published names where ecotone-models
imports those.
    pip install torch==2.9.0 torchvision==0.24.0 numpy
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn
from torchvision.models.segmentation import deeplabv3_resnet50

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "crates/models/tests/vectors"))
import make_networks  # noqa: E402
import make_pixel_series  # noqa: E402
import make_unet3d  # noqa: E402
import safetensors_file  # noqa: E402
from utae import UTae  # noqa: E402

UNET = {"width": 32, "depth": 4, "decoder_convs": 1}
FOREST = {"width": 64}
FUSION = {"width": 64, "radar": 2}
# As published: the defaults of ecotone-models, written out for the constructors here.
PUBLISHED = {
    "unet3d": {"width": 32, "depth": 2},
    "unet": UNET,
    "unet-convlstm": UNET | {"first_hidden": 32, "cell": {"hidden": 32, "peephole": True}},
    "deepforest-1a": FOREST,
    "deepforest-1b": FOREST,
    "deepforest-1c": FOREST,
    "deepforest-2a": FUSION,
    "deepforest-2b": FUSION,
    "deepforest-unet": {"width": 8},
    "deepforest-deeplab": FOREST,
    "deeplab": {},
    "compact": {"stem": 64, "blocks": [96, 144, 144], "beside": 48},
    "pixel-lstm": {"hidden": 128, "layers": 4, "bidirectional": True},
    "tempcnn": {"steps": 46, "width": 128, "kernel": 7},
    "utae": {
        "encoder": [64, 64, 64, 128],
        "decoder": [32, 32, 64, 128],
        "heads": 16,
        "model": 256,
        "key": 4,
        "step_days": 10,
    },
}
# Their state dicts are imported under the published names.
IMPORTED = ("deeplab", "pixel-lstm", "tempcnn", "utae")


class Picture(nn.Module):
    """A network of one date."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        scores = self.net(x.squeeze(2))
        return scores["out"] if isinstance(scores, dict) else scores


class Series(nn.Module):
    """A network of all dates."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)


class Observed(nn.Module):
    """A network that asks which dates were observed."""

    def __init__(self, net, *more):
        super().__init__()
        self.net, self.more = net, more

    def forward(self, x):
        return self.net(x, torch.ones(x.shape[0], x.shape[2], dtype=torch.bool), *self.more)


class Branches(nn.Module):
    """Optical channels as their mean over the dates, radar channels date by date; of three heads the fused one."""

    def __init__(self, net, radar):
        super().__init__()
        self.net, self.optical = net, -radar

    def forward(self, x):
        return self.net(x[:, : self.optical].mean(2), x[:, self.optical :])[0]


class Pixels(nn.Module):
    """A network of the dates of each pixel."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        n, c, t, h, w = x.shape
        scores = self.net(x.permute(0, 3, 4, 2, 1).reshape(n * h * w, t, c))
        return scores.reshape(n, h, w, -1).permute(0, 3, 1, 2)


def twin(kind, channels, classes, settings):
    """The module with PyTorch's first weights. Dropout is left out."""
    s, both, m = settings, (channels, classes), make_networks
    match kind:
        case "unet3d":
            net = make_unet3d.UNet3d(*both, s["width"], s["depth"])
            net.attention = nn.Identity()
            return Observed(net, "masked_mean")
        case "unet":
            return Picture(m.UNet(*both, s["width"], s["depth"], s["decoder_convs"]))
        case "unet-convlstm":
            unet = s["width"], s["depth"], s["decoder_convs"]
            return Series(m.UNetConvLstm(*both, s["first_hidden"], s["cell"]["hidden"], *unet))
        case "deepforest-2a" | "deepforest-2b":
            net = {"a": m.TwoA, "b": m.TwoB}[kind[-1]]
            return Branches(net(channels - s["radar"], s["radar"], classes, s["width"]), s["radar"])
        case "compact":
            return Picture(m.Compact(*both, s["stem"], s["blocks"], s["beside"]))
        case "deeplab":
            net = deeplabv3_resnet50(weights=None, weights_backbone=None, num_classes=classes, aux_loss=False)
            stem = net.backbone.conv1
            net.backbone.conv1 = nn.Conv2d(channels, stem.out_channels, 7, 2, 3, bias=False)
            net.classifier[0].project[3].p = 0.0
            return Picture(net)
        case "pixel-lstm":
            return Pixels(make_pixel_series.PixelLstm(*both, s["hidden"], s["layers"]))
        case "tempcnn":
            return Pixels(make_pixel_series.TempCnn(*both, s["steps"], s["width"], s["kernel"]))
        case "utae":
            return Observed(UTae(*both, **s))
        case _:
            nets = {"1a": m.OneA, "1b": m.OneB, "1c": m.OneC, "unet": m.BaselineUNet, "deeplab": m.DeepLab}
            return Picture(nets[kind.removeprefix("deepforest-")](*both, s["width"]))


@torch.no_grad()
def draw(net, seen, seed=1):
    """Weights that keep the size of values through deep networks, with the statistics of inputs like `seen` (two or more), so
    that probabilities differ from place to place."""
    chance = torch.Generator().manual_seed(seed)
    uniform = lambda tensor, low, high: tensor.copy_(torch.rand(tensor.shape, generator=chance) * (high - low) + low)
    batch_norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
    for module in net.modules():
        for name, tensor in module.named_parameters(recurse=False):
            if isinstance(module, (*batch_norms, nn.GroupNorm, nn.LayerNorm)) and name == "weight":
                uniform(tensor, 0.7, 1.3)
            elif tensor.dim() < 2 or name == "peephole":
                uniform(tensor, -0.3, 0.3)
            else:
                bound = (4 / tensor[0].numel()) ** 0.5
                uniform(tensor, -bound, bound)
        if isinstance(module, batch_norms):
            module.momentum = 1.0
    net.train()(seen)
    net.eval()
    # Sums of many residuals would leave probabilities of 0 and 1, where a difference is not seen.
    spread = net(seen).std()
    if spread > 2:
        head = [module for module in net.modules() if isinstance(module, (nn.Conv2d, nn.Conv3d, nn.Linear))][-1]
        head.weight /= spread
    return net


def card(kind, channels, classes, settings, steps, side):
    """What a weight file says of its network."""
    network = {"kind": kind, "channels": channels, "classes": classes} | settings
    training = {"epochs": 0, "best_epoch": 0, "seed": 0, "samples": 0, "catalog": "noise", "version": "0"}
    nothing = {"validation_overall_accuracy": None, "validation_macro_f1": None}
    return {
        "format": 2,
        "network": network,
        "bands": [str(band) for band in range(channels)],
        "band_units": "noise",
        "normalisation": [{"mean": 0.0, "std": 1.0}] * channels,
        "gsd": 20.0,
        "timeline": {"step_days": 10, "steps": steps, "fill": "zero", "observed_by": "pixel"},
        "mask": "none",
        "legend": [{"code": code, "name": str(code), "color": "#000000"} for code in range(classes)],
        "window": {"size": side, "halo": 0},
        "training": training | nothing | {"class_weights": [1.0] * classes},
    }


def write(net, described, folder):
    """The weights of a twin's module: the path of a weight file, or of a state dict to be imported with the card."""
    kind, state = described["network"]["kind"], net.net.state_dict()
    if kind in IMPORTED:
        path = folder / f"{kind}.pt"
        torch.save(state, path)
        return path
    rename = make_unet3d.rust_name if kind == "unet3d" else make_networks.rust_name
    tensors = {rename(name): tensor for name, tensor in state.items() if not name.endswith("num_batches_tracked")}
    path = folder / f"{kind}.safetensors"
    safetensors_file.save(path, tensors, {"ecotone.card": json.dumps(described)})
    return path
