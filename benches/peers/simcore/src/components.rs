//! The load balancer and the targets as components with messages between them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use serde::Serialize;
use simcore::{Event, EventHandler, Id, Simulation, SimulationContext, cast};

use crate::{Arrival, Completion, Deregistration, Expiry, Front, Outcome, Workload};

/// From the load balancer to a target.
#[derive(Clone, Serialize)]
struct Request {
    target: u32,
    arrival: f64,
    service: f64,
}

/// From a target to the load balancer.
#[derive(Clone, Serialize)]
struct Response {
    target: u32,
    arrival: f64,
}

/// From the load balancer to a target: the delay is over.
#[derive(Clone, Serialize)]
struct Cut {
    target: u32,
}

/// From a target to the load balancer: so many were cut.
#[derive(Clone, Serialize)]
struct Lost {
    target: u32,
    requests: u32,
}

struct LoadBalancer {
    context: SimulationContext,
    front: Front,
    targets: Vec<Id>,
}

impl LoadBalancer {
    fn on_arrival(&mut self) {
        let (target, service) = self.front.arrive(&self.context);
        let request = Request {
            target,
            arrival: self.context.time(),
            service,
        };
        self.context
            .emit_now(request, self.targets[target as usize]);
    }

    fn on_response(&mut self, target: u32, arrival: f64) {
        self.front.finish(target, self.context.time() - arrival);
    }

    fn on_expiry(&mut self) {
        for target in 0..self.front.workload.deregistered() {
            let cut = Cut {
                target: target as u32,
            };
            self.context.emit_now(cut, self.targets[target]);
        }
    }
}

impl EventHandler for LoadBalancer {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Arrival {} => {
                self.on_arrival();
            }
            Response { target, arrival } => {
                self.on_response(target, arrival);
            }
            Deregistration {} => {
                self.front.deregister(&self.context);
            }
            Expiry {} => {
                self.on_expiry();
            }
            Lost { target, requests } => {
                self.front.lose(target as usize, requests);
            }
        })
    }
}

struct Target {
    context: SimulationContext,
    load_balancer: Id,
    servers: u32,
    busy: u32,
    /// Arrival and service time of those that wait.
    queue: VecDeque<(f64, f64)>,
    in_system: u32,
    expired: bool,
}

impl Target {
    fn on_request(&mut self, target: u32, arrival: f64, service: f64) {
        self.in_system += 1;
        if self.servers != 0 && self.busy == self.servers {
            self.queue.push_back((arrival, service));
        } else {
            self.busy += 1;
            self.context
                .emit_self(Completion { target, arrival }, service);
        }
    }

    fn on_completion(&mut self, target: u32, arrival: f64) {
        if self.expired {
            return;
        }
        self.in_system -= 1;
        if let Some((arrival, service)) = self.queue.pop_front() {
            self.context
                .emit_self(Completion { target, arrival }, service);
        } else {
            self.busy -= 1;
        }
        self.context
            .emit_now(Response { target, arrival }, self.load_balancer);
    }

    fn on_cut(&mut self, target: u32) {
        self.expired = true;
        let requests = self.in_system;
        self.context
            .emit_now(Lost { target, requests }, self.load_balancer);
    }
}

impl EventHandler for Target {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Request {
                target,
                arrival,
                service,
            } => {
                self.on_request(target, arrival, service);
            }
            Completion { target, arrival } => {
                self.on_completion(target, arrival);
            }
            Cut { target } => {
                self.on_cut(target);
            }
        })
    }
}

pub fn run(workload: Workload, seed: u64) -> Outcome {
    let mut simulation = Simulation::new(seed);
    let load_balancer = Rc::new(RefCell::new(LoadBalancer {
        context: simulation.create_context("load-balancer"),
        front: Front::new(workload),
        targets: Vec::new(),
    }));
    let id = simulation.add_handler("load-balancer", load_balancer.clone());
    for number in 0..workload.targets {
        let name = format!("target-{number}");
        let target = Target {
            context: simulation.create_context(&name),
            load_balancer: id,
            servers: workload.servers,
            busy: 0,
            queue: VecDeque::new(),
            in_system: 0,
            expired: false,
        };
        let target = simulation.add_handler(&name, Rc::new(RefCell::new(target)));
        load_balancer.borrow_mut().targets.push(target);
    }
    {
        let load_balancer = load_balancer.borrow();
        load_balancer.front.start(&load_balancer.context);
    }
    simulation.step_until_time(workload.horizon);
    Outcome::new(&load_balancer.borrow().front, simulation.event_count())
}
