"""Makes utae.pt and utae.safetensors: a state dict of the published U-TAE, and what that implementation
makes of an input. Run with torch 2.9.0 and numpy, and a clone of github.com/VSainteuf/utae-paps:
`python make_utae.py PATH_OF_THE_CLONE`.
"""

import sys
from pathlib import Path

import torch
from torch import nn

from safetensors_file import save

sys.path.insert(0, sys.argv[1])
from src.backbones.utae import UTAE  # noqa: E402

HERE = Path(__file__).parent
CHANNELS, CLASSES, STEPS, STEP_DAYS = 3, 4, 5, 10


def count(channels, classes):
    net = UTAE(channels, out_conv=[32, classes])
    return sum(p.numel() for p in net.parameters() if p.requires_grad)


print("10 bands, 20 classes:", count(10, 20), " 12 bands, 7 classes:", count(12, 7))

torch.manual_seed(11)
net = UTAE(
    CHANNELS,
    encoder_widths=[8, 8, 16],
    decoder_widths=[4, 8, 16],
    out_conv=[32, CLASSES],
    n_head=4,
    d_model=16,
    d_k=4,
)
for module in net.modules():
    if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.GroupNorm)):
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.uniform_(module.bias, -0.3, 0.3)
    if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
        module.running_mean.uniform_(-0.2, 0.2)
        module.running_var.uniform_(0.2, 1.0)
    if isinstance(module, nn.Dropout):
        module.p = 0.0
torch.save(net.state_dict(), HERE / "utae.pt")

positions = STEP_DAYS * torch.arange(STEPS).repeat(2, 1)
tensors = {}
for name in ("full", "gaps"):
    series = torch.randn(2, STEPS, CHANNELS, 16, 8)
    observed = torch.ones(2, STEPS, dtype=torch.bool)
    if name == "gaps":
        observed[0, 1], observed[0, 4], observed[1, 0] = False, False, False
    series *= observed[:, :, None, None, None]
    tensors[f"{name}.input"], tensors[f"{name}.observed"] = series.transpose(1, 2), observed.float()
    net.eval()
    tensors[f"{name}.scores"] = net(series, batch_positions=positions)

# Training: the loss and some gradients, with batch statistics, of the input with gaps.
net.train()
target = torch.randint(0, CLASSES, (2, 16, 8))
loss = nn.functional.cross_entropy(net(series, batch_positions=positions), target)
loss.backward()
tensors["target"], tensors["loss"] = target.float(), loss[None]
for name in (
    "in_conv.conv.conv.0.weight", "temporal_encoder.attention_heads.Q", "up_blocks.0.up.0.weight",
    "temporal_encoder.inconv.weight",
):
    gradient = net.get_parameter(name).grad
    tensors[f"gradient.{name}"] = gradient.squeeze(-1) if "inconv" in name else gradient
save(HERE / "utae.safetensors", tensors)
