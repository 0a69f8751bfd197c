"""Writes tests/golden/model.pt: two tiny models, replayed by tests/training/golden_test.cpp.

    python tools/golden/model.py

`paper` is the reference's way; `extras` has the settings that go beyond it (2x2 unshuffle, v-prediction, standardised
activations, one residual block a level, attention on a level, a linear condition as scale and shift, the distinct loss,
decorrelation). Written with torch 2.11.0 on a CPU, seed 7.
"""
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "twin"))
from patronus_twin import (Config, DecorrelationPenalty, Patronus, distinct_loss, invert_ddim, sample_ddim,  # noqa: E402
                           training_loss)



@dataclass
class Weights:
    """Of the losses beside the denoising one."""
    distinct: float = 0.0
    decorrelation: float = 0.0


TINY = dict(prototypes=6, encoder_channels=[4, 8, 8, 16], image_size=16, base_channels=8, dropout=0.0, timesteps=100)
CASES = {
    "paper": (Config(image_channels=1, multipliers=[1, 2], **TINY), Weights()),
    "extras": (Config(image_channels=3, multipliers=[1, 1], residual_blocks=1, attention_levels=[1], unshuffle=2,
                      standardize=True, prediction="v", condition="scale_shift", condition_embedding="linear", **TINY),
               Weights(distinct=0.1, decorrelation=0.1)),
}
MARGIN = 0.5
MEMORY = 0.5
LEARNING_RATE = 1e-3
CHAIN_STEPS = 10
TRAINING_STEPS = 10
BATCH = 4


def packed(tensors, dtype: torch.dtype) -> dict:
    """Copies by name that share one storage: hundreds of small ones would double the file."""
    names, values = zip(*tensors)
    flat = torch.cat([value.detach().flatten().to(dtype) for value in values])
    pieces = flat.split([value.numel() for value in values])
    return {name: piece.view(value.shape) for name, piece, value in zip(names, pieces, values)}


def state_values(model: Patronus) -> dict:
    """Weights in fp16, which holds them exactly (make_model), the rest as it is; without the constant sinusoid table."""
    state = {name: value for name, value in model.state_dict().items() if name != "time_embeddings.time_blocks.0.weight"}
    others = {name: value.clone() for name, value in state.items() if not torch.equal(value.half().float(), value)}
    return {**packed([item for item in state.items() if item[0] not in others], torch.float16), **others}


def settings(c: Config, weights: Weights) -> dict:
    described = {name: int(value) if isinstance(value, bool) else value for name, value in vars(c).items()}
    return {**described, "distinct_weight": weights.distinct, "distinct_margin": MARGIN,
            "decorrelation_weight": weights.decorrelation, "decorrelation_memory": MEMORY,
            "learning_rate": LEARNING_RATE, "chain_steps": CHAIN_STEPS}


def total_loss(model: Patronus, x0, t, noise, weights: Weights, penalty: DecorrelationPenalty):
    return (training_loss(model, x0, t, noise)
            + weights.distinct * distinct_loss(model.proactBlock.prototype_vectors, MARGIN)
            + weights.decorrelation * penalty(model.encode(x0)))


def make_model(c: Config, images) -> Patronus:
    """Random weights that fp16 holds exactly, so that the file can."""
    model = Patronus(c)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.copy_(parameter.half())
        if c.standardize:
            model.train()
            for _ in range(20):  # running statistics away from their start
                model.cond_norm(model.encode(images))
    return model


def sampling_values(model: Patronus, x0, t, x_t) -> dict:
    model.eval()
    with torch.no_grad():
        activations = model.encode(x0)
        output = model(x_t, t, activations)
        inverted = invert_ddim(model, x0, activations, CHAIN_STEPS)
        return {"activations": activations, "output": output, "inverted": inverted,
                "reconstructed": sample_ddim(model, inverted, activations, CHAIN_STEPS),
                "sampled": sample_ddim(model, x_t, activations, CHAIN_STEPS)}


def training_values(model: Patronus, x0, t, noise, weights: Weights) -> dict:
    """All gradients, and the losses of ten AdamW steps on the same batch, each before its update."""
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    penalty = DecorrelationPenalty(MEMORY)
    losses, gradients = [], {}
    for step in range(TRAINING_STEPS):
        loss = total_loss(model, x0, t, noise, weights, penalty)
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            trained = [(name, p.grad) for name, p in model.named_parameters() if p.requires_grad]
            gradients = packed(trained, torch.float32)
        optimizer.step()
        losses.append(loss.item())
    return {"gradients": gradients, "losses": losses}


def make_case(c: Config, weights: Weights) -> dict:
    image = (c.image_channels, c.image_size, c.image_size)
    x0, x_t = torch.rand(BATCH, *image) * 2 - 1, torch.randn(BATCH, *image)
    t, noise = torch.randint(c.timesteps, (BATCH,)), torch.randn(BATCH, *image)
    model = make_model(c, x0)
    return {"settings": settings(c, weights), "state": state_values(model), "x0": x0, "x_t": x_t,
            "t": t, "noise": noise, **sampling_values(model, x0, t, x_t),
            **training_values(model, x0, t, noise, weights)}


if __name__ == "__main__":
    torch.manual_seed(7)
    torch.set_num_threads(1)
    target = ROOT / "tests" / "golden" / "model.pt"
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save({name: make_case(*case) for name, case in CASES.items()}, target)
    print(f"{target}: {target.stat().st_size // 1024} KiB")
