#!/usr/bin/env python3
"""The workload of the comparison with SimPy 4.1.2.

usage: lb_drain.py W1|W2|W3|W3-24|W4 SEED [--style process|callback] [--scale F]

--style process   as its documentation suggests: one generator process for each
                  request, a Resource where the servers of a target are limited
--style callback  the fastest shape this engine has: timeouts with callbacks,
                  random numbers drawn in blocks by numpy, no processes
--scale F         simulate F times the horizon; the drain begins at half of
                  that; rates and targets stay as they are

Prints one line of JSON. Needs simpy and numpy.
"""

import argparse
import json
import math
import random
import time
from collections import deque
from typing import NamedTuple

import numpy as np
import simpy

MU, SIGMA = math.log(0.2) - 0.5, 1.0
DELAY_S = 1.0


class Workload(NamedTuple):
    targets: int
    rate: float  # arrivals a second
    horizon_s: float
    least_outstanding: bool
    servers: int  # requests a target serves at a time; 0 is without limit


WORKLOADS = {
    "W1": Workload(100, 1e4, 100.0, False, 0),
    "W2": Workload(100, 1e4, 100.0, True, 0),
    "W3": Workload(100, 1e4, 100.0, False, 32),
    "W3-24": Workload(100, 1e4, 100.0, False, 24),
    "W4": Workload(10_000, 1e6, 10.0, False, 0),
}


class Target:
    __slots__ = ("in_system", "expired", "resource", "busy", "queue")

    def __init__(self, resource=None):
        self.in_system = 0
        self.expired = False
        self.resource = resource
        self.busy = 0
        self.queue = deque()


class LoadBalancer:
    """What both styles share: the choice of a target, the drain, the counts."""

    def __init__(self, env, workload, targets):
        self.env = env
        self.workload = workload
        self.targets = targets
        self.active = list(targets)
        self.turn = 0
        self.requests = self.completed = self.lost = 0
        self.latencies = []
        env.process(self.drain())

    def choose(self):
        if self.workload.least_outstanding:
            # the first of the least loaded
            return min(self.active, key=lambda target: target.in_system)
        target = self.active[self.turn % len(self.active)]
        self.turn += 1
        return target

    def drain(self):
        yield self.env.timeout(self.workload.horizon_s / 2)
        leaving = self.workload.targets // 10
        self.active = self.targets[leaving:]
        self.turn = 0
        yield self.env.timeout(DELAY_S)
        for target in self.targets[:leaving]:
            self.lost += target.in_system
            target.in_system = 0
            target.expired = True


class ProcessStyle(LoadBalancer):
    def __init__(self, env, workload, seed):
        servers = workload.servers
        super().__init__(
            env,
            workload,
            [
                Target(simpy.Resource(env, capacity=servers) if servers else None)
                for _ in range(workload.targets)
            ],
        )
        self.random = random.Random(seed)
        env.process(self.source())

    def source(self):
        handle = self.queued_request if self.workload.servers else self.request
        while True:
            yield self.env.timeout(self.random.expovariate(self.workload.rate))
            self.requests += 1
            self.env.process(handle(self.choose()))

    def request(self, target):
        start = self.env.now
        target.in_system += 1
        yield self.env.timeout(self.random.lognormvariate(MU, SIGMA))
        self.finish(target, start)

    def queued_request(self, target):
        start = self.env.now
        target.in_system += 1
        with target.resource.request() as server:
            yield server
            yield self.env.timeout(self.random.lognormvariate(MU, SIGMA))
        self.finish(target, start)

    def finish(self, target, start):
        if target.expired:
            return
        target.in_system -= 1
        self.completed += 1
        self.latencies.append(self.env.now - start)


def stream(draw):
    """The next number of `draw(how_many)`, asked for in blocks."""

    def numbers():
        while True:
            yield from draw(65536).tolist()

    return numbers().__next__


class CallbackStyle(LoadBalancer):
    def __init__(self, env, workload, seed):
        super().__init__(env, workload, [Target() for _ in range(workload.targets)])
        generator = np.random.Generator(np.random.PCG64(seed))
        mean_gap = 1 / workload.rate
        self.start(
            gap=stream(lambda count: generator.exponential(mean_gap, count)),
            service=stream(lambda count: generator.lognormal(MU, SIGMA, count)),
        )

    def start(self, gap, service):
        # local names, because looking them up is a good part of an event's time
        env, servers, timeout = self.env, self.workload.servers, simpy.Timeout
        choose, record = self.choose, self.latencies.append

        def arrive(_event):
            timeout(env, gap()).callbacks.append(arrive)
            self.requests += 1
            target = choose()
            target.in_system += 1
            if servers:
                if target.busy == servers:
                    target.queue.append(env.now)
                    return
                target.busy += 1
            timeout(env, service(), (target, env.now)).callbacks.append(finish)

        def finish(event):
            target, start = event.value
            if target.expired:
                return
            if servers:
                if target.queue:
                    waiting = target.queue.popleft()
                    event = timeout(env, service(), (target, waiting))
                    event.callbacks.append(finish)
                else:
                    target.busy -= 1
            target.in_system -= 1
            self.completed += 1
            record(env.now - start)

        timeout(env, gap()).callbacks.append(arrive)


STYLES = {"process": ProcessStyle, "callback": CallbackStyle}


def main():
    parser = argparse.ArgumentParser(description="The workload with SimPy.")
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("seed", type=int)
    parser.add_argument("--style", choices=STYLES, default="process")
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    workload = WORKLOADS[arguments.workload]
    workload = workload._replace(horizon_s=workload.horizon_s * arguments.scale)

    start = time.perf_counter()
    env = simpy.Environment()
    front = STYLES[arguments.style](env, workload, arguments.seed)
    env.run(until=workload.horizon_s)
    p50, p99 = np.percentile(np.array(front.latencies), [50, 99]) * 1e3
    wall = time.perf_counter() - start

    in_flight = sum(target.in_system for target in front.targets)
    assert front.requests == front.completed + front.lost + in_flight
    print(
        json.dumps(
            {
                "peer": f"simpy {simpy.__version__}, {arguments.style}",
                "workload": arguments.workload,
                "seed": arguments.seed,
                "scale": arguments.scale,
                "requests": front.requests,
                "completed": front.completed,
                "lost": front.lost,
                "in_flight_end": in_flight,
                "p50_ms": round(float(p50), 3),
                "p99_ms": round(float(p99), 3),
                "wall_s": round(wall, 6),
                "requests_per_s": round(front.requests / wall),
                "ns_per_request": round(wall * 1e9 / front.requests, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
