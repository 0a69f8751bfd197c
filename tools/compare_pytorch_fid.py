"""Compares `patronus evaluate --images A --reference B` with pytorch-fid on the same folders and the same weights.

    pip install pytorch-fid
    python tools/compare_pytorch_fid.py runs/demo/sample/images photos --dimensions 64 192
    python tools/compare_pytorch_fid.py generated real --weights pt_inception-2015-12-05-6726825d.pth

Without --weights both use the same random ones, which need no download. Exit status 1 where a distance differs by more than
1e-3 of it, or none is compared. Dimensions with no more images than features are left out: pytorch-fid's square root is not reliable there.
"""
import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from pytorch_fid.fid_score import IMAGE_EXTENSIONS, calculate_fid_given_paths
from pytorch_fid.inception import FID_WEIGHTS_URL
from torchvision.models import inception_v3

TOLERANCE = 1e-3
GAIN = 1.6  # of random convolutions


def random_weights(path: Path) -> Path:
    """Weights of FID's network, which has the names and shapes of torchvision's with 1008 classes.

    They are scaled so that activations neither vanish nor explode on the way to the 2048 features.
    """
    generator = torch.Generator().manual_seed(0)
    state = inception_v3(num_classes=1008, aux_logits=False, init_weights=False).state_dict()
    for name, tensor in state.items():
        if not tensor.is_floating_point():
            continue
        u = 2 * torch.rand(tensor.shape, generator=generator) - 1
        if name.endswith("running_var"):
            tensor.copy_(1 + 0.5 * u)
        elif name.endswith("running_mean"):
            tensor.copy_(0.1 * u)
        elif tensor.dim() > 1:
            tensor.copy_(GAIN * math.sqrt(3 / tensor[0].numel()) * u)
        else:
            tensor.copy_(1 + 0.2 * u if name.endswith("weight") else 0.05 * u)
    torch.save(state, path)
    return path


def install_for_pytorch_fid(weights: Path, home: Path) -> None:
    """pytorch-fid takes its weights from torch.hub's folder if a file of the right name is there."""
    folder = home / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    shutil.copy(weights, folder / Path(FID_WEIGHTS_URL).name)
    os.environ["TORCH_HOME"] = str(home)


def distance_of_ours(program: str, images: Path, reference: Path, weights: Path, dimensions: int) -> float:
    command = [program, "evaluate", "--images", images, "--reference", reference, "--device", "cpu",
               "--features", f"inception:{weights}", "--dimensions", dimensions]
    result = json.loads(subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout)
    return result["fid" if dimensions == 2048 else "frechet_distance"]


def timed(function, *arguments) -> tuple[float, float]:
    start = time.perf_counter()
    return function(*arguments), time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--dimensions", type=int, nargs="+", default=[64, 192, 2048])
    parser.add_argument("--program", default="patronus")
    options = parser.parse_args()

    fewest = min(sum(file.suffix[1:].lower() in IMAGE_EXTENSIONS for file in folder.iterdir())
                 for folder in (options.images, options.reference))
    worst = -1.0  # none
    print(f"{'dimensions':>10} {'pytorch-fid':>14} {'patronus':>14} {'difference':>10} {'seconds':>15}")
    with tempfile.TemporaryDirectory() as folder:
        weights = options.weights or random_weights(Path(folder) / "weights.pth")
        install_for_pytorch_fid(weights, Path(folder) / "torch")
        for dimensions in options.dimensions:
            if fewest <= dimensions:
                print(f"{dimensions:10d} left out: {fewest} images")
                continue
            paths = [str(options.images), str(options.reference)]
            try:
                theirs, their_time = timed(calculate_fid_given_paths, paths, 16, "cpu", dimensions, 2)
            except ValueError as error:  # of its matrix square root
                print(f"{dimensions:10d} left out: pytorch-fid fails: {error}")
                continue
            ours, our_time = timed(distance_of_ours, options.program, options.images, options.reference, weights,
                                   dimensions)
            difference = abs(ours - theirs) / abs(theirs)
            worst = max(worst, difference)
            print(f"{dimensions:10d} {theirs:14.8g} {ours:14.8g} {difference:10.1e} {their_time:7.1f} {our_time:7.1f}")
    return int(not 0 <= worst <= TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
