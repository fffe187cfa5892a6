"""Write what PyTorch makes of three small networks in 100 steps, for tests/core/test_training.py to compare ours with.

Run with PyTorch, which nothing else here needs:
    python3 -m venv /tmp/torchvenv && /tmp/torchvenv/bin/pip install torch
    /tmp/torchvenv/bin/python benchmarks/neural_net_fixtures.py
It writes tests/core/fixtures/neural_net.json: all weights after STEPS, in double precision, in the order of `Training.history`
(layer by layer, neuron by neuron, each neuron's weights and then its bias). The first weights, the samples and their order are
the formulas below, which the test repeats. Gradients are autograd's, steps torch.optim.SGD's.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]

FILE = Path(__file__).resolve().parents[1] / "tests" / "core" / "fixtures" / "neural_net.json"
N, BATCH, RATE, STEPS = 13, 3, 0.1, (1, 10, 100)  # an epoch has the batches 3, 3, 3, 3, 1
NETWORKS = [
    {"layers": (2, 4, 2, 1), "activation": "tanh", "output": "tanh", "loss": "squared"},
    {"layers": (2, 3, 3), "activation": "ReLU", "output": "softmax", "loss": "cross-entropy"},
    {"layers": (2, 5, 1), "activation": "sigmoid", "output": "sigmoid", "loss": "cross-entropy"},
]
BEND = {"tanh": torch.tanh, "ReLU": torch.relu, "sigmoid": torch.sigmoid}


def first_weight(k: int) -> float:
    """Return weight k of the first network, counted in the order of the history."""
    return math.sin(1 + 2 * k)


def sample(i: int) -> list[float]:
    """Return sample i."""
    return [2 * math.sin(3 * i), 2 * math.cos(5 * i)]


def group(i: int, n_groups: int) -> int:
    """Return the class of sample i."""
    return (i * i + i) % 5 % n_groups


def order(epoch: int) -> list[int]:
    """Return the samples in the order of an epoch, counted from 0."""
    return [((1 + epoch % (N - 1)) * i + epoch) % N for i in range(N)]


def trained(network: dict[str, Any], momentum: float, l2: float) -> list[list[float]]:
    """Return all weights after STEPS."""
    weights, biases, k = [], [], 0
    for n_in, n_out in pairwise(network["layers"]):
        rows = [[first_weight(k + i * (n_in + 1) + j) for j in range(n_in + 1)] for i in range(n_out)]
        weights.append(torch.tensor([row[:-1] for row in rows], dtype=torch.float64, requires_grad=True))
        biases.append(torch.tensor([row[-1] for row in rows], dtype=torch.float64, requires_grad=True))
        k += n_out * (n_in + 1)
    optimiser = torch.optim.SGD([{"params": weights, "weight_decay": l2}, {"params": biases}], lr=RATE, momentum=momentum)
    x = torch.tensor([sample(i) for i in range(N)], dtype=torch.float64)
    groups = torch.tensor([group(i, max(2, network["layers"][-1])) for i in range(N)])
    found: list[list[float]] = []
    batches = [rows for epoch in range(STEPS[-1]) for rows in chunks(order(epoch))][: STEPS[-1]]
    for step, batch in enumerate(batches, 1):
        a = x[batch]
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            z = torch.nn.functional.linear(a, w, b)
            a = BEND[network["activation"]](z) if layer < len(weights) - 1 else z
        if network["output"] == "softmax":
            loss = torch.nn.functional.cross_entropy(a, groups[batch])
        elif network["loss"] == "cross-entropy":
            loss = torch.nn.functional.binary_cross_entropy_with_logits(a[:, 0], groups[batch].double())
        else:
            loss = ((torch.tanh(a[:, 0]) - (2.0 * groups[batch] - 1)) ** 2).mean() / 2
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step in STEPS:
            both = [torch.hstack([w, b[:, None]]).ravel() for w, b in zip(weights, biases, strict=True)]
            found.append(torch.cat(both).tolist())
    return found


def chunks(rows: list[int]) -> list[list[int]]:
    """Return the mini-batches of an epoch."""
    return [rows[at : at + BATCH] for at in range(0, len(rows), BATCH)]


def main() -> None:
    """Train each network with and without momentum and l2, and write the file."""
    runs = [
        {**network, "momentum": momentum, "l2": l2, "weights": trained(network, momentum, l2)}
        for network in NETWORKS
        for momentum in (0.0, 0.9)
        for l2 in (0.0, 0.01)
    ]
    text = ",\n".join(json.dumps(run) for run in runs)
    head = {"made by": f"torch {torch.__version__.split('+')[0]}", "samples": N, "batch": BATCH, "rate": RATE, "steps": STEPS}
    FILE.write_text(f'{json.dumps(head)[:-1]}, "runs": [\n{text}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
