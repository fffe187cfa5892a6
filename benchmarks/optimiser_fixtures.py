"""Write what PyTorch's optimisers do, step by step, for tests/core/test_optimisers.py to compare ours with.

Run with PyTorch, which nothing else here needs:
    python3 -m venv /tmp/torchvenv && /tmp/torchvenv/bin/pip install torch
    /tmp/torchvenv/bin/python benchmarks/optimiser_fixtures.py
It writes tests/core/fixtures/optimisers.json: for each walk the points after STEPS, in double precision, and the inner state at
the end. Gradients are autograd's, so ours, written by hand, are compared as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

FILE = Path(__file__).resolve().parents[1] / "tests" / "core" / "fixtures" / "optimisers.json"
STEPS = (0, 1, 2, 3, 5, 10, 20, 35, 50, 70, 85, 99, 100)
Surface = Callable[[Any], Any]
SURFACES: dict[str, tuple[Surface, tuple[float, float]]] = {
    "Rosenbrock": (lambda p: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2, (-1.5, 2.0)),
    "Himmelblau": (lambda p: (p[0] ** 2 + p[1] - 11) ** 2 + (p[0] + p[1] ** 2 - 7) ** 2, (0.5, -1.5)),
    "Quadratic": (lambda p: (2 * p[0] ** 2 + 2 * p[0] * p[1] + 5 * p[1] ** 2) / 2, (2.0, 1.0)),
}
# Name on our screen -> PyTorch's class, our constants with PyTorch's words for them, and a rate that walks on all surfaces.
OPTIMISERS: dict[str, list[tuple[Any, float, dict[str, Any], dict[str, float]]]] = {
    "Gradient descent": [(torch.optim.SGD, 5e-4, {}, {})],
    "Momentum": [
        (torch.optim.SGD, 2e-4, {"momentum": 0.9}, {}),
        (torch.optim.SGD, 3e-4, {"momentum": 0.5}, {"beta": 0.5}),
    ],
    "Nesterov": [
        (torch.optim.SGD, 2e-4, {"momentum": 0.9, "nesterov": True}, {}),
        (torch.optim.SGD, 3e-4, {"momentum": 0.5, "nesterov": True}, {"beta": 0.5}),
    ],
    "AdaGrad": [(torch.optim.Adagrad, 0.3, {}, {}), (torch.optim.Adagrad, 0.3, {"eps": 1e-3}, {"eps": 1e-3})],
    "RMSProp": [(torch.optim.RMSprop, 0.01, {}, {}), (torch.optim.RMSprop, 0.01, {"alpha": 0.8}, {"alpha": 0.8})],
    "Adam": [
        (torch.optim.Adam, 0.05, {}, {}),
        (torch.optim.Adam, 0.02, {"betas": (0.7, 0.95), "eps": 1e-4}, {"beta1": 0.7, "beta2": 0.95, "eps": 1e-4}),
    ],
}
STATE = {
    "momentum_buffer": "velocity",
    "exp_avg": "velocity",
    "sum": "squares",
    "square_avg": "squares",
    "exp_avg_sq": "squares",
}


def walk(surface: Surface, start: tuple[float, float], kind: Any, rate: float, words: dict[str, Any]) -> dict[str, Any]:
    """Return the points of one walk and the inner state at its end."""
    p = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimiser, points = kind([p], lr=rate, **words), [p.tolist()]
    for _ in range(STEPS[-1]):
        optimiser.zero_grad()
        surface(p).backward()
        optimiser.step()
        points.append(p.tolist())
    return {"points": [points[t] for t in STEPS]} | {
        STATE[name]: v.tolist() for name, v in optimiser.state[p].items() if name in STATE and v is not None
    }


def main() -> None:
    """Walk with each optimiser on each surface and write the file."""
    walks = [
        {"surface": name, "method": method, "rate": rate, "constants": constants, **walk(surface, start, kind, rate, words)}
        for name, (surface, start) in SURFACES.items()
        for method, kinds in OPTIMISERS.items()
        for kind, rate, words, constants in kinds
    ]
    FILE.parent.mkdir(exist_ok=True)
    text = ",\n".join(json.dumps(w) for w in walks)
    FILE.write_text(
        f'{{"made by": "torch {torch.__version__.split("+")[0]}", "steps": {list(STEPS)}, "walks": [\n{text}\n]}}\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
