//! The workloads of the comparison, as numbers.

const SECOND: u64 = 1_000_000_000;

/// One workload. Times are in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    pub targets: usize,
    /// Arrivals a second, Poisson.
    pub rate: f64,
    pub horizon: u64,
    /// When the first targets are deregistered.
    pub deregister_at: u64,
    /// How many are deregistered, lowest numbers first.
    pub deregistered: usize,
    /// What is on them this long afterwards is lost.
    pub delay: u64,
    /// Least outstanding requests, lowest number first among equals; else round robin.
    pub least_outstanding: bool,
    /// Requests a target serves at a time, first come first served; 0 is without limit.
    pub servers: u32,
    /// Logarithm of the median service time in seconds.
    pub service_mu: f64,
    pub service_sigma: f64,
}

impl Workload {
    /// The workload of that name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        let small = Self {
            targets: 100,
            rate: 1e4,
            horizon: 100 * SECOND,
            deregister_at: 50 * SECOND,
            deregistered: 10,
            delay: SECOND,
            least_outstanding: false,
            servers: 0,
            // a mean of 200 ms
            service_mu: libm::log(0.2) - 0.5,
            service_sigma: 1.0,
        };
        Some(match name {
            "W1" => small,
            "W2" => Self {
                least_outstanding: true,
                ..small
            },
            "W3" => Self {
                servers: 32,
                ..small
            },
            "W3-24" => Self {
                servers: 24,
                ..small
            },
            "W4" => Self {
                targets: 10_000,
                rate: 1e6,
                horizon: 10 * SECOND,
                deregister_at: 5 * SECOND,
                deregistered: 1_000,
                ..small
            },
            _ => return None,
        })
    }

    /// Sets the delay of the drain, in seconds.
    pub fn set_delay(&mut self, seconds: f64) {
        self.delay = (seconds * SECOND as f64) as u64;
    }

    /// Whether nothing that happens later can change when a request ends.
    pub fn fate_is_known_at_arrival(&self) -> bool {
        self.servers == 0 && !self.least_outstanding
    }
}
