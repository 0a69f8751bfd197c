#!/usr/bin/env python3
"""Samplers and steps against the converged image, as a Markdown table.

    python3 tools/sampler_table.py --build build/ci --run runs/demo [--count 1000] [--samplers ddim:25 dpm-solver:10 ...]

Every sampler draws the same images: from the activations of test images and the same noise. *PSNR*: to the images of DDIM in 1000
steps (all but ancestral sampling come to these in the end). *fidelity*: correlation of the activations that the drawn images have with
those asked for, mean over the prototypes. *distance*: Fréchet distance to the test images in the features of a fixed random network.
Needs a Python with torch.
"""
import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import torch

SAMPLERS = ["ddim:5", "ddim:10", "ddim:25", "ddim:50", "ddim:100", "dpm-solver:5", "dpm-solver:10", "dpm-solver:15", "dpm-solver:25",
            "dpm-solver-3:5", "dpm-solver-3:10", "dpm-solver-3:15", "dpm-solver-3:25", "ddpm:1000"]
CONVERGED = "ddim:1000"


def patronus(options, *words) -> str:
    command = [options.build / "bin" / "patronus", *words, "--device", "cpu", "--quiet"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def reference_statistics(options, folder: Path) -> Path:
    """Statistics of the test images' features, which an evaluation leaves."""
    patronus(options, "evaluate", "--run", options.run, "--parts", "generation", "--features", "random", "--sets", "1",
             "--set-images", "2", "--out", folder)
    return next((folder / "generation").glob("test-*.npz"))


def draw(options, sampler: str, folder: Path) -> dict:
    name, steps = sampler.split(":")
    words = [] if name == "ddpm" else ["--steps", steps]
    patronus(options, "sample", "--run", options.run, "--split", "test", "--count", str(options.count), "--sampler", name, *words,
             "--seed", str(options.seed), "--out", folder)
    return torch.load(folder / "samples.pt", weights_only=True)


def psnr(images: torch.Tensor, others: torch.Tensor) -> float:
    """Mean over the images, in dB; both in [-1, 1]."""
    error = (images.double().clamp(-1, 1) - others.double().clamp(-1, 1)).square().flatten(1).mean(1)
    return (10 * torch.log10(4 / error.clamp_min(1e-12))).mean().item()


def fidelity(options, asked: torch.Tensor, folder: Path) -> float:
    patronus(options, "encode", "--run", options.run, "--images", folder / "images", "--out", folder / "encode")
    shown = torch.load(folder / "encode" / "encoding.pt", weights_only=True)["activation"].double()
    pair = [(x - x.mean(0)) / x.std(0).clamp_min(1e-12) for x in (asked.double(), shown)]
    return ((pair[0] * pair[1]).sum(0) / (len(asked) - 1)).mean().item()


def measure(options, sampler: str, samples: dict, converged: torch.Tensor, statistics: Path, folder: Path) -> list:
    distance = json.loads(patronus(options, "evaluate", "--images", folder / "images", "--reference", statistics, "--features",
                                   "random"))["frechet_distance"]
    near = "" if sampler == CONVERGED or sampler.startswith("ddpm:") else f"{psnr(samples['images'], converged):.1f}"
    return [*sampler.split(":"), near, f"{fidelity(options, samples['activation'], folder):.3f}", f"{1000 * distance:.2f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=Path("build/ci"), help="folder with bin/patronus")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1000, help="images that each draws")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--samplers", nargs="*", default=SAMPLERS, help="NAME:STEPS")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        statistics = reference_statistics(options, folder / "real")
        converged = draw(options, CONVERGED, folder / CONVERGED)
        print("| sampler | evaluations | PSNR (dB) | fidelity | 1000 × distance |\n| --- | --- | --- | --- | --- |")
        for sampler in [*options.samplers, CONVERGED]:
            drawn = converged if sampler == CONVERGED else draw(options, sampler, folder / sampler)
            print(f"| {' | '.join(measure(options, sampler, drawn, converged['images'], statistics, folder / sampler))} |", flush=True)
            shutil.rmtree(folder / sampler)


if __name__ == "__main__":
    main()
