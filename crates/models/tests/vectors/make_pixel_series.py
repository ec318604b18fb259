"""Makes pixel_lstm.pt and temp_cnn.pt, state dicts with the names of BreizhCrops' modules, and
pixel_series.safetensors with an input and the scores of both. Run with torch 2.9.0 and numpy:
`python make_pixel_series.py`.
"""

from pathlib import Path

import torch
from torch import nn

from safetensors_file import save

CHANNELS, CLASSES, STEPS, HIDDEN, LAYERS, WIDTH, KERNEL = 5, 3, 7, 6, 3, 8, 5
HERE = Path(__file__).parent


class PixelLstm(nn.Module):
    """Scores [pixel, class] of [pixel, time, channel], from the cells of all layers and directions after the last date."""

    def __init__(self, channels, classes, hidden, layers):
        super().__init__()
        self.inlayernorm = nn.LayerNorm(channels)
        self.lstm = nn.LSTM(channels, hidden, layers, bias=False, bidirectional=True, batch_first=True)
        self.clayernorm = nn.LayerNorm(2 * hidden * layers)
        self.linear = nn.Linear(2 * hidden * layers, classes)

    def forward(self, x):
        _, (_, cells) = self.lstm(self.inlayernorm(x))
        return self.linear(self.clayernorm(cells.transpose(0, 1).flatten(1)))


class Block(nn.Module):
    def __init__(self, layer, width):
        super().__init__()
        self.block = nn.Sequential(layer, nn.BatchNorm1d(width), nn.ReLU())

    def forward(self, x):
        return self.block(x)


class TempCnn(nn.Module):
    """Scores [pixel, class] of [pixel, time, channel]."""

    def __init__(self, channels, classes, steps, width, kernel):
        super().__init__()
        conv = lambda a: Block(nn.Conv1d(a, width, kernel, padding=kernel // 2), width)
        self.conv_bn_relu1, self.conv_bn_relu2, self.conv_bn_relu3 = conv(channels), conv(width), conv(width)
        self.dense = Block(nn.Linear(width * steps, 4 * width), 4 * width)
        self.logsoftmax = nn.Sequential(nn.Linear(4 * width, classes))

    def forward(self, x):
        x = self.conv_bn_relu3(self.conv_bn_relu2(self.conv_bn_relu1(x.transpose(1, 2))))
        return self.logsoftmax(self.dense(x.flatten(1)))


def main():
    torch.manual_seed(5)
    series = torch.randn(2, CHANNELS, STEPS, 4, 3)
    tensors = {"input": series}
    target = torch.randint(0, CLASSES, (2, 4, 3))
    tensors["target"] = target.float()
    nets = {
        "pixel_lstm": PixelLstm(CHANNELS, CLASSES, HIDDEN, LAYERS),
        "temp_cnn": TempCnn(CHANNELS, CLASSES, STEPS, WIDTH, KERNEL),
    }
    for name, net in nets.items():
        for module in net.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.LayerNorm)):
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.uniform_(module.bias, -0.3, 0.3)
            if isinstance(module, nn.BatchNorm1d):
                module.running_mean.uniform_(-0.2, 0.2)
                module.running_var.uniform_(0.2, 1.0)
        torch.save(net.state_dict(), HERE / f"{name}.pt")

        def scores():
            pixels = net(series.permute(0, 3, 4, 2, 1).flatten(0, 2))
            return pixels.reshape(2, 4, 3, CLASSES).permute(0, 3, 1, 2)

        net.eval()
        tensors[name] = scores()
        net.train()
        loss = nn.functional.cross_entropy(scores(), target)
        loss.backward()
        tensors[f"{name}.loss"] = loss[None]
        for parameter, values in net.named_parameters():
            if parameter in ("lstm.weight_ih_l0", "lstm.weight_hh_l1_reverse", "conv_bn_relu1.block.0.weight"):
                tensors[f"{name}.gradient.{parameter}"] = values.grad
    save(HERE / "pixel_series.safetensors", tensors)


if __name__ == "__main__":
    main()
