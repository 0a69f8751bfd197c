#!/usr/bin/env python3
"""Whether `patronus diagnose` is right where the truth is known, as Markdown tables.

    python3 tools/diagnose_truth.py --build build/ci --biased runs/c0.95-* --unbiased runs/seed-* [--null 20] [--families 20]
        [--quick]

Biased runs were trained with data.faces.correlation above 0, which ties blond hair to smiling; the judge of attributes learns
from faces without that tie. Null sets give the images of the first unbiased run attributes that were drawn by coin. Families are
diagnoses of the unbiased runs with other seeds, whose placebos should find nothing.
"""
import argparse
import csv
import hashlib
import json
import random
import subprocess
from pathlib import Path

TIE = {"blond_hair", "smile"}


def diagnose(program: Path, run: Path, words: list, options) -> dict:
    """What a diagnosis of these words says, kept for the next call."""
    name = hashlib.sha256(repr([run.resolve(), *map(str, words)]).encode()).hexdigest()[:12]
    out = options.out / f"{run.name}-{name}"
    if not (out / "diagnose.json").exists():
        subprocess.run([program, "diagnose", "--run", run, "--out", out, *words], check=True)
    return json.loads((out / "diagnose.json").read_text())


def row(run: Path, result: dict) -> str:
    """Findings that do not depend by construction, the rank of the tie among them, and its strongest effects."""
    found = [pair for pair in result["pairs"] if pair["verdict"] == "found" and not pair["dependence"]]
    ranks = [i + 1 for i, pair in enumerate(found) if {pair["source"], pair["target"]} == TIE]
    effects = []
    for pair in result["pairs"]:
        if pair["source"] == "blond_hair" and pair["target"] == "smile":
            effects = [f"{e['edit']} {e['effect']['value']:+.2f} [{e['effect']['low']:+.2f}, {e['effect']['high']:+.2f}]"
                       for e in pair["edits"]]
    alarms = sum(pair["verdict"] == "found" for pair in result["placebo"])
    others = [f"{p['source']} → {p['target']} ({p['agreeing_ways']} of {p['ways']} ways)" for p in found
              if {p["source"], p["target"]} != TIE]
    return (f"| {run.name} | {', '.join(map(str, ranks)) or 'not found'} | {'; '.join(effects)} | "
            f"{'; '.join(others) or 'none'} | {alarms} of {len(result['placebo'])} |")


def write_null_attributes(run: Path, seed: int, path: Path) -> None:
    """Nine attributes of a run's images, drawn by coin."""
    config = (run / "config.yaml").read_text()
    assert "kind: faces" in config, f"{run}: expected a run on faces"
    rows = [f"{split}-{i:05d}" for split, count in (("train", 8000), ("test", 2000)) for i in range(count)]
    generator = random.Random(seed)
    columns = [[generator.randrange(2) for _ in rows] for _ in range(9)]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", *(f"null{i}" for i in range(9))])
        writer.writerows([name, *(column[i] for column in columns)] for i, name in enumerate(rows))


def placebo_alarms(program: Path, options, seed: int, words: list) -> int:
    """Findings among the placebos of a diagnosis with another seed, of the unbiased runs in turn."""
    run = options.unbiased[seed % len(options.unbiased)]
    result = diagnose(program, run, ["--seed", str(seed), *words], options)
    return sum(pair["verdict"] == "found" for pair in result["placebo"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True, help="folder with bin/patronus")
    parser.add_argument("--biased", type=Path, nargs="*", default=[])
    parser.add_argument("--unbiased", type=Path, nargs="*", default=[])
    parser.add_argument("--null", type=int, default=0, help="sets of attributes that mean nothing")
    parser.add_argument("--families", type=int, default=0, help="diagnoses with other seeds, for their placebos")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("diagnose-truth"))
    options = parser.parse_args()
    program = options.build / "bin" / "patronus"
    words = ["--device", "cpu"] + (["--quick"] if options.quick else [])
    options.out.mkdir(exist_ok=True)
    print("| run | rank of hair and smile | blond_hair → smile | other findings | placebo |\n| --- | --- | --- | --- | --- |")
    for run in options.biased:
        print(row(run, diagnose(program, run, ["--judge", "data.faces.correlation=0", *words], options)))
    for run in options.unbiased:
        print(row(run, diagnose(program, run, words, options)))
    false, attributes, tested = 0, 0, 0
    for seed in range(options.null):
        table = options.out / f"null-{seed}.csv"
        write_null_attributes(options.unbiased[0], seed, table)
        result = diagnose(program, options.unbiased[0], ["--attributes", table, *words], options)
        false += any(pair["verdict"] == "found" for pair in result["pairs"])
        attributes += len(result["encoded"])
        tested += sum(not attribute["not_testable"] for attribute in result["encoded"])
    if options.null:
        print(f"\nOf {options.null} sets of meaningless attributes {false} gave a finding; of their {attributes} attributes "
              f"{tested} were taken for encoded.")
    alarms = [placebo_alarms(program, options, seed, words) for seed in range(1, options.families + 1)]
    if alarms:
        print(f"\nOf {len(alarms)} families of tests of placebos {sum(alarm > 0 for alarm in alarms)} gave a finding.")


if __name__ == "__main__":
    main()
