//! The rules of the clouds, each pinned by a small example. The ids are those of `docs/DESIGN.md`.

mod alibaba;
mod alibaba_clb;
mod alibaba_kinds;
mod capacity;
mod classic;
mod draining;
mod ess_health;
mod ess_hooks;
mod ess_scaling;
mod forward;
mod gateway;
mod group;
mod health;
mod hooks;
mod lattice;
mod loss;
mod network;
mod power;
mod refresh;
mod replacement;
mod stopping;
mod tracking;
mod warm_pool;
mod weight;
mod zone;
