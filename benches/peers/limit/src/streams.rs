//! The random numbers of a run: one stream of gaps between arrivals, one of service times.

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use rand_distr::{Distribution, Exp1, StandardNormal};

use crate::exponential::exp;
use crate::workload::Workload;

#[derive(Debug)]
pub struct Streams {
    arrivals: ChaCha8Rng,
    services: ChaCha8Rng,
    /// Mean gap between arrivals \[ns\].
    gap: f64,
    mu: f64,
    sigma: f64,
}

impl Streams {
    pub fn new(workload: &Workload, seed: u64) -> Self {
        Self {
            arrivals: ChaCha8Rng::seed_from_u64(seed),
            services: ChaCha8Rng::seed_from_u64(seed ^ 0x9E37_79B9_7F4A_7C15),
            gap: 1e9 / workload.rate,
            mu: workload.service_mu,
            sigma: workload.service_sigma,
        }
    }

    /// Time to the next arrival \[ns\], exponential.
    #[inline(always)]
    pub fn gap(&mut self) -> u64 {
        let unit: f64 = Exp1.sample(&mut self.arrivals);
        (unit * self.gap) as u64
    }

    /// A service time \[ns\], lognormal.
    #[inline(always)]
    pub fn service(&mut self) -> u64 {
        let normal: f64 = StandardNormal.sample(&mut self.services);
        (exp(self.mu + self.sigma * normal) * 1e9) as u64
    }
}
