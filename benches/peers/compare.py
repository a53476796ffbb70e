#!/usr/bin/env python3
"""Runs drainsim and the other programs on one workload, side by side.

Builds nothing: README.md says how. Each round runs every command once, in turn,
so what else the machine does meets all of them alike. What is compared is the
wall time of the whole process, from its start to its end, for every program:
drainsim reads and checks a scenario file in that time, and an interpreter
starts. The time that a program measured within itself is given beside it.

  compare.py W1 W2 --rounds 5          time, memory and ratios as a table
  compare.py W1 --check 10             losses of ten seeds against the closed form

Needs Python 3.9 on a system with wait4, and nothing outside its library.
"""

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple, Optional

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent

DELAY_S = 1.0
MU, SIGMA = math.log(0.2) - 0.5, 1.0


class Workload(NamedTuple):
    scenario: str
    rate: float  # arrivals a second
    horizon_s: float
    exact: bool  # whether the closed form holds, not nearly but exactly


WORKLOADS = {
    "W1": Workload("w1.yaml", 1e4, 100.0, True),
    "W2": Workload("w2.yaml", 1e4, 100.0, False),
    "W3": Workload("w3.yaml", 1e4, 100.0, False),
    "W3-24": Workload("w3-24.yaml", 1e4, 100.0, False),
    "W4": Workload("w4.yaml", 1e6, 10.0, True),
}


class Program(NamedTuple):
    """A program of the comparison. `scale` is the share of the horizon it runs."""

    name: str
    command: list
    most_rounds: int = 1_000
    scale: float = 1.0


class Failure(Exception):
    """A program that is not there or did not do its work, in a sentence."""


class Run(NamedTuple):
    wall_s: float
    memory_mb: float
    output: str


# --- which programs


# SimPy: a shorter horizon for what would take minutes. Checking needs the end of
# the drain within the horizon.
TIMED_SCALE = {"W1": 1.0, "W2": 0.3, "W3": 0.3, "W3-24": 0.3, "W4": 0.1}
CHECKED_SCALE = {"W1": 0.1, "W2": 0.1, "W3": 0.1, "W3-24": 0.1, "W4": 0.25}


def programs(workload, options):
    """All programs that can run the workload, the unit of the comparison first."""

    def rust(name, program, *rest, most_rounds=1_000):
        path = options.peers / program
        return Program(name, [path, workload, "SEED", *rest], most_rounds)

    def simpy(style):
        scales = CHECKED_SCALE if options.check else TIMED_SCALE
        scale = options.scale or scales[workload]
        script = HERE / "simpy" / "lb_drain.py"
        command = [options.python, script, workload, "SEED", "--style", style]
        command += ["--scale", str(scale)]
        return Program(f"simpy {style}", command, 2, scale)

    scenario = PROJECT / "benches" / "scenarios" / WORKLOADS[workload].scenario
    drainsim = [options.drainsim, "run", scenario, "--seed", "SEED"]
    found = [rust("limit", "peer-limit")]
    if WORKLOADS[workload].exact:
        found.append(rust("floor", "peer-limit", "--queue", "none"))
    found += [
        Program("drainsim", drainsim),
        rust("desque", "peer-desque"),
        rust("simcore single", "peer-simcore", "--style", "single"),
        rust("simcore components", "peer-simcore", "--style", "components"),
        rust("nexosim single", "peer-nexosim", "--style", "single", most_rounds=3),
        rust("nexosim models", "peer-nexosim", "--style", "models", most_rounds=3),
        simpy("callback"),
        simpy("process"),
    ]
    return [one for one in found if not options.only or wanted(one, options.only)]


def wanted(program, names):
    """`simpy` stands for both its styles."""
    return any(name in (program.name, program.name.split()[0]) for name in names)


# --- running them


def run(command):
    """Runs a command to its end."""
    command = [str(word) for word in command]
    start = time.perf_counter()
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    except OSError as error:
        raise Failure(f"{command[0]}: {error.strerror}; see README.md") from None
    with process.stdout, process.stderr:
        output = process.stdout.read()
        complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        last = (complaint.strip().splitlines() or ["no message"])[-1]
        raise Failure(f"{command[0]}: exit code {process.returncode}: {last}")
    # kilobytes, except where the system counts bytes
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return Run(wall, usage.ru_maxrss / unit, output)


def with_seed(program, seed):
    return [str(seed) if word == "SEED" else word for word in program.command]


def counts(program, seed):
    """Requests and losses of one seed, and the run they came from."""
    command = with_seed(program, seed)
    if program.name == "drainsim":
        command += ["--format", "json"]
    done = run(command)
    try:
        found = json.loads(done.output)
        if program.name == "drainsim":
            requests = found["requests"]
            return requests["arrived"], requests["lost"]["total"], found, done
        return found["requests"], found["lost"], found, done
    except (ValueError, KeyError, TypeError):
        raise Failure(f"{command[0]}: its output is not as expected") from None


class Timings:
    """What was measured of one program on one workload."""

    def __init__(self, program):
        self.program = program
        self.requests: Optional[int] = None
        self.whole_ns = []
        self.within_ns = []
        self.memory_mb = []
        self.failure: Optional[str] = None

    def measure(self, seed):
        if self.program.name == "drainsim":
            if self.requests is None:
                # asked for once, outside of what is timed
                self.requests = counts(self.program, seed)[0]
            done = run(with_seed(self.program, seed) + ["--quiet"])
        else:
            self.requests, _, found, done = counts(self.program, seed)
            self.within_ns.append(found["wall_s"] * 1e9 / self.requests)
        self.whole_ns.append(done.wall_s * 1e9 / self.requests)
        self.memory_mb.append(done.memory_mb)

    def median(self):
        return statistics.median(self.whole_ns) if self.whole_ns else None

    def as_json(self):
        return {
            "program": self.program.name,
            "scale": self.program.scale,
            "requests": self.requests,
            "whole_process_ns_per_request": self.whole_ns,
            "in_program_ns_per_request": self.within_ns,
            "peak_memory_mb": self.memory_mb,
            "failure": self.failure,
        }


def compare(workload, options):
    timings = [Timings(program) for program in programs(workload, options)]
    for round_number in range(options.rounds):
        for one in timings:
            if one.failure or round_number >= one.program.most_rounds:
                continue
            try:
                one.measure(options.seed)
            except Failure as failure:
                one.failure = str(failure)
                print(f"{workload}: {one.program.name} left out: {failure}", file=sys.stderr)
    return timings


# --- the tables


def memory_floor():
    """What this script itself has: a process that needs less shows as much."""
    return run([sys.executable, "-S", "-E", "-c", ""]).memory_mb


def ratio(one, other):
    return f"{one / other:.2f}x" if one and other else "-"


def small_memory(command):
    """Peak memory of a program that needs less than this script, one more run of it under GNU
    time, whose child begins with nothing; None where that is not installed."""
    timer = shutil.which("time")
    if timer is None:
        return None
    command = [timer, "-f", "%M", *(str(word) for word in command)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = (done.stderr.split() or [""])[-1]
    return int(last) / 2**10 if last.isdigit() else None


def print_comparison(workload, timings, floor, seed):
    medians = {one.program.name: one.median() for one in timings}
    limit, drainsim = medians.get("limit"), medians.get("drainsim")
    print(f"\n### {workload}\n")
    if not any(one.whole_ns for one in timings):
        print("No program ran.")
        return
    print(
        "| program | ns/request, whole process: median (min..max, n) | in program "
        "| over the limit | over drainsim | peak memory, MB |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for one in timings:
        if not one.whole_ns:
            continue
        name = one.program.name
        if one.program.scale != 1:
            name += f" (horizon x {one.program.scale:g})"
        middle, values = one.median(), one.whole_ns
        spread = f"{min(values):.1f}..{max(values):.1f}, {len(values)}"
        within = f"{statistics.median(one.within_ns):.1f}" if one.within_ns else "-"
        memory = statistics.median(one.memory_mb)
        if memory <= 1.2 * floor:
            memory = small_memory(with_seed(one.program, seed))
        memory = f"{memory:.1f}" if memory else f"at most {floor:.1f}"
        print(
            f"| {name} | {middle:.1f} ({spread}) | {within} "
            f"| {ratio(middle, limit)} | {ratio(middle, drainsim)} | {memory} |"
        )


def print_ratios(files):
    """One table of what `--json` wrote: every program over the limit and over drainsim."""
    results = {}
    for file in files:
        results.update(json.loads(file.read_text()))
    medians = {
        workload: {
            one["program"]: statistics.median(one["whole_process_ns_per_request"])
            for one in programs
            if one["whole_process_ns_per_request"]
        }
        for workload, programs in results.items()
    }
    names = list(dict.fromkeys(name for found in medians.values() for name in found))
    for unit in ("limit", "drainsim"):
        print(f"\n| over {unit} | " + " | ".join(medians) + " |")
        print("| --- |" + " --: |" * len(medians))
        for name in names:
            if name == unit:
                continue
            cells = [ratio(found.get(name), found.get(unit)) for found in medians.values()]
            print(f"| {name} | " + " | ".join(cells) + " |")


def expected_losses(workload, scale):
    """(rate / 10) times the mean of what is left of a service time after the delay.

    Arrivals begin at 0 and the drain at half the horizon, so what would have come
    before 0 is taken off.
    """

    def excess(delay):
        upper = 0.5 * math.erfc((math.log(delay) - MU - SIGMA**2) / (SIGMA * math.sqrt(2)))
        tail = 0.5 * math.erfc((math.log(delay) - MU) / (SIGMA * math.sqrt(2)))
        return math.exp(MU + SIGMA**2 / 2) * upper - delay * tail

    half = WORKLOADS[workload].horizon_s * scale / 2
    assert half > DELAY_S, "the drain ends within the horizon"
    return WORKLOADS[workload].rate / 10 * (excess(DELAY_S) - excess(DELAY_S + half))


def check(workload, options):
    """Prints the losses of several seeds against the closed form; whether they agree."""
    print(f"\n### {workload}: lost requests\n")
    print("| program | seeds | mean | standard error | closed form | standard errors apart |")
    print("| --- | --- | --- | --- | --- | --- |")
    agree = True
    for program in programs(workload, options):
        try:
            expected = expected_losses(workload, program.scale)
            seeds = range(options.seed, options.seed + options.check)
            lost = [counts(program, seed)[1] for seed in seeds]
        except Failure as failure:
            print(f"{workload}: {program.name} left out: {failure}", file=sys.stderr)
            continue
        # losses of independent requests are Poisson, so their variance is their mean
        error = math.sqrt(expected / len(lost))
        apart = (statistics.mean(lost) - expected) / error
        note = "" if WORKLOADS[workload].exact else " (nearly)"
        print(
            f"| {program.name} | {len(lost)} | {statistics.mean(lost):.2f} | {error:.2f} "
            f"| {expected:.2f}{note} | {apart:+.2f} |",
            flush=True,
        )
        if WORKLOADS[workload].exact and abs(apart) > 4:
            agree = False
    return agree


def parse():
    def at_least_one(text):
        number = int(text)
        if number < 1:
            raise argparse.ArgumentTypeError("must be at least 1")
        return number

    parser = argparse.ArgumentParser(
        description="Run drainsim and the other programs side by side; see README.md."
    )
    parser.add_argument("workloads", nargs="*", metavar="W1|W2|W3|W3-24|W4")
    parser.add_argument("--rounds", type=at_least_one, default=5)
    parser.add_argument("--seed", type=at_least_one, default=1, help="of every run")
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=[], metavar="NAME,..."
    )
    parser.add_argument("--drainsim", type=Path, default=PROJECT / "target/release/drainsim")
    parser.add_argument("--peers", type=Path, default=PROJECT / "target/peers/release")
    parser.add_argument("--python", default=sys.executable, help="with simpy and numpy")
    parser.add_argument("--scale", type=float, help="horizon of the SimPy runs, times this")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all timings there")
    parser.add_argument(
        "--ratios", type=Path, nargs="+", metavar="JSON", help="run nothing, compare what was saved"
    )
    parser.add_argument(
        "--check", type=at_least_one, metavar="SEEDS", help="compare losses instead of times"
    )
    options = parser.parse_args()
    options.workloads = options.workloads or list(WORKLOADS)
    unknown = [name for name in options.workloads if name not in WORKLOADS]
    if unknown:
        parser.error(f"no workload is called {unknown[0]}: {', '.join(WORKLOADS)}")
    known = {name for one in programs("W1", options) for name in (one.name, one.name.split()[0])}
    for name in options.only:
        if name not in known:
            parser.error(f"no program is called {name}")
    return options


def main():
    options = parse()
    if options.check:
        agree = [check(workload, options) for workload in options.workloads]
        return 0 if all(agree) else 1
    if options.ratios:
        print_ratios(options.ratios)
        return 0
    floor = memory_floor()
    results = {}
    for workload in options.workloads:
        timings = compare(workload, options)
        print_comparison(workload, timings, floor, options.seed)
        sys.stdout.flush()
        results[workload] = [one.as_json() for one in timings]
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
