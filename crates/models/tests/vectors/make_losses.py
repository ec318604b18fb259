"""Makes losses.safetensors: losses and gradients of drawn scores, from PyTorch's own functions where it has
them and else from each publication's formula pixel by pixel. Run with torch 2.9.0 and numpy:
`python make_losses.py`.
"""

from pathlib import Path

import torch
from torch.nn import functional as F

from safetensors_file import save

torch.manual_seed(3)
CLASSES, IGNORE = 4, 255
logits = torch.randn(2, CLASSES, 5, 6) * 2
target = torch.randint(0, CLASSES - 1, (2, 5, 6))  # the last class does not occur
target[torch.rand(target.shape) < 0.25] = IGNORE
weight = torch.tensor([0.5, 1.0, 2.0, 4.0])


def labelled(scores):
    """Probabilities, one-hot labels and weights, a row a labelled pixel."""
    keep = target != IGNORE
    rows = scores.permute(0, 2, 3, 1)[keep]
    labels = target[keep]
    return rows.softmax(1), F.one_hot(labels, CLASSES).float(), weight[labels], labels


def cross_entropy(scores):
    return F.cross_entropy(scores, target, weight=weight, ignore_index=IGNORE)


def label_smoothing(scores):
    return F.cross_entropy(scores, target, ignore_index=IGNORE, label_smoothing=0.1)


def focal(scores, gamma=2.0):
    ce = F.cross_entropy(scores, target, ignore_index=IGNORE, reduction="none")[target != IGNORE]
    _, _, w, _ = labelled(scores)
    return (w * (1 - torch.exp(-ce)) ** gamma * ce).sum() / w.sum()


def overlap(scores):
    p, t, w, labels = labelled(scores)
    for c in labels.unique():
        yield (w * p[:, c] * t[:, c]).sum(), (w * p[:, c]).sum(), (w * t[:, c]).sum()


def dice(scores):
    return 1 - torch.stack([2 * i / (p + t) for i, p, t in overlap(scores)]).mean()


def joint(scores, alpha=0.5):
    iou = torch.stack([i / (p + t - i) for i, p, t in overlap(scores)]).mean()
    return alpha * cross_entropy(scores) - (1 - alpha) * torch.log(iou)


def generalised_cross_entropy(scores, q=0.7):
    p, t, w, _ = labelled(scores)
    return (w * (1 - (p * t).sum(1) ** q) / q).sum() / w.sum()


def symmetric_cross_entropy(scores, alpha=0.1, beta=1.0):
    p, t, w, _ = labelled(scores)
    log_label = torch.where(t > 0, 0.0, -4.0)
    return alpha * cross_entropy(scores) - beta * (w * (p * log_label).sum(1)).sum() / w.sum()


tensors = {"logits": logits, "target": target.float(), "weight": weight}
for loss in (
    cross_entropy, label_smoothing, focal, dice, joint, generalised_cross_entropy, symmetric_cross_entropy,
):
    scores = logits.clone().requires_grad_()
    value = loss(scores)
    value.backward()
    tensors[f"{loss.__name__}.loss"], tensors[f"{loss.__name__}.gradient"] = value[None], scores.grad
save(Path(__file__).with_name("losses.safetensors"), tensors)
