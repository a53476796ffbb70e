//! Fleets for tests: a small language of builders, and a laboratory that runs them step by step.
//!
//! A fleet begins as one zone, one Application Load Balancer and one target group of loose
//! machines, without any lag, and says only what differs. The laboratory makes changes as a
//! driver of the timeline would: at (time, call phase), each change an entry with a culprit.

use std::sync::Arc;

use drainsim::engine::kernel::{Kernel, Observer, Stopped};
use drainsim::engine::phase::Phase;
use drainsim::engine::time::{SimDuration, SimTime};
use drainsim::metrics::collector::Collector;
use drainsim::metrics::measurements::{DrainMeasurement, Measurements};
use drainsim::model::assumption::Assumptions;
use drainsim::model::cloud::Cloud;
use drainsim::model::event::Cx;
use drainsim::model::ids::{
    EntryId, GroupId, InstanceId, LaunchTemplateId, ListenerId, RegistrationId, TargetGroupId,
    ZoneId,
};
use drainsim::model::lb::{self, Attributes};
use drainsim::model::lifecycle::LifecycleState;
use drainsim::model::record::Record;
use drainsim::model::settings::{
    ClientSettings, FleetSettings, GroupRules, GroupSettings, GroupSourceSettings,
    InstanceSettings, LaunchTemplateSettings, ListenerSettings, LoadBalancerSettings, Provider,
    ServiceTimes, ShutdownSettings, ShutdownThen, ShutdownWhen, TargetGroupSettings,
    TargetSettings, TargetType, WorkloadSettings,
};
use drainsim::model::source::AttachedVia;
use drainsim::workload::args::{ArgValue, Args};
use drainsim::workload::arrivals::{ArrivalProcess, process};
use drainsim::workload::dist::{Sampler, family};

/// No limit on events that a test could reach.
const EVENTS: u64 = 1 << 40;

pub(crate) const WEB: TargetGroupId = TargetGroupId(0);
pub(crate) const ASG: GroupId = GroupId(0);

pub(crate) fn secs(secs: u64) -> SimDuration {
    SimDuration::from_secs(secs)
}

pub(crate) fn ms(millis: u64) -> SimDuration {
    SimDuration::from_millis(millis)
}

pub(crate) fn at(secs: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(secs)
}

pub(crate) fn at_ms(millis: u64) -> SimTime {
    SimTime::ZERO + ms(millis)
}

pub(crate) fn constant(span: SimDuration) -> Sampler {
    Sampler::from_constant(span)
}

/// A sampler of `name`, its arguments given by key.
pub(crate) fn sampler<const N: usize>(name: &str, args: [(&str, ArgValue); N]) -> Sampler {
    let args = args
        .into_iter()
        .fold(Args::new(), |args, (key, value)| args.with(key, value));
    family(name).unwrap().build(&args).unwrap()
}

pub(crate) fn exponential(mean: SimDuration) -> Sampler {
    sampler("exponential", [("mean", ArgValue::Duration(mean))])
}

/// One of `millis`, all as likely; a constant when there is only one.
pub(crate) fn one_of(millis: &[u64], scale: u64) -> Sampler {
    let span = |m: &u64| ms(m * scale);
    if let [only] = millis {
        return constant(span(only));
    }
    let values: Arc<[SimDuration]> = millis.iter().map(span).collect();
    sampler("empirical", [("file", ArgValue::Durations(values))])
}

pub(crate) fn poisson(rate: f64) -> ArrivalProcess {
    let args = Args::new().with("rate", ArgValue::Rate(rate));
    process("poisson").unwrap().build(&args).unwrap()
}

pub(crate) fn arrivals_at(times: impl IntoIterator<Item = SimTime>) -> ArrivalProcess {
    let times: Arc<[SimTime]> = times.into_iter().collect();
    if times.is_empty() {
        return ArrivalProcess::Never;
    }
    let args = Args::new().with("file", ArgValue::Times(times));
    process("trace").unwrap().build(&args).unwrap()
}

/// Attributes of a target group of `kind` with some of them given.
pub(crate) fn target_attributes(kind: &'static dyn lb::Kind, given: &[(&str, &str)]) -> Attributes {
    let given = given
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()));
    Attributes::with_defaults(kind.target_group_attributes(), given.collect())
}

pub(crate) fn template(name: &str) -> LaunchTemplateSettings {
    LaunchTemplateSettings {
        name: name.to_owned(),
        boot: constant(secs(30)),
        ready: constant(secs(10)),
        concurrency: None,
        queue: None,
        shutdown: ShutdownSettings {
            when: ShutdownWhen::Terminate,
            pre_stop: SimDuration::ZERO,
            then: ShutdownThen::Finish,
            grace: secs(30),
        },
    }
}

/// A fleet, by its settings.
#[derive(Debug, Clone)]
pub(crate) struct Fleet(pub FleetSettings);

impl Fleet {
    /// One zone, one balancer `front` of `kind` forwarding to the target group `web`.
    fn of_kind(kind: &'static dyn lb::Kind, provider: Provider) -> Self {
        let mut assumptions = Assumptions::default();
        for lag in [
            &mut assumptions.propagation_alb,
            &mut assumptions.forwarding_alb,
            &mut assumptions.propagation_alibaba_alb,
            &mut assumptions.propagation_alibaba_nlb,
            &mut assumptions.propagation_alibaba_gwlb,
            &mut assumptions.propagation_alibaba_clb,
            &mut assumptions.registration_alb,
            &mut assumptions.registration_alibaba_alb,
            &mut assumptions.registration_alibaba_nlb,
            &mut assumptions.registration_alibaba_gwlb,
            &mut assumptions.registration_alibaba_clb,
            &mut assumptions.propagation_nlb,
            &mut assumptions.propagation_gwlb,
            &mut assumptions.registration_gwlb,
            &mut assumptions.registration_nlb,
            &mut assumptions.unhealthy_nlb,
            &mut assumptions.forwarding_nlb,
            &mut assumptions.propagation_clb,
            &mut assumptions.registration_clb,
            &mut assumptions.propagation_lattice,
            &mut assumptions.registration_lattice,
        ] {
            *lag = constant(SimDuration::ZERO);
        }
        Self(FleetSettings {
            seed: 1,
            start_unix_s: 1_767_225_600,
            warm_up: SimTime::ZERO,
            zones: vec!["a".to_owned()],
            load_balancers: vec![LoadBalancerSettings {
                name: "front".to_owned(),
                kind,
                zones: vec![ZoneId(0)],
                attributes: Attributes::with_defaults(
                    kind.attributes(),
                    std::collections::BTreeMap::new(),
                ),
                identifier: "loadbalancer/front".to_owned(),
            }],
            listeners: vec![ListenerSettings {
                name: "https".to_owned(),
                load_balancer: 0,
                identifier: "listener/https".to_owned(),
                rule: None,
                forward: vec![(WEB, 1)],
            }],
            target_groups: vec![target_group("web", kind, provider, &[])],
            launch_templates: vec![template("web-v1")],
            instances: Vec::new(),
            groups: Vec::new(),
            workloads: Vec::new(),
            assumptions,
        })
    }

    /// An AWS fleet without machines.
    pub(crate) fn aws() -> Self {
        Self::of_kind(lb::kind("application").unwrap(), Provider::Aws)
    }

    /// An Alibaba Cloud fleet without machines.
    pub(crate) fn alibaba() -> Self {
        Self::alibaba_behind("alibaba:alb")
    }

    /// An Alibaba Cloud fleet without machines behind a load balancer of this kind.
    pub(crate) fn alibaba_behind(kind: &str) -> Self {
        Self::of_kind(lb::kind(kind).unwrap(), Provider::Alibaba)
    }

    /// An Alibaba Cloud fleet without machines behind a Classic Load Balancer.
    pub(crate) fn clb() -> Self {
        Self::of_kind(lb::kind("alibaba:clb").unwrap(), Provider::Alibaba)
    }

    /// An AWS fleet without machines behind a Network Load Balancer.
    pub(crate) fn nlb() -> Self {
        Self::of_kind(lb::kind("network").unwrap(), Provider::Aws)
    }

    /// An AWS fleet without machines behind a Gateway Load Balancer.
    pub(crate) fn gwlb() -> Self {
        Self::of_kind(lb::kind("gateway").unwrap(), Provider::Aws)
    }

    /// An AWS fleet without machines behind a Classic Load Balancer.
    pub(crate) fn classic() -> Self {
        let kind = lb::kind("classic").unwrap();
        let mut fleet = Self::of_kind(kind, Provider::Aws);
        // its instances have the attributes of the balancer
        let attributes = fleet.0.load_balancers[0].attributes.clone();
        fleet.0.target_groups[0].attributes = attributes;
        fleet
    }

    /// The same with connection draining of so many seconds.
    pub(crate) fn classic_draining(secs: u64) -> Self {
        Self::classic()
            .attribute("ConnectionDraining.Enabled", "true")
            .attribute("ConnectionDraining.Timeout", &secs.to_string())
    }

    /// An AWS fleet without machines behind a service of VPC Lattice.
    pub(crate) fn lattice() -> Self {
        Self::of_kind(lb::kind("lattice").unwrap(), Provider::Aws)
    }

    pub(crate) fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }

    /// As many zones, the balancer enabled in all of them.
    pub(crate) fn zones(mut self, count: u32) -> Self {
        let names = ["a", "b", "c"];
        self.0.zones = names
            .iter()
            .take(count as usize)
            .map(|&name| name.to_owned())
            .collect();
        self.0.load_balancers[0].zones = (0..count).map(ZoneId).collect();
        self
    }

    /// `count` more machines, registered with `web` by hand, spread over the zones.
    pub(crate) fn machines(mut self, count: usize) -> Self {
        for _ in 0..count {
            let instance = self.0.instances.len();
            let zones = self.0.zones.len();
            self.0.instances.push(InstanceSettings {
                name: format!("m{instance}"),
                id: format!("i-{instance:017x}"),
                zone: ZoneId::from_index(instance % zones),
                launch_template: LaunchTemplateId(0),
            });
            self.0.target_groups[0].targets.push(TargetSettings {
                instance,
                id: format!("i-{instance:017x}"),
                port: 80,
                weight: 100,
            });
        }
        self
    }

    /// One group over all zones with `web` as its source.
    pub(crate) fn group(mut self, min: u32, desired: u32, max: u32) -> Self {
        let provider = self.0.target_groups[0].provider;
        let number = self.0.groups.len();
        self.0.groups.push(GroupSettings {
            name: format!("asg{number}"),
            provider,
            identifier: format!("asg{number}"),
            min_size: min,
            max_size: max,
            desired_capacity: desired,
            zones: (0..self.0.zones.len()).map(ZoneId::from_index).collect(),
            launch_template: LaunchTemplateId(0),
            sources: vec![GroupSourceSettings {
                target_group: WEB,
                port: 80,
                weight: 100,
                attached_via: AttachedVia::Unknown,
            }],
            elb_health_check: true,
            health_check_grace_period: SimDuration::ZERO,
            rules: GroupRules::default(),
            hooks: Vec::new(),
            instance_ids: (0..desired)
                .map(|member| format!("i-{:04x}{member:013x}", 0xa000 + number))
                .collect(),
        });
        self
    }

    /// Sets an attribute of every target group.
    pub(crate) fn attribute(mut self, key: &str, value: &str) -> Self {
        for group in &mut self.0.target_groups {
            group.attributes.set(key.to_owned(), value.to_owned());
        }
        self
    }

    /// The deregistration delay of every target group.
    pub(crate) fn delay(self, secs: u64) -> Self {
        self.attribute("deregistration_delay.timeout_seconds", &secs.to_string())
    }

    /// How late nodes learn of deregistrations.
    pub(crate) fn propagation(mut self, lag: Sampler) -> Self {
        self.0.assumptions.propagation_alb = lag.clone();
        self.0.assumptions.propagation_nlb = lag.clone();
        self.0.assumptions.propagation_gwlb = lag.clone();
        self.0.assumptions.propagation_clb = lag.clone();
        self.0.assumptions.propagation_lattice = lag.clone();
        self.0.assumptions.propagation_alibaba_alb = lag.clone();
        self.0.assumptions.propagation_alibaba_nlb = lag.clone();
        self.0.assumptions.propagation_alibaba_gwlb = lag.clone();
        self.0.assumptions.propagation_alibaba_clb = lag;
        self
    }

    /// How late nodes learn of registrations.
    pub(crate) fn registration(mut self, lag: Sampler) -> Self {
        self.0.assumptions.registration_alb = lag.clone();
        self.0.assumptions.registration_nlb = lag.clone();
        self.0.assumptions.registration_gwlb = lag.clone();
        self.0.assumptions.registration_alibaba_alb = lag.clone();
        self.0.assumptions.registration_alibaba_nlb = lag.clone();
        self.0.assumptions.registration_alibaba_gwlb = lag.clone();
        self.0.assumptions.registration_alibaba_clb = lag;
        self
    }

    /// How machines behave.
    pub(crate) fn machine(mut self, change: impl FnOnce(&mut LaunchTemplateSettings)) -> Self {
        change(&mut self.0.launch_templates[0]);
        self
    }

    /// Anything else.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut FleetSettings)) -> Self {
        change(&mut self.0);
        self
    }

    /// A workload on the listener.
    pub(crate) fn traffic(mut self, arrivals: ArrivalProcess, service: Sampler) -> Self {
        let name = format!("load{}", self.0.workloads.len());
        self.0.workloads.push(WorkloadSettings {
            name,
            listener: ListenerId(0),
            arrivals,
            service: ServiceTimes::Distribution(service),
            client: ClientSettings::default(),
        });
        self
    }

    /// Requests one by one: when each arrives and how long it takes, in milliseconds.
    pub(crate) fn requests(mut self, requests: &[(u64, u64)]) -> Self {
        let arrivals = arrivals_at(requests.iter().map(|&(at, _)| at_ms(at)));
        let services: Arc<[SimDuration]> = requests.iter().map(|&(_, span)| ms(span)).collect();
        self = self.traffic(arrivals, constant(SimDuration::ZERO));
        self.0.workloads.last_mut().unwrap().service = ServiceTimes::Trace(services);
        self
    }

    /// What the clients of the last workload do.
    pub(crate) fn client(mut self, timeout: Option<SimDuration>, retries: u32) -> Self {
        self.0.workloads.last_mut().unwrap().client = ClientSettings { timeout, retries };
        self
    }

    /// Ready to run, every event checked.
    pub(crate) fn lab(self) -> Lab {
        Lab::new(self.0, true)
    }

    /// Ready to run without checking every event: for long runs.
    pub(crate) fn quick_lab(self) -> Lab {
        Lab::new(self.0, false)
    }
}

pub(crate) fn target_group(
    name: &str,
    kind: &'static dyn lb::Kind,
    provider: Provider,
    given: &[(&str, &str)],
) -> TargetGroupSettings {
    TargetGroupSettings {
        name: name.to_owned(),
        provider,
        protocol: kind.protocols()[0].to_owned(),
        port: 80,
        target_type: TargetType::Instance,
        identifier: format!("tg/{name}"),
        attributes: target_attributes(kind, given),
        health_check: kind.health_check(),
        targets: Vec::new(),
    }
}

/// Collects as a run does, and keeps every record.
#[derive(Debug)]
pub(crate) struct Watcher {
    pub(crate) collector: Collector,
    pub(crate) records: Vec<(SimTime, Record)>,
}

impl Observer<Record> for Watcher {
    fn observe(&mut self, at: SimTime, record: Record) {
        self.records.push((at, record));
        self.collector.observe(at, record);
    }
}

/// A fleet in motion.
#[derive(Debug)]
pub(crate) struct Lab {
    pub(crate) kernel: Kernel<Cloud, Watcher>,
    warm_up: SimTime,
    entries: u32,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) measurements: Measurements,
    pub(crate) records: Vec<(SimTime, Record)>,
    pub(crate) digest: u64,
}

impl Lab {
    pub(crate) fn new(settings: FleetSettings, check_everything: bool) -> Self {
        let (sources, warm_up) = (settings.workloads.len(), settings.warm_up);
        let mut cloud = Cloud::new(settings, secs(1));
        if check_everything {
            cloud.check_everything();
        }
        let watcher = Watcher {
            collector: Collector::new(&cloud),
            records: Vec::new(),
        };
        let mut kernel = Kernel::new(cloud, watcher, sources);
        kernel.apply(Cloud::begin);
        Self {
            kernel,
            warm_up,
            entries: 0,
        }
    }

    pub(crate) fn cloud(&self) -> &Cloud {
        &self.kernel.world
    }

    pub(crate) fn now(&self) -> SimTime {
        self.kernel.now()
    }

    /// Runs to (`time`, call phase).
    pub(crate) fn run_to(&mut self, time: SimTime) -> &mut Self {
        let stopped = self
            .kernel
            .run_until(time, Phase::Call, EVENTS, &mut |_, _| true);
        assert_eq!(stopped, Stopped::Reached);
        self
    }

    /// Runs to (`time`, call phase) and lets `look` see the laboratory after every event.
    pub(crate) fn step_to(&mut self, time: SimTime, mut look: impl FnMut(&Self)) {
        while self.kernel.step(time, Phase::Call) {
            look(self);
        }
        self.run_to(time);
        look(self);
    }

    /// Changes the cloud now, as the next entry of the timeline.
    pub(crate) fn call<T>(&mut self, change: impl FnOnce(&mut Cloud, &mut Cx<'_>) -> T) -> T {
        let entry = EntryId(self.entries);
        self.entries += 1;
        self.kernel.apply(|cloud, cx| {
            cloud.cause = Some(entry);
            let result = change(cloud, cx);
            cloud.cause = None;
            cloud.assert_coherent(cx.now);
            result
        })
    }

    /// The registration of machine or member number `instance` with `web`.
    pub(crate) fn registration(&self, instance: u32) -> RegistrationId {
        let id = &self.cloud().instances[instance as usize].id;
        let found = self.cloud().registration_of(WEB, id, 80);
        found.unwrap_or_else(|| panic!("{id} is not registered"))
    }

    /// Deregisters machine or member number `instance` from `web`.
    pub(crate) fn deregister(&mut self, instance: u32) -> RegistrationId {
        let id = self.registration(instance);
        self.call(|cloud, cx| cloud.deregister(cx, id));
        id
    }

    /// Registers machine or member number `instance` with `web`.
    pub(crate) fn register(&mut self, instance: u32) -> RegistrationId {
        let id = self.cloud().instances[instance as usize].id.clone();
        self.call(|cloud, cx| cloud.register(cx, WEB, &id, 80, InstanceId(instance)));
        self.registration(instance)
    }

    /// Detaches members as the operation does.
    pub(crate) fn detach(&mut self, group: GroupId, members: &[InstanceId], decrement: bool) {
        self.call(|cloud, cx| {
            cloud.detach_instances(cx, group, members, decrement);
            cloud.begin_detaching(cx, group, members);
        });
    }

    /// Stops here and gives out everything measured.
    pub(crate) fn finish(self) -> Ran {
        let Self {
            mut kernel,
            warm_up,
            ..
        } = self;
        kernel.apply(|cloud, cx| {
            cloud.close_drains(cx.now);
            cloud.assert_coherent(cx.now);
        });
        let end = kernel.now();
        let Kernel {
            world, observer, ..
        } = kernel;
        let Watcher { collector, records } = observer;
        let digest = collector.digest(&world);
        Ran {
            measurements: collector.measure(world, warm_up, end),
            records,
            digest,
        }
    }

    /// Runs to `time` and stops there.
    pub(crate) fn finish_at(mut self, time: SimTime) -> Ran {
        self.run_to(time);
        self.finish()
    }
}

impl Ran {
    pub(crate) fn drain(&self, place: usize) -> &DrainMeasurement {
        &self.measurements.drains[place]
    }

    /// Lost requests by (workload, place among its requests).
    pub(crate) fn lost(&self) -> std::collections::BTreeSet<(u32, u64)> {
        let losses = self.measurements.losses.iter();
        losses.map(|loss| (loss.workload.0, loss.request)).collect()
    }
}

/// When an instance came into a lifecycle state.
pub(crate) fn when(lab: &Lab, id: u32, state: LifecycleState) -> Option<SimTime> {
    let wanted = Record::Lifecycle(InstanceId(id), state);
    let mut records = lab.kernel.observer.records.iter();
    records
        .find(|(_, record)| *record == wanted)
        .map(|(at, _)| *at)
}

/// The states an instance went through, with the second of each.
pub(crate) fn history(lab: &Lab, id: u32) -> Vec<(LifecycleState, u64)> {
    let records = lab.kernel.observer.records.iter();
    records
        .filter_map(|(at, record)| {
            let Record::Lifecycle(instance, state) = record else {
                return None;
            };
            let second = at.since(SimTime::ZERO).as_nanos() / 1_000_000_000;
            (*instance == InstanceId(id)).then_some((*state, second))
        })
        .collect()
}
