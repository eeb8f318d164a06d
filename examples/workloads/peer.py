"""The other side of `workloads --device cuda --against`: the same nets in PyTorch and bayesian-torch, on a GPU.

    pip install torch bayesian-torch
    workloads --workload w1 --device cuda --against 'python3 examples/workloads/peer.py w1'

Prints the JSON lines that `workloads --json` prints. A step ends when the GPU has done it; Adam is the fused one; TF32 is
off. ResNet-20 is bayesian-torch's, the twin made by `dnn_to_bnn`, whose forward pass leaves the KL out.
"""

import argparse
import json
import statistics
import time

import bayesian_torch.layers as layers
import torch
import torch.nn as nn
import torch.nn.functional as F
from bayesian_torch.models.deterministic.resnet import resnet20
from bayesian_torch.models.dnn_to_bnn import dnn_to_bnn, get_kl_loss

NAMES = {"reparam": "Reparameterization", "flipout": "Flipout"}
PRIOR = dict(prior_mean=0.0, prior_variance=1.0, posterior_mu_init=0.0, posterior_rho_init=-3.0)
BATCH = 128


class Chain(nn.Sequential):
    """Layers one after the other; a Bayesian layer gives its KL beside its output."""

    def forward(self, x, return_kl=True):
        total = 0.0
        for layer in self:
            if not hasattr(layer, "kl_loss"):
                x = layer(x)
            elif return_kl:
                x, kl = layer(x)
                total = total + kl
            else:
                x = layer(x, return_kl=False)
        return x, total


def linear(variant, inputs, outputs):
    if variant == "det":
        return nn.Linear(inputs, outputs)
    kind = getattr(layers, "Linear" + NAMES[variant])
    return kind(in_features=inputs, out_features=outputs, **PRIOR)


def conv(variant, inputs, outputs, kernel, padding=0):
    sizes = dict(in_channels=inputs, out_channels=outputs, kernel_size=kernel, padding=padding)
    if variant == "det":
        return nn.Conv2d(**sizes)
    return getattr(layers, "Conv2d" + NAMES[variant])(**sizes, **PRIOR)


def net(workload, variant):
    """The net, the size of an example, and what gives its logits, and its logits and KL."""
    if workload == "w3":
        model = resnet20()
        if variant != "det":
            dnn_to_bnn(model, {
                "prior_mu": 0.0, "prior_sigma": 1.0, "posterior_mu_init": 0.0, "posterior_rho_init": -3.0,
                "type": NAMES[variant], "moped_enable": False, "moped_delta": 0.2,
            })
        kl = get_kl_loss if variant != "det" else lambda _: 0.0
        return model, (3, 32, 32), lambda x: model(x), lambda x: (model(x), kl(model))
    if workload == "w1":
        model, example = Chain(
            linear(variant, 784, 400), nn.ReLU(), linear(variant, 400, 400), nn.ReLU(), linear(variant, 400, 10),
        ), (784,)
    else:
        model, example = Chain(
            conv(variant, 1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            conv(variant, 6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            linear(variant, 400, 120), nn.ReLU(), linear(variant, 120, 84), nn.ReLU(), linear(variant, 84, 10),
        ), (1, 28, 28)
    return model, example, lambda x: model(x, return_kl=False)[0], model


def measure(run, seconds):
    """Median, least and most seconds of a call that leaves the GPU with nothing to do."""
    def once():
        start = time.perf_counter()
        run()
        torch.cuda.synchronize()
        return time.perf_counter() - start

    for _ in range(5):
        once()
    times, start = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < seconds:
        times.append(once())
    return dict(median_s=statistics.median(times), min_s=min(times), max_s=max(times))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", choices=["w1", "w2", "w3"])
    parser.add_argument("--seconds", type=float, default=1.0, help="for each operation")
    args = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.manual_seed(0)
    for variant in ["det", "reparam", "flipout"]:
        model, example, logits, with_kl = net(args.workload, variant)
        model.cuda()
        x = torch.randn(BATCH, *example, device="cuda")
        y = torch.randint(0, 10, (BATCH,), device="cuda")
        adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

        def step():
            adam.zero_grad()
            outputs, kl = with_kl(x)
            (F.cross_entropy(outputs, y) + kl / BATCH).backward()
            adam.step()

        def draws(x, samples):
            with torch.inference_mode():
                return torch.stack([F.softmax(logits(x), dim=1) for _ in range(samples)]).mean(0).cpu()

        samples, name = (1, "forward") if variant == "det" else (32, "mc32") if args.workload != "w3" else (10, "mc10")
        model.train()
        seen = [("train", BATCH, 1, measure(step, args.seconds))]
        model.eval()
        for batch in [BATCH, 1]:
            run = lambda: draws(x[:batch], samples)  # noqa: E731
            seen.append((f"{name}_b{batch}", batch, samples, measure(run, args.seconds)))
        for op, batch, count, seconds in seen:
            line = dict(workload=args.workload, variant=variant, threads=1, op=op, batch=batch, samples=count, **seconds)
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
