#!/usr/bin/env python3
"""Kills ranks of a small training at random moments; checks that the others end, name it, and that nothing is lost by it.

    python3 tools/kill_points/kill_ranks.py build/ci/bin/patronus [--kills 50] [--ranks 3] [--seed 0]

A random rank is killed at a random time. Every other rank must end with a status other than 0 within a minute. The same command then goes
on. At the end checkpoints, metrics (but for their rate), pictures and status must be, byte for byte, those of a run on as many
ranks that nothing happened to.
"""
import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kill_points import SETTINGS, contents, require_same

sys.path.append(str(Path(__file__).parents[1]))
from local_ranks import start_ranks  # noqa: E402

TIMEOUT_S = 15  # after which a rank that never came is given up
LIMIT_S = 60


class Ranks:
    """A training in `run`, by processes with torchrun's environment."""

    def __init__(self, options, run: Path, cache: Path):
        size = options.ranks
        command = [options.program, "train", "--config", "demo", "--run", run, "--device", "cpu", "--threads", "1",
                   f"data.cache={cache}", *SETTINGS, f"training.batch_size={2 * size}", "training.max_steps=24",
                   f"runtime.rank_timeout_s={TIMEOUT_S}"]
        self.processes = start_ranks(command, size, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def wait(self) -> list:
        """Status and errors of every rank; one that hangs is killed, and ends the whole."""
        ended = []
        for rank, process in enumerate(self.processes):
            try:
                _, errors = process.communicate(timeout=LIMIT_S)
            except subprocess.TimeoutExpired:
                for each in self.processes:
                    each.kill()
                sys.exit(f"rank {rank} hangs")
            ended.append((process.returncode, errors))
        return ended


def kill_one(options, choose: random.Random, run: Path, cache: Path, seconds: float) -> bool:
    """Whether the training was killed before it was done."""
    ranks = Ranks(options, run, cache)
    lost = choose.randrange(options.ranks)
    time.sleep(choose.uniform(0, seconds))
    ranks.processes[lost].kill()
    ended = ranks.wait()
    if ended[lost][0] != -signal.SIGKILL:
        return False  # it was done already
    unaware = [rank for rank, (status, _) in enumerate(ended) if status == 0]
    if unaware and json.loads((run / "status.json").read_text())["state"] != "done":
        sys.exit(f"rank {lost} was killed, and of the others {unaware} ended with status 0")
    return True


def finish(options, run: Path, cache: Path) -> None:
    for rank, (status, errors) in enumerate(Ranks(options, run, cache).wait()):
        if status != 0:
            sys.exit(f"{run}: rank {rank} of a training that nobody kills ended with {status}: {errors}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--ranks", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    choose = random.Random(options.seed)
    folder = Path(tempfile.mkdtemp(prefix="kill-ranks-"))  # stays there when something differs
    cache = folder / "cache"
    finish(options, folder / "first" / "run", cache)  # fills the cache
    start = time.monotonic()
    finish(options, folder / "unbroken" / "run", cache)
    seconds = time.monotonic() - start
    expected = contents(folder / "unbroken" / "run")
    print(f"{seconds:.1f} s on {options.ranks} ranks", flush=True)
    kills = runs = 0
    while kills < options.kills:
        killed, in_this = folder / "killed" / "run", 0
        while in_this < min(5, options.kills - kills) and kill_one(options, choose, killed, cache, seconds):
            in_this += 1
        finish(options, killed, cache)
        require_same(killed, expected)
        shutil.rmtree(killed.parent)
        kills, runs = kills + in_this, runs + 1
        print(f"{kills} kills in {runs} runs: nothing differs", flush=True)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
