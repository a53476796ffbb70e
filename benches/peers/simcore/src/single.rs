//! The whole system as one component that sends messages to itself.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use simcore::{Event, EventHandler, Simulation, SimulationContext, cast};

use crate::{Arrival, Completion, Deregistration, Expiry, Front, Outcome, Workload};

#[derive(Default)]
struct Target {
    busy: u32,
    /// Arrival and service time of those that wait.
    queue: VecDeque<(f64, f64)>,
    expired: bool,
}

struct System {
    context: SimulationContext,
    front: Front,
    targets: Vec<Target>,
}

impl System {
    fn on_arrival(&mut self) {
        let (target, service) = self.front.arrive(&self.context);
        let arrival = self.context.time();
        let servers = self.front.workload.servers;
        let chosen = &mut self.targets[target as usize];
        if servers != 0 && chosen.busy == servers {
            chosen.queue.push_back((arrival, service));
        } else {
            chosen.busy += 1;
            self.context
                .emit_self(Completion { target, arrival }, service);
        }
    }

    fn on_completion(&mut self, target: u32, arrival: f64) {
        let server = &mut self.targets[target as usize];
        if server.expired {
            return;
        }
        if let Some((arrival, service)) = server.queue.pop_front() {
            self.context
                .emit_self(Completion { target, arrival }, service);
        } else {
            server.busy -= 1;
        }
        self.front.finish(target, self.context.time() - arrival);
    }

    fn on_expiry(&mut self) {
        for number in 0..self.front.workload.deregistered() {
            self.targets[number].expired = true;
            self.front.lose(number, self.front.outstanding[number]);
        }
    }
}

impl EventHandler for System {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Arrival {} => {
                self.on_arrival();
            }
            Completion { target, arrival } => {
                self.on_completion(target, arrival);
            }
            Deregistration {} => {
                self.front.deregister(&self.context);
            }
            Expiry {} => {
                self.on_expiry();
            }
        })
    }
}

pub fn run(workload: Workload, seed: u64) -> Outcome {
    let mut simulation = Simulation::new(seed);
    let system = Rc::new(RefCell::new(System {
        context: simulation.create_context("system"),
        front: Front::new(workload),
        targets: (0..workload.targets).map(|_| Target::default()).collect(),
    }));
    simulation.add_handler("system", system.clone());
    {
        let system = system.borrow();
        system.front.start(&system.context);
    }
    simulation.step_until_time(workload.horizon);
    Outcome::new(&system.borrow().front, simulation.event_count())
}
