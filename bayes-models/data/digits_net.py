"""Trains the net of `bayes_models::models::digits` in PyTorch and writes its weights, and logits to compare with.

    pip install torch safetensors numpy
    python digits_net.py

Wrote digits_net.safetensors with torch 2.15.0 on a CPU. The file's metadata hold the logits of the first eight test
digits, so that what is loaded from it can be compared.
"""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = Path(__file__).parent


def idx(name, header):
    return np.frombuffer((FOLDER / name).read_bytes(), np.uint8, offset=header)


def digits(part):
    images = idx(f"digits-{part}-images-idx3-ubyte", 16).reshape(-1, 1, 8, 8)
    labels = idx(f"digits-{part}-labels-idx1-ubyte", 8)
    return torch.from_numpy(images / np.float32(255)), torch.from_numpy(labels.astype(np.int64))


class DigitsNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc1 = nn.Linear(512, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = torch.relu(self.conv2(torch.relu(self.conv1(x))))
        x = nn.functional.max_pool2d(x, 2).flatten(1)
        return self.fc2(torch.relu(self.fc1(x)))


torch.manual_seed(0)
train, labels = digits("train")
net = DigitsNet()
adam = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(60):
    for batch in torch.randperm(len(train)).split(64):
        adam.zero_grad()
        nn.functional.cross_entropy(net(train[batch]), labels[batch]).backward()
        adam.step()

net.eval()
test, labels = digits("test")
with torch.no_grad():
    logits = net(test)
print("accuracy", (logits.argmax(1) == labels).float().mean().item())
save_file(
    net.state_dict(),
    FOLDER / "digits_net.safetensors",
    metadata={"logits": json.dumps(logits[:8].tolist())},
)
