#!/usr/bin/env python3
"""What the demo's model shows over several seeds, mean and range, as a Markdown table.

    python3 tools/demo_table.py [training.max_steps=2250 ...] --build build/ci --runs runs/seeds [--seeds 0 1 2]

Trains a run for each seed (those that are there are taken), plays the programs of tests/demo and the commands that measure
control on it, and collects their numbers. Words as section.key=value change every run.
"""
import csv
import json
import os
import statistics
import subprocess
import time
from pathlib import Path

from runs_table import cell, control_numbers, runs_parser, train


def training_seconds(program: Path, run: Path, seed: int, words: list) -> float:
    """What the training took, which is kept beside the run; NaN for one that had begun already."""
    seconds, is_new = run / "seconds.txt", not (run / "status.json").exists()
    start = time.monotonic()
    train(program, run, seed, words)
    if is_new:
        seconds.write_text(f"{time.monotonic() - start:.1f}\n")
    return float(seconds.read_text()) if seconds.exists() else float("nan")


def results_of_tests(tests: Path, run: Path) -> dict:
    """The lines "result NAME VALUE"; whether thresholds hold is the tests' business."""
    environment = {**os.environ, "PATRONUS_DEMO_RUN": str(run), "PATRONUS_ALL_EDITS": "1"}
    output = subprocess.run([tests], env=environment, capture_output=True, text=True)
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
    return {**control_numbers(control), "sheet: gain as shown, median": statistics.median(shown)}


def measure(arguments) -> list:
    program, tests = arguments.build / "bin" / "patronus", arguments.build / "bin" / "test_demo"
    rows = []
    for seed in arguments.seeds:
        run = arguments.runs.resolve() / f"seed-{seed}"
        seconds = training_seconds(program, run, seed, arguments.words)
        rows.append({"training, seconds": seconds, **results_of_tests(tests, run), **results_of_commands(program, run)})
    return rows


def main():
    parser = runs_parser(__doc__)
    parser.add_argument("--build", type=Path, default=Path("build/ci"))
    arguments = parser.parse_intermixed_args()
    rows = measure(arguments)
    print(f"| seeds {', '.join(map(str, arguments.seeds))} | mean (range) |\n| --- | --- |")
    for name in rows[0]:
        print(f"| {name} | {cell([row[name] for row in rows])} |")


if __name__ == "__main__":
    main()
