"""Makes unet3d.safetensors: weights, inputs and outputs of a UNet3D written in PyTorch, independently of
the Rust one. Run with torch 2.9.0 and numpy: `python make_unet3d.py`. Prints the optimiser's oracle too.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from safetensors_file import save

CHANNELS, CLASSES, WIDTH, DEPTH, SIDE = 3, 4, 4, 2, 8


class ConvNorm(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.conv = nn.Conv3d(a, b, 3, padding=1)
        self.norm = nn.BatchNorm3d(b)

    def forward(self, x):
        return F.leaky_relu(self.norm(self.conv(x)))


class DoubleConv(nn.Module):
    def __init__(self, a, b, c):
        super().__init__()
        self.first, self.second = ConvNorm(a, b), ConvNorm(b, c)

    def forward(self, x):
        return self.second(self.first(x))


class UpConv(nn.Module):
    def __init__(self, a, b, activated):
        super().__init__()
        self.conv = nn.ConvTranspose3d(a, b, 3, stride=2, padding=1, output_padding=1)
        self.norm = nn.BatchNorm3d(b) if activated else None

    def forward(self, x):
        x = self.conv(x)
        return x if self.norm is None else F.leaky_relu(self.norm(x))


class UNet3d(nn.Module):
    def __init__(self, channels, classes, width, depth):
        super().__init__()
        w = [width << level for level in range(depth + 1)]
        above = [channels] + w
        self.encoder = nn.ModuleList(DoubleConv(above[i], w[i], w[i]) for i in range(depth))
        self.centre_in, self.centre_out = ConvNorm(w[depth - 1], w[depth]), ConvNorm(w[depth], w[depth])
        down = list(reversed(range(depth)))
        self.up = nn.ModuleList(UpConv(w[i + 1], w[i], i + 1 != depth) for i in down)
        self.decoder = nn.ModuleList(DoubleConv(2 * w[i], w[i], w[i] if i else width // 2) for i in down)
        self.head = nn.Conv3d(width // 2, classes, 3, padding=1)
        self.attention = nn.Conv3d(width // 2, 1, 1)

    def forward(self, x, observed, collapse):
        skips = []
        for level in self.encoder:
            skips.append(level(x))
            x = F.max_pool3d(skips[-1], 2)
        x = self.centre_out(self.centre_in(x))
        for up, level in zip(self.up, self.decoder):
            x = up(x)
            x = level(torch.cat([x, skips.pop()[:, :, : x.shape[2]]], 1))
        scores = self.head(x)
        # Of dates [n, time], or of pixels [n, time, y, x]; a pixel that no date saw counts as seen by all.
        seen = observed[:, : x.shape[2]]
        seen = seen.reshape(*seen.shape, *[1] * (4 - seen.dim())).expand(-1, -1, *x.shape[3:]).unsqueeze(1)
        seen = seen | ~seen.any(2, keepdim=True)
        if collapse == "masked_mean":
            return scores.masked_fill(~seen, 0.0).sum(2) / seen.sum(2)
        if collapse == "last":
            last = torch.arange(seen.shape[2])[:, None, None].masked_fill(~seen, -1).amax(2, keepdim=True)
            return scores.gather(2, last.expand(-1, scores.shape[1], -1, -1, -1)).squeeze(2)
        return (scores * self.attention(x).masked_fill(~seen, float("-inf")).softmax(2)).sum(2)


def rust_name(name):
    head, _, last = name.rpartition(".")
    if head.endswith(".norm"):
        last = {"weight": "gamma", "bias": "beta"}.get(last, last)
    return f"{head}.{last}"


def optimiser_oracle():
    for kind in (torch.optim.Adam, torch.optim.AdamW):
        w = torch.tensor([[1.0, -2.0, 0.5]], requires_grad=True)
        b = torch.tensor([1.5, -0.5], requires_grad=True)
        # A bias does not decay.
        optimiser = kind([{"params": [w]}, {"params": [b], "weight_decay": 0.0}], lr=0.1, weight_decay=0.05)
        for _ in range(3):
            optimiser.zero_grad()
            ((w**2).sum() + (b**2).sum()).backward()
            torch.nn.utils.clip_grad_norm_([w, b], 2.0)
            optimiser.step()
        print(kind.__name__, [f"{v:.7f}" for v in w.flatten().tolist() + b.tolist()])


def main():
    torch.manual_seed(3)
    published = UNet3d(12, 7, 32, 2)
    published.attention = nn.Identity()
    assert sum(p.numel() for p in published.parameters()) == 1_549_895

    net = UNet3d(CHANNELS, CLASSES, WIDTH, DEPTH)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm3d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.2, 1.0)
    tensors = {f"network.{rust_name(k)}": v.clone() for k, v in net.state_dict().items() if "num_b" not in k}
    net.eval()
    for steps in (8, 11):
        x = torch.randn(2, CHANNELS, steps, SIDE, SIDE)
        observed = torch.rand(2, steps) < 0.7
        observed[:, 0], observed[0, 3] = True, False
        x *= observed[:, None, :, None, None]
        tensors[f"{steps}.input"], tensors[f"{steps}.observed"] = x, observed.float()
        for collapse in ("masked_mean", "last", "attention"):
            tensors[f"{steps}.{collapse}"] = net(x, observed, collapse)

    # Its own generator: the vectors above are what they were. Each date sees some pixels; a few are never seen.
    chance = torch.Generator().manual_seed(4)
    valid = torch.rand(2, 11, SIDE, SIDE, generator=chance) < 0.5
    valid &= torch.rand(2, 1, SIDE, SIDE, generator=chance) < 0.95
    valid[0, 4] = False
    x = tensors["11.input"] * valid[:, None]
    tensors["pixels.input"], tensors["pixels.valid"] = x, valid.float()
    for collapse in ("masked_mean", "last", "attention"):
        tensors[f"pixels.{collapse}"] = net(x, valid, collapse)

    # Training: the loss and some gradients, with batch statistics.
    net.train()
    target = torch.randint(0, CLASSES, (2, SIDE, SIDE))
    target[torch.rand(target.shape) < 0.3] = 255
    logits = net(tensors["11.input"], tensors["11.observed"] > 0, "masked_mean")
    weight = torch.tensor([0.5, 1.0, 2.0, 4.0])
    loss = F.cross_entropy(logits, target, weight=weight, ignore_index=255)
    loss.backward()
    tensors["train.target"], tensors["train.loss"] = target.float(), loss[None]
    for name in ("encoder.0.first.conv.weight", "up.0.conv.weight", "encoder.1.second.norm.weight", "head.bias"):
        tensors[f"train.gradient.{rust_name(name)}"] = net.get_parameter(name).grad
    save(Path(__file__).with_name("unet3d.safetensors"), tensors)
    optimiser_oracle()


if __name__ == "__main__":
    main()
