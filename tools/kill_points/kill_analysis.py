#!/usr/bin/env python3
"""Kills `patronus sample` at random moments; checks that its folder holds the results of one call, whole.

    python3 tools/kill_points/kill_analysis.py build/ci/bin/patronus [--kills 50] [--images 300] [--seed 0]

Two calls with different seeds take turns in one folder. After each kill it must hold all files of the one or all of the other,
byte for byte; or, where the kill came while files changed places, do so after another command has written there.
"""
import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kill_points import SETTINGS


def contents(folder: Path) -> dict:
    """Of the files that `sample` writes."""
    files = [*folder.glob("images/*.png"), *folder.glob("samples.*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    choose = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="kill-analysis-") as name:
        run, out = Path(name) / "run", Path(name) / "out"
        quiet = ["--run", run, "--device", "cpu", "--threads", "1", "--quiet"]
        train = [options.program, "train", "--config", "demo", *quiet, f"data.cache={Path(name) / 'cache'}", *SETTINGS]
        subprocess.run([*train, f"data.faces.test_images={options.images}"], check=True)
        calls = [[options.program, "sample", *quiet, "--split", "test", "--count", str(options.images), "--steps", "1",
                  "--seed", str(seed), "--out", out] for seed in range(2)]
        expected = []
        for call in calls:
            start = time.monotonic()
            subprocess.run(call, check=True)
            seconds = time.monotonic() - start
            expected.append(contents(out))
        there, counts = 1, {"left the old results": 0, "left the new ones": 0, "left some to be put in place": 0}
        for _ in range(options.kills):
            process = subprocess.Popen(calls[1 - there])
            time.sleep(choose.uniform(seconds / 2, 1.02 * seconds))
            process.kill()
            process.wait()
            found = contents(out)
            if found == expected[there]:
                counts["left the old results"] += 1
                continue
            counts["left the new ones" if found == expected[1 - there] else "left some to be put in place"] += 1
            there = 1 - there
            subprocess.run([options.program, "interpolate", *quiet, "--steps", "2", "--count", "1", "--out", out], check=True)
            if contents(out) != expected[there]:
                sys.exit("what a killed call left is mixed with what was there before")
        print(f"{options.kills} kills: " + ", ".join(f"{count} {what}" for what, count in counts.items()))


if __name__ == "__main__":
    main()
