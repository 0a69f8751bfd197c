#!/usr/bin/env python3
"""What short runs on real images give with the recipe and without it, over several seeds, as Markdown tables.

    python3 tools/recipe_table.py --program build/ci/bin/patronus --data data --runs runs/real [--sets fashion-mnist] [--seeds 0 1 2]

The demo's small network is trained on each data set twice: as `demo` has it, and with the paper's condition, no penalty and
features of the usual size. DATA holds fashion-mnist/ and cifar-10-batches-bin/. Runs that are there are taken.
"""
import json
import statistics
import subprocess
from pathlib import Path

from runs_table import cell, control_numbers, runs_parser, train

SETS = {
    "fashion-mnist": ["data.kind=fashion-mnist", "data.path={data}/fashion-mnist", "data.channels=1",
                      "model.prototypes.count=30"],
    "cifar10": ["data.kind=cifar10", "data.path={data}/cifar-10-batches-bin", "model.prototypes.count=100"],
}
VARIANTS = {
    "without": ["model.unet.condition=add", "model.unet.condition_embedding=mlp", "training.decorrelation_weight=0",
                "model.prototypes.scale_factor=1"],
    "recipe": [],
}
COMMON = ["training.max_steps=2250"]


def trained_run(arguments, name: str, variant: str, seed: int) -> Path:
    run = arguments.runs / f"{name}-{variant}-{seed}"
    status = run / "status.json"
    if not status.exists() or json.loads(status.read_text())["state"] != "done":
        words = [word.format(data=arguments.data.resolve()) for word in SETS[name] + VARIANTS[variant] + COMMON]
        train(arguments.program, run, seed, words + arguments.words)
    return run


def evaluation(program: Path, run: Path) -> dict:
    file = run / "evaluate" / "evaluation.json"
    if not file.exists() or not {"representation", "control"} <= json.loads(file.read_text()).keys():
        subprocess.run([program, "evaluate", "--run", run, "--device", "cpu", "--quiet", "--parts", "representation,control"],
                       check=True)
    return json.loads(file.read_text())


def numbers(run: Path, results: dict) -> dict:
    representation, control = results["representation"], results["control"]
    row = {}
    for encoder, suffix in (("prototypes", ""), ("pca", ", principal components"),
                            ("random encoder", ", untrained encoder")):
        scores = representation[encoder]
        for key, name in (("class_accuracy", "class accuracy"), ("latent_auroc", "latent AUROC"), ("tad", "TAD"),
                          ("captured", "captured")):
            if scores.get(key):
                row[name + suffix] = scores[key]["mean"]
    row |= control_numbers(control)
    attributes = control["attributes"]
    appears = [a["appears"] for a in attributes if a["appears"] is not None]
    if appears:
        row["control: appears"] = statistics.mean(appears)
    return row


def main():
    parser = runs_parser(__doc__)
    parser.add_argument("--program", type=Path, default=Path("build/ci/bin/patronus"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    arguments = parser.parse_intermixed_args()
    rows = {(name, variant): [] for name in arguments.sets for variant in VARIANTS}
    for seed in arguments.seeds:
        for name, variant in rows:
            run = trained_run(arguments, name, variant, seed)
            rows[name, variant].append(numbers(run, evaluation(arguments.program, run)))
    for name in arguments.sets:
        print(f"\n| {name}, seeds {', '.join(map(str, arguments.seeds))} | {' | '.join(VARIANTS)} |\n|{' --- |' * (1 + len(VARIANTS))}")
        for key in rows[name, "recipe"][0]:
            print(f"| {key} | {' | '.join(cell([row[key] for row in rows[name, variant]]) for variant in VARIANTS)} |")


if __name__ == "__main__":
    main()
