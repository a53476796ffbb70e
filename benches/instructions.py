#!/usr/bin/env python3
"""Instructions a request costs, counted exactly by valgrind.

Wall time on a shared machine wanders by tens of percent; the instructions of one binary do not.
Each workload runs to two horizons under callgrind, and the difference in instructions is divided
by the difference in requests, so that process start, set-up and the drain, which are in both runs,
fall out. Set-up is counted apart: a run of one nanosecond without a timeline.

    benches/instructions.py              count and write docs/benchmarks/instructions.md
    benches/instructions.py --check      count, compare with that page, exit 1 if one grew
    benches/instructions.py --functions  where the instructions of W1 go

It needs valgrind and a release build of the same sources (`cargo build --release`), and takes about
two minutes. Counts are comparable for one compiler and target triple only; the page names both.
"""

import argparse
import json
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks" / "instructions.md"
BINARY = ROOT / "target" / "release" / "drainsim"

# How much a count may grow before --check fails.
TOLERANCE = 0.03

# Workload, when its tenth is deregistered (a second later its drains are over), both horizons.
# W4 sends a hundred times more requests a second, so it is counted over a shorter time.
WORKLOADS = [
    ("w1", "1s", "10s", "15s"),
    ("w2", "1s", "10s", "15s"),
    ("w3", "1s", "10s", "15s"),
    ("w3-24", "1s", "10s", "15s"),
    ("w4", "200ms", "1400ms", "1600ms"),
]


def command(binary, workload, changes):
    """The command line that runs a workload with some values changed."""
    line = [str(binary), "run", str(ROOT / "benches" / "scenarios" / f"{workload}.yaml")]
    for path, value in changes.items():
        line += ["--set", f"{path}={value}"]
    return line


def run(line, accepted=(0,)):
    """The finished process of a command; any other exit code ends the program."""
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode not in accepted:
        sys.exit(f"{' '.join(line)}\nexited with {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def count(line, profile="/dev/null"):
    """Instructions of a command, its children not included."""
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}"]
    done = run(tool + line + ["--quiet"])
    found = re.search(r"Collected\s*:\s*(\d+)", done.stderr)
    if not found:
        sys.exit(f"valgrind counted nothing\n{done.stderr}")
    return int(found.group(1))


def arrived(line):
    """Requests of a command."""
    return json.loads(run(line + ["--format", "json"]).stdout)["requests"]["arrived"]


def changes(drain, horizon):
    """The values that shorten a workload; its expectations are those of the full length."""
    return {"timeline.0.at": drain, "horizon": horizon, "expect": "[]"}


def measure(binary):
    """(workload, instructions per request, instructions of the set-up) of every workload."""
    rows = []
    for workload, drain, short, long in WORKLOADS:
        first, second = (command(binary, workload, changes(drain, h)) for h in (short, long))
        requests = arrived(second) - arrived(first)
        instructions = count(second) - count(first)
        bare = {"horizon": "1ns", "timeline": "[]", "expect": "[]"}
        setup = count(command(binary, workload, bare))
        rows.append((workload, instructions / requests, setup))
        print(f"{workload:6} {instructions / requests:8.1f} a request, {setup:12,} set-up",
              file=sys.stderr)
    return rows


def compiler():
    """Version of the compiler, and the target triple."""
    text = run(["rustc", "-vV"]).stdout
    release = re.search(r"^release: (.*)$", text, re.MULTILINE).group(1)
    host = re.search(r"^host: (.*)$", text, re.MULTILINE).group(1)
    return f"rustc {release}", host


def page(rows):
    """The committed page."""
    version, triple = compiler()
    valgrind = run(["valgrind", "--version"]).stdout.strip()
    libc = " ".join(part for part in platform.libc_ver() if part)
    lines = [
        "# Instructions",
        "",
        "Instructions a request costs and instructions before the first one, process start included,",
        f"as `benches/instructions.py` counts them with {valgrind}:",
        f"{version}, `{triple}`, {libc}, the release profile of `Cargo.toml`.",
        "",
        "The drain is in both runs whose difference a request's count is, so it is in none of the",
        f"counts. `--check` fails when a count is more than {TOLERANCE:.0%} above this page.",
        "",
        "| workload | instructions per request | set-up |",
        "|---|--:|--:|",
    ]
    lines += [f"| {name} | {cost:.1f} | {setup:,} |" for name, cost, setup in rows]
    return "\n".join(lines) + "\n"


def committed():
    """Workload -> (instructions per request, set-up) of the committed page."""
    cells = re.findall(r"^\| (\S+) \| ([\d.]+) \| ([\d,]+) \|$", PAGE.read_text(), re.MULTILINE)
    return {name: (float(cost), int(setup.replace(",", ""))) for name, cost, setup in cells}


def check(rows):
    """Whether no count is above the committed one by more than the tolerance."""
    text = PAGE.read_text()
    for part in compiler():
        if part not in text:
            sys.exit(f"{PAGE} was not counted with {part}: count again before comparing")
    old, well = committed(), True
    for name, cost, setup in rows:
        if name not in old:
            sys.exit(f"{PAGE} has no row for {name}")
        for what, new, before in zip(("a request", "set-up"), (cost, setup), old[name]):
            growth = new / before - 1
            grew = growth > TOLERANCE
            well &= not grew
            print(f"{name:6} {what:9} {before:14,.1f} -> {new:14,.1f} {growth:+8.2%}"
                  f"{'  GREW' if grew else ''}")
    return well


def functions(binary):
    """The functions of W1 with the most instructions of their own, inlined code included."""
    workload, drain, _, long = WORKLOADS[0]
    line = command(binary, workload, changes(drain, long))
    requests = arrived(line)
    with tempfile.TemporaryDirectory() as folder:
        profile = pathlib.Path(folder) / "callgrind.out"
        total = count(line, profile)
        own = by_function(profile.read_text())
    print(f"W1 to {long}: {total:,} instructions, {requests:,} requests")
    for name, cost in sorted(own.items(), key=lambda item: -item[1])[:12]:
        print(f"{cost / requests:8.1f} a request {cost / total:6.1%}  {name}")


def by_function(profile):
    """Function -> its own instructions. Callgrind keeps a line for each file that was inlined into
    a function; here they are one."""
    names, own, current, skip = {}, {}, None, False
    for line in profile.splitlines():
        found = re.match(r"(c?fn)=\((\d+)\)(?: (.*))?$", line)
        if found:
            kind, key, name = found.groups()
            if name:
                names[key] = name
            if kind == "fn":
                current = names[key]
        elif line.startswith("calls="):
            skip = True
        elif re.match(r"[\d+*-]", line):
            if not skip and current:
                own[current] = own.get(current, 0) + int(line.split()[1])
            skip = False
    return own


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed page")
    parser.add_argument("--functions", action="store_true", help="where the instructions of W1 go")
    parser.add_argument("--binary", type=pathlib.Path, default=BINARY, help="the binary to count")
    arguments = parser.parse_args()
    if not arguments.binary.is_file():
        sys.exit(f"{arguments.binary} is missing: run `cargo build --release`")
    if arguments.functions:
        functions(arguments.binary)
        return
    rows = measure(arguments.binary)
    if arguments.check:
        sys.exit(0 if check(rows) else 1)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(rows))
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
