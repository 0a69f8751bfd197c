#!/usr/bin/env python3
"""What the demo's model shows over several seeds, mean and range, as a Markdown table.

    python3 tools/demo_table.py [training.max_steps=2250 ...] --build build/ci --runs runs/seeds [--seeds 0 1 2]

Trains a run for each seed (those that are there are taken), plays the programs of tests/demo and the commands that measure
control on it, and collects their numbers. Words as section.key=value change every run.
"""
import argparse
import csv
import json
import os
import statistics
import subprocess
import time
from pathlib import Path


def train(program: Path, run: Path, seed: int, words: list) -> float:
    """Seconds that the training took, kept beside the run."""
    seconds = run / "seconds.txt"
    if not seconds.exists():
        start = time.monotonic()
        subprocess.run([program, "train", "--config", "demo", "--run", run, "--device", "cpu", "--quiet", f"seed={seed}",
                        *words], check=True)
        seconds.write_text(f"{time.monotonic() - start:.1f}\n")
    return float(seconds.read_text())


def results_of_tests(tests: Path, run: Path) -> dict:
    """The lines "result NAME VALUE"; whether thresholds hold is the tests' business."""
    output = subprocess.run([tests], env={**os.environ, "PATRONUS_DEMO_RUN": str(run)}, capture_output=True, text=True)
    lines = [line.split() for line in output.stdout.splitlines() if line.startswith("result ")]
    return {" ".join(words[1:-1]): float(words[-1]) for words in lines}


def results_of_commands(program: Path, run: Path) -> dict:
    quiet = ["--run", run, "--device", "cpu", "--quiet"]
    subprocess.run([program, "evaluate", "--parts", "control", *quiet], check=True)
    subprocess.run([program, "visualize-prototypes", "--candidates", "8", *quiet], check=True)
    control = json.loads((run / "evaluate" / "evaluation.json").read_text())["control"]
    with open(run / "visualize-prototypes" / "prototypes.csv", newline="") as file:
        sheet = list(csv.DictReader(file))
    shown = [(float(r["after"]) - float(r["before"])) / (float(r["asked"]) - float(r["before"])) for r in sheet]
    return {"J: effect on itself, median": control["own_effect"], "J: effect on others, mean": control["spill"],
            "J: directions": control["directions"], "control: gain, median": control["gain"],
            "sheet: gain as shown, median": statistics.median(shown)}


def measure(arguments) -> list:
    program, tests = arguments.build / "bin" / "patronus", arguments.build / "bin" / "test_demo"
    rows = []
    for seed in arguments.seeds:
        run = arguments.runs.resolve() / f"seed-{seed}"
        seconds = train(program, run, seed, arguments.words)
        rows.append({"training, seconds": seconds, **results_of_tests(tests, run), **results_of_commands(program, run)})
    return rows


def cell(values: list) -> str:
    digits = 0 if min(values) >= 100 else 3
    text = f"{statistics.mean(values):.{digits}f}"
    return text if len(values) == 1 else f"{text} ({min(values):.{digits}f} – {max(values):.{digits}f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=Path("build/ci"))
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("words", nargs="*")
    arguments = parser.parse_intermixed_args()
    rows = measure(arguments)
    print(f"| seeds {', '.join(map(str, arguments.seeds))} | mean (range) |\n| --- | --- |")
    for name in rows[0]:
        print(f"| {name} | {cell([row[name] for row in rows])} |")


if __name__ == "__main__":
    main()
