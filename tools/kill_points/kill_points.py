#!/usr/bin/env python3
"""Kills a small training at random moments, cuts its power, and fills its disk at every write; checks that nothing is lost by it.

    python3 tools/kill_points/kill_points.py build/ci/bin/patronus [--kills 200] [--full-disks 0] [--seed 0]

Of the kills half come at a random time, a quarter in the middle of a random change of a file in the run's folder, and a
quarter there with all lost that was not made durable, as by a power failure. The same command then goes on. At the end checkpoints, metrics (but for their rate), pictures and status must be, byte for byte,
those of a run that nothing happened to. `--full-disks 0` fills the disk at every change there is, a number at as many of
them, evenly spaced: training must end with status 1 and one line, and go on from its last checkpoint once there is space.
A C compiler is needed.
"""
import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SETTINGS = """data.faces.train_images=32 data.faces.test_images=4 model.encoder.channels=[4,8,8,16] model.prototypes.count=4
model.unet.base_channels=8 model.unet.multipliers=[1] model.unet.residual_blocks=1 model.unet.unshuffle=4
training.batch_size=4 training.max_steps=8 training.log_every=2 training.checkpoint_every=3 training.sample_every=4
training.sample_images=2 training.keep_checkpoints=2 sampling.steps=2""".split()


class Workshop:
    """A temporary folder with the cache of the images, the preloaded library, and runs."""

    def __init__(self, program: Path, folder: Path):
        self.program, self.folder = program.resolve(), folder
        self.shim = folder / "faulty_disk.so"
        source = Path(__file__).with_name("faulty_disk.c")
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-o", self.shim, source, "-ldl"], check=True)
        self.train("first")  # fills the cache
        start = time.monotonic()
        status, errors = self.train("unbroken")
        self.seconds = time.monotonic() - start
        assert status == 0, errors
        self.changes = int((folder / "count").read_text())
        self.expected = contents(self.run("unbroken"))

    def train(self, run: str, fault: str = "", at: int = 0, kill_after: float = None) -> tuple:
        """Exit status and lines of errors."""
        command = [self.program, "train", "--config", "demo", "--run", self.run(run), "--device", "cpu", "--threads", "1",
                   f"data.cache={self.folder / 'cache'}", *SETTINGS]
        faults = {"FAULT": fault, "FAULT_AT": str(at), "FAULT_FOLDER": str(self.run(run)),
                  "FAULT_COUNT": str(self.folder / "count"), "LD_PRELOAD": str(self.shim)}
        process = subprocess.Popen(command, env={**os.environ, **faults}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True)
        try:
            _, errors = process.communicate(timeout=kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
        return process.returncode, errors.splitlines()

    def run(self, name: str) -> Path:
        return self.folder / name / "run"  # one name for all, since loss.png shows it

    def check(self, run: str) -> None:
        require_same(self.run(run), self.expected)
        shutil.rmtree(self.folder / run)


def contents(run: Path) -> dict:
    """What must not depend on how often a run was interrupted, by name."""
    files = [path for path in run.rglob("*") if path.is_file()]
    names = {str(path.relative_to(run)): path for path in files if "tfevents" not in path.name}
    for name in ("environment.json", "log.txt"):  # of the latest call
        names.pop(name, None)
    return {name: lines_without_rate(path) if path.name == "metrics.jsonl" else path.read_bytes()
            for name, path in names.items()}


def require_same(run: Path, expected: dict) -> None:
    """Ends the program where the run does not hold what one does that nothing happened to."""
    found = contents(run)
    different = [name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)]
    if different:
        sys.exit(f"{run} differs from the unbroken run beside it in {', '.join(sorted(different))}")


def lines_without_rate(metrics: Path) -> list:
    return [{key: value for key, value in json.loads(line).items() if key != "images_per_second"}
            for line in metrics.read_text().splitlines()]


def kill_until_done(shop: Workshop, choose: random.Random, most: int) -> int:
    """Kills a run at most so often, then lets it finish; gives how often it was killed."""
    kills = 0
    while kills < most:
        kind = ("time", "kill", "time", "power")[kills % 4]
        if kind == "time":
            status, errors = shop.train("killed", kill_after=choose.uniform(0, shop.seconds))
        else:
            status, errors = shop.train("killed", kind, choose.randint(1, shop.changes // 2))
        if status == 0:
            break
        if status != -signal.SIGKILL:
            sys.exit(f"after {kills} kills: status {status}: {errors}")
        kills += 1
    status, errors = shop.train("killed")
    if status != 0:
        sys.exit(f"after {kills} kills: status {status}: {errors}")
    shop.check("killed")
    return kills


def step_to_go_on_from(run: Path) -> int:
    """That of the checkpoint which the file `last` names, else of the newest."""
    last = run / "checkpoints" / "last"
    names = [last.read_text().strip()] if last.exists() else [path.name for path in last.parent.glob("step-*.pt")]
    return max((int(name[5:-3]) for name in names), default=0)


def fill_disk(shop: Workshop, at: int) -> None:
    status, errors = shop.train("full", "full", at)
    told = [line for line in errors if line.startswith("error: ")]
    warned = errors[-1].startswith("warning: ") and errors[-1].endswith("log.txt: No space left on device")
    stopped = status == 1 and len(told) == 1 and "No space left on device" in told[0] and (warned or told[0] == errors[-1])
    if not stopped and not (status == 0 and warned):  # only the log's last line did not fit
        sys.exit(f"disk full at change {at}: status {status}: {errors}")
    before = step_to_go_on_from(shop.run("full"))
    status, errors = shop.train("full")
    began = re.search(r"going on from step (\d+)", "\n".join(errors))
    began = int(began.group(1)) if began else before if "is finished" in errors[-1] else 0
    if status != 0 or began < before:
        sys.exit(f"after a full disk at change {at}: from step {began}, not {before}: status {status}: {errors}")
    shop.check("full")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--full-disks", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    choose = random.Random(options.seed)
    folder = Path(tempfile.mkdtemp(prefix="kill-points-"))  # stays there when something differs
    shop = Workshop(options.program, folder)
    print(f"{shop.changes} changes of files, {shop.seconds:.1f} s", flush=True)

    kills = runs = 0
    while kills < options.kills:
        kills += kill_until_done(shop, choose, min(20, options.kills - kills))
        runs += 1
        print(f"{kills} kills in {runs} runs: nothing differs", flush=True)

    step = max(1, shop.changes // options.full_disks) if options.full_disks else 1
    points = range(1, shop.changes + 1, step)
    for number, at in enumerate(points, start=1):
        fill_disk(shop, at)
        if number % 10 == 0 or number == len(points):
            print(f"disk full at {number} of {shop.changes} changes: nothing lost", flush=True)

    status, errors = shop.train("no-symlinks", "no-symlinks")
    if status != 0:
        sys.exit(f"without symlinks: status {status}: {errors}")
    shop.check("no-symlinks")
    print("without symlinks: nothing differs")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
