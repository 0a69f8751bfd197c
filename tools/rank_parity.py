#!/usr/bin/env python3
"""Whether several ranks train the run that one process trains, as a Markdown table.

    python3 tools/rank_parity.py build/ci/bin/patronus --config cifar10 --data FOLDER [--ranks 2 4] [--steps 50] [key=value ...]

Trains without dropout in one process and on each number of ranks. The distance of the weights is that of the L2 norms over all
of them after the last step, relative to how far the process moved them since its first step. Python needs PyTorch.
"""
import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import torch

from local_ranks import start_ranks


def train(options, run: Path, ranks: int, steps: int) -> None:
    words = ["--config", options.config, "--run", run, "--device", "cpu", "--threads", "1", "--quiet", "model.unet.dropout=0",
             f"training.max_steps={steps}", "training.checkpoint_every=1000000", "training.log_every=1", "training.sample_every=1000000", f"data.cache={run.parent / 'cache'}", *options.words]
    if options.data:
        words += ["--data", options.data]
    processes = start_ranks([options.program, "train", *words], ranks, stdout=subprocess.DEVNULL)
    if any([process.wait() for process in processes]):
        raise SystemExit(f"{run.name}: the training failed")


def weights(run: Path, step: int) -> torch.Tensor:
    content = torch.load(run / "checkpoints" / f"step-{step:07d}.pt", map_location="cpu")["content"]
    return torch.cat([tensor.double().flatten() for tensor in content["model"].values() if tensor.is_floating_point()])


def losses(run: Path) -> list:
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines if "loss" in line]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--config", default="demo")
    parser.add_argument("--data")
    parser.add_argument("--ranks", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("words", nargs="*")
    options = parser.parse_intermixed_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one = folder / "one"
        train(options, one, 1, 1)
        start = weights(one, 1)
        train(options, one, 1, options.steps)
        moved = (weights(one, options.steps) - start).norm()
        print("| ranks | distance of the weights | largest relative difference of a step's loss |\n| --- | --- | --- |")
        for ranks in options.ranks:
            run = folder / f"ranks-{ranks}"
            train(options, run, ranks, options.steps)
            apart = (weights(run, options.steps) - weights(one, options.steps)).norm() / moved
            loss = max(abs(a - b) / b for a, b in zip(losses(run), losses(one), strict=True))
            assert len(losses(run)) == options.steps
            print(f"| {ranks} | {apart:.1e} | {loss:.1e} |", flush=True)


if __name__ == "__main__":
    main()
