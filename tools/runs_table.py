"""What tables over the runs of several seeds share: their options, training, the numbers of J, and cells of mean and range."""
import argparse
import statistics
import subprocess
from pathlib import Path


def runs_parser(description: str) -> argparse.ArgumentParser:
    """--runs, --seeds and words as section.key=value that change every run."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("words", nargs="*")
    return parser


def train(program: Path, run: Path, seed: int, words: list) -> None:
    """Trains the demo's model, or goes on with it, on the CPU."""
    subprocess.run([program, "train", "--config", "demo", "--run", run, "--device", "cpu", "--quiet", f"seed={seed}",
                    *words], check=True)


def control_numbers(control: dict) -> dict:
    return {"J: effect on itself, median": control["own_effect"], "J: effect on others, mean": control["spill"],
            "J: directions": control["directions"], "control: gain, median": control["gain"]}


def cell(values: list) -> str:
    digits = 0 if min(values) >= 100 else 3
    text = f"{statistics.mean(values):.{digits}f}"
    return text if len(values) == 1 else f"{text} ({min(values):.{digits}f} – {max(values):.{digits}f})"
