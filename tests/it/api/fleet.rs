//! A builder of small fleets, and a site on which calls are made to them.

use std::collections::BTreeMap;

use drainsim::api::{ApiError, Call, operation};
use drainsim::engine::kernel::{Kernel, Observer};
use drainsim::engine::phase::Phase;
use drainsim::engine::time::{SimDuration, SimTime};
use drainsim::model::assumption::Assumptions;
use drainsim::model::cloud::Cloud;
use drainsim::model::ids::{InstanceId, LaunchTemplateId, ListenerId, TargetGroupId, ZoneId};
use drainsim::model::lb::{Attributes, Kind, kind};
use drainsim::model::record::Record;
use drainsim::model::settings::{
    FleetSettings, GroupRules, GroupSettings, GroupSourceSettings, InstanceSettings,
    LaunchTemplateSettings, ListenerSettings, LoadBalancerSettings, Provider, RuleSettings,
    ShutdownSettings, ShutdownThen, ShutdownWhen, TargetGroupSettings, TargetSettings, TargetType,
};
use drainsim::model::source::AttachedVia;
use drainsim::workload::dist::Sampler;
use serde_json::{Value, json};

/// The target group of the seed pages.
pub(crate) const WEB: &str =
    "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067";
/// A second target group.
pub(crate) const API: &str =
    "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/api/0123456789abcdef";
/// What a target group nobody has would be called.
pub(crate) const NOBODYS: &str =
    "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/nobodys/73e2d6bc24d8a067";
/// A target group of IP addresses.
pub(crate) const ADDRESSES: &str =
    "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/addresses/fedcba9876543210";
/// The Auto Scaling group of the seed pages.
pub(crate) const GROUP: &str = "my-auto-scaling-group";
/// The load balancer.
pub(crate) const FRONT: &str =
    "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/front/50dc6c495c0c9188";
/// Its listeners, without their number: each forwards to the target group with this number.
pub(crate) const LISTENER: &str = "arn:aws:elasticloadbalancing:us-west-2:123456789012:listener/app/front/50dc6c495c0c9188/f2f7dc8efc522ab";
/// A rule of the first listener.
pub(crate) const RULE: &str = "arn:aws:elasticloadbalancing:us-west-2:123456789012:listener-rule/app/front/50dc6c495c0c9188/f2f7dc8efc522ab0/9683b2d02a6cabee";
/// A Classic Load Balancer.
pub(crate) const CLASSIC: &str = "my-load-balancer";
/// A target group of VPC Lattice.
pub(crate) const LATTICE: &str =
    "arn:aws:vpc-lattice:us-west-2:123456789012:targetgroup/tg-0eaa4b9ab4abcdef0";
/// A server group.
pub(crate) const SERVERS: &str = "sgp-1gv2uidn2msy";
/// A scaling group.
pub(crate) const SCALING_GROUP: &str = "asg-bp18p2yfxow2dloq";

/// The answer to a call that begins an activity beside another one.
pub(crate) const BUSY: (&str, u16, &str) = (
    "ScalingActivityInProgress",
    400,
    "You cannot delete a scaling group or launch a new scaling activity while there is a scaling \
     activity in progress for the specified scaling group.",
);
/// The answer to a call that the state of a scaling group does not allow.
pub(crate) const WRONG_STATUS: (&str, u16, &str) = (
    "IncorrectScalingGroupStatus",
    400,
    "The current status of the specified scaling group does not support this action.",
);
/// The answer to a call that a scaling group does not support.
pub(crate) const DENIED: (&str, u16, &str) = (
    "OperationDenied",
    400,
    "This operation is denied because the specified scaling group does not support this action.",
);
/// The answer to a call about a scaling group that nobody has.
pub(crate) const NO_GROUP: (&str, u16, &str) = (
    "InvalidScalingGroupId.NotFound",
    404,
    "The specified scaling group does not exist.",
);

/// A request about [`SCALING_GROUP`].
pub(crate) fn about_group() -> Value {
    json!({"RegionId": "cn-hangzhou", "ScalingGroupId": SCALING_GROUP})
}

/// A request about instances and [`SCALING_GROUP`].
pub(crate) fn about_instances(ids: &[&str]) -> Value {
    with(about_group(), "InstanceIds", json!(ids))
}

/// A request that also says something else.
pub(crate) fn with(mut params: Value, key: &str, value: Value) -> Value {
    params[key] = value;
    params
}

/// A request that also says all of `more`.
pub(crate) fn with_all(mut params: Value, more: Value) -> Value {
    for (key, value) in more.as_object().into_iter().flatten() {
        params[key] = value.clone();
    }
    params
}

/// Settings of a small fleet.
#[derive(Debug, Clone)]
pub(crate) struct Fleet(pub(crate) FleetSettings);

impl Fleet {
    /// Two zones with an Application Load Balancer of AWS, or with an ALB of Alibaba Cloud, and no
    /// target group yet. Nothing takes a random time except propagation.
    pub(crate) fn new(provider: Provider) -> Self {
        match provider {
            Provider::Aws => Self::with_front("application", "front"),
            Provider::Alibaba => Self::with_front("alibaba:alb", "alb-front"),
        }
    }

    fn with_front(name: &str, id: &str) -> Self {
        let kind = kind(name).expect("the kind is registered");
        let seconds = |s| Sampler::from_constant(SimDuration::from_secs(s));
        Self(FleetSettings {
            seed: 7,
            start_unix_s: 1_767_225_600,
            warm_up: SimTime::ZERO,
            zones: vec!["us-west-2a".to_owned(), "us-west-2b".to_owned()],
            load_balancers: vec![LoadBalancerSettings {
                name: id.to_owned(),
                kind,
                zones: vec![ZoneId(0), ZoneId(1)],
                attributes: Attributes::with_defaults(kind.attributes(), BTreeMap::new()),
                identifier: FRONT.to_owned(),
            }],
            listeners: Vec::new(),
            target_groups: Vec::new(),
            launch_templates: vec![LaunchTemplateSettings {
                name: "web-v1".to_owned(),
                boot: seconds(35),
                ready: seconds(15),
                concurrency: None,
                queue: None,
                shutdown: ShutdownSettings {
                    when: ShutdownWhen::Terminate,
                    pre_stop: SimDuration::ZERO,
                    then: ShutdownThen::Finish,
                    grace: SimDuration::from_secs(60),
                },
            }],
            instances: Vec::new(),
            groups: Vec::new(),
            workloads: Vec::new(),
            assumptions: Assumptions::default(),
        })
    }

    /// A fleet of AWS with the target group [`WEB`] on port 80 and a delay of 30 s.
    pub(crate) fn aws() -> Self {
        Self::new(Provider::Aws)
            .target_group(WEB, TargetType::Instance)
            .attribute("deregistration_delay.timeout_seconds", "30")
    }

    /// A fleet of Alibaba Cloud with the server group [`SERVERS`] on port 22, and the scaling group
    /// [`SCALING_GROUP`] of four instances, two at least, that serves it.
    pub(crate) fn alibaba() -> Self {
        Self::alibaba_behind("alibaba:alb")
    }

    /// The same behind a load balancer of this kind; on port 6081 if it is one of appliances.
    pub(crate) fn alibaba_behind(kind: &str) -> Self {
        Self::with_front(kind, "alb-front")
            .target_group(SERVERS, TargetType::Instance)
            .group(
                SCALING_GROUP,
                (2, 6, 4),
                &["i-bp1a", "i-bp1b", "i-bp1c", "i-bp1d"],
            )
    }

    fn provider(&self) -> Provider {
        self.kind().provider()
    }

    fn kind(&self) -> &'static dyn Kind {
        self.0.load_balancers[0].kind
    }

    /// Adds a target group that a listener of its own forwards to.
    pub(crate) fn target_group(mut self, identifier: &str, target_type: TargetType) -> Self {
        let id = TargetGroupId::from_index(self.0.target_groups.len());
        let kind = self.kind();
        let port = match self.provider() {
            Provider::Aws => 80,
            Provider::Alibaba => kind.port().unwrap_or(22),
        };
        self.0.target_groups.push(TargetGroupSettings {
            name: format!("target-group-{}", id.0),
            provider: self.provider(),
            protocol: kind.protocols()[0].to_owned(),
            port,
            target_type,
            identifier: identifier.to_owned(),
            attributes: Attributes::with_defaults(kind.target_group_attributes(), BTreeMap::new()),
            health_check: kind.health_check(),
            targets: Vec::new(),
        });
        self.0.listeners.push(ListenerSettings {
            name: format!("listener-{}", id.0),
            load_balancer: 0,
            identifier: format!("{LISTENER}{}", id.0),
            rule: None,
            forward: vec![(id, 1)],
        });
        self
    }

    /// Takes its listener from the last target group: nothing forwards to it.
    pub(crate) fn unused(mut self) -> Self {
        self.0.listeners.pop();
        self
    }

    /// Adds a rule to the first listener that forwards to the last target group.
    pub(crate) fn rule(mut self) -> Self {
        let group = TargetGroupId::from_index(self.0.target_groups.len() - 1);
        self.0.listeners.push(ListenerSettings {
            name: "canary".to_owned(),
            load_balancer: 0,
            identifier: RULE.to_owned(),
            rule: Some(RuleSettings {
                listener: ListenerId(0),
                priority: 10,
            }),
            forward: vec![(group, 1)],
        });
        self
    }

    /// Adds a load balancer whose listener forwards to the last target group.
    pub(crate) fn another_balancer(mut self) -> Self {
        let mut balancer = self.0.load_balancers[0].clone();
        "other".clone_into(&mut balancer.name);
        balancer.identifier = FRONT.replace("front", "other");
        self.0.load_balancers.push(balancer);
        let listener = self.0.listeners.last_mut();
        listener.expect("it has a listener").load_balancer = 1;
        self
    }

    /// Adds a Classic Load Balancer, without connection draining; what comes next is about its
    /// instances.
    pub(crate) fn classic(self, name: &str) -> Self {
        self.behind("classic", name, name)
    }

    /// Adds a Classic Load Balancer of Alibaba Cloud; what comes next is about its default server
    /// group.
    pub(crate) fn clb(mut self, id: &str) -> Self {
        self = self.behind("alibaba:clb", id, id);
        let balancer = self.0.load_balancers.last_mut().expect("it was added");
        id.clone_into(&mut balancer.identifier);
        self
    }

    /// Adds a vServer group of the last load balancer.
    pub(crate) fn v_server_group(mut self, id: &str) -> Self {
        self = self.target_group(id, TargetType::Instance);
        let balancer = self.0.load_balancers.last().expect("it is there");
        let group = self.0.target_groups.last_mut().expect("it was added");
        group.attributes = balancer.attributes.clone();
        let listener = self.0.listeners.last_mut().expect("it was added");
        listener.load_balancer = self.0.load_balancers.len() - 1;
        self
    }

    /// Turns connection draining on for the last load balancer, a classic one.
    pub(crate) fn draining(mut self, seconds: u64) -> Self {
        let group = self.0.target_groups.last_mut().expect("it has instances");
        let balancer = self.0.load_balancers.last_mut().expect("it is there");
        for attributes in [&mut group.attributes, &mut balancer.attributes] {
            attributes.set("ConnectionDraining.Enabled".to_owned(), "true".to_owned());
            attributes.set("ConnectionDraining.Timeout".to_owned(), seconds.to_string());
        }
        self
    }

    /// Adds a service of VPC Lattice with this target group.
    pub(crate) fn lattice(self, identifier: &str) -> Self {
        self.behind("lattice", "mesh", identifier)
    }

    /// Adds a load balancer of a kind whose listener forwards to a target group of its own.
    fn behind(mut self, name: &str, balancer: &str, identifier: &str) -> Self {
        let kind = kind(name).expect("the kind is registered");
        self = self.target_group(identifier, TargetType::Instance);
        let attributes = Attributes::with_defaults(kind.attributes(), BTreeMap::new());
        let group = self.0.target_groups.last_mut().expect("it was added");
        group.attributes = attributes.clone();
        group.health_check = kind.health_check();
        let listener = self.0.listeners.last_mut().expect("it was added");
        listener.load_balancer = self.0.load_balancers.len();
        self.0.load_balancers.push(LoadBalancerSettings {
            name: balancer.to_owned(),
            kind,
            zones: vec![ZoneId(0), ZoneId(1)],
            attributes,
            identifier: format!("{FRONT}-{balancer}"),
        });
        self
    }

    /// Sets an attribute of the last target group.
    pub(crate) fn attribute(mut self, key: &str, value: &str) -> Self {
        let group = self.0.target_groups.last_mut();
        let group = group.expect("a target group was added");
        group.attributes.set(key.to_owned(), value.to_owned());
        self
    }

    /// Adds a machine outside groups, in the first zone.
    pub(crate) fn machine(mut self, id: &str) -> Self {
        self.0.instances.push(InstanceSettings {
            name: id.replace('.', "-"),
            id: id.to_owned(),
            zone: ZoneId(0),
            launch_template: LaunchTemplateId(0),
        });
        self
    }

    /// What processes do when they are told to stop.
    pub(crate) fn shutdown(mut self, then: ShutdownThen) -> Self {
        self.0.launch_templates[0].shutdown.then = then;
        self
    }

    /// Registers the last machine with the last target group.
    pub(crate) fn registered(mut self, port: u16) -> Self {
        let instance = self.0.instances.len() - 1;
        let id = self.0.instances[instance].id.clone();
        let group = self.0.target_groups.last_mut();
        let group = group.expect("a target group was added");
        group.targets.push(TargetSettings {
            instance,
            id,
            port,
            weight: 100,
        });
        self
    }

    /// Adds a group of sizes (minimum, maximum, desired) that serves every target group of
    /// instances there is; `ids` are its instances.
    pub(crate) fn group(mut self, name: &str, sizes: (u32, u32, u32), ids: &[&str]) -> Self {
        let sources = (0..).zip(&self.0.target_groups);
        let sources = sources
            .filter(|(_, group)| group.target_type == TargetType::Instance)
            .map(|(id, group)| GroupSourceSettings {
                target_group: TargetGroupId(id),
                port: group.port,
                weight: 100,
                attached_via: AttachedVia::Unknown,
            })
            .collect();
        self.0.groups.push(GroupSettings {
            name: name.to_owned(),
            provider: self.provider(),
            identifier: name.to_owned(),
            min_size: sizes.0,
            max_size: sizes.1,
            desired_capacity: sizes.2,
            zones: vec![ZoneId(0), ZoneId(1)],
            launch_template: LaunchTemplateId(0),
            sources,
            elb_health_check: false,
            health_check_grace_period: SimDuration::ZERO,
            rules: GroupRules::default(),
            hooks: Vec::new(),
            instance_ids: ids.iter().map(|&id| id.to_owned()).collect(),
        });
        self
    }

    /// The site at 0 s.
    pub(crate) fn site(self) -> Site {
        let mut cloud = Cloud::new(self.0, SimDuration::from_secs(1));
        cloud.check_everything();
        let mut kernel = Kernel::new(cloud, Log::default(), 0);
        kernel.apply(Cloud::begin);
        Site { kernel }
    }
}

/// The records of a run.
#[derive(Debug, Default)]
pub(crate) struct Log(pub(crate) Vec<(SimTime, Record)>);

impl Observer<Record> for Log {
    fn observe(&mut self, at: SimTime, record: Record) {
        self.0.push((at, record));
    }
}

/// A running fleet to make calls to. The whole state is checked at every event and call.
#[derive(Debug)]
pub(crate) struct Site {
    kernel: Kernel<Cloud, Log>,
}

impl Site {
    /// The cloud.
    pub(crate) fn cloud(&self) -> &Cloud {
        &self.kernel.world
    }

    /// Runs to `seconds`.
    pub(crate) fn run_to(&mut self, seconds: u64) {
        let at = SimTime::ZERO + SimDuration::from_secs(seconds);
        self.kernel
            .run_until(at, Phase::Call, u64::MAX, &mut |_, _| true);
        self.cloud().assert_coherent(at);
    }

    /// Makes a call. One that is refused must leave the whole state as it was.
    pub(crate) fn call(&mut self, name: &str, params: Value) -> Result<Value, ApiError> {
        let operation = operation(name).expect("the operation is registered");
        let before = format!("{:?}", self.cloud());
        let answer = self
            .kernel
            .apply(|cloud, cx| (operation.apply)(&mut Call { cloud, cx }, &params));
        let now = self.kernel.now();
        self.cloud().assert_coherent(now);
        if let Err(error) = &answer {
            assert!(
                before == format!("{:?}", self.cloud()),
                "{name} changed something although it was refused: {error}"
            );
            assert!(
                operation.errors.contains(&error.code),
                "{name} does not list {}",
                error.code
            );
        }
        answer
    }

    /// Terminates the machine with this number, known by its address.
    pub(crate) fn host_goes(&mut self, machine: u32) {
        self.kernel
            .apply(|cloud, cx| cloud.terminate_machine(cx, InstanceId(machine)));
    }

    /// Makes a call that must be accepted.
    pub(crate) fn accepted(&mut self, name: &str, params: Value) -> Value {
        self.call(name, params)
            .unwrap_or_else(|error| panic!("{name} is accepted, not {error}"))
    }

    /// Makes a call that must be refused with this code, status and message.
    pub(crate) fn refused(&mut self, name: &str, params: Value, expect: (&str, u16, &str)) {
        match self.call(name, params) {
            Ok(answer) => panic!("{name} is refused, not answered with {answer}"),
            Err(error) => assert_eq!(
                (error.code, error.http_status, error.message.as_str()),
                expect
            ),
        }
    }

    /// Makes a call that must be refused with this code, whatever its message.
    pub(crate) fn refused_with(&mut self, name: &str, params: Value, code: &str) {
        match self.call(name, params) {
            Ok(answer) => panic!("{name} is refused, not answered with {answer}"),
            Err(error) => assert_eq!(error.code, code),
        }
    }

    /// Makes a call of Alibaba Cloud that must be refused for a parameter with this code.
    pub(crate) fn bad_parameter(&mut self, name: &str, params: Value, (code, key): (&str, &str)) {
        match code {
            "MissingParameter" => self.not_supplied(name, params, key),
            _ => self.invalid_value(name, params, key),
        }
    }

    /// Makes a call that must be refused with this `ValidationError`.
    pub(crate) fn invalid(&mut self, name: &str, params: Value, message: &str) {
        self.refused(name, params, ("ValidationError", 400, message));
    }

    /// The state and reason of a target, as `DescribeTargetHealth` tells it.
    pub(crate) fn health(&mut self, target_group: &str, id: &str, port: u16) -> String {
        let answer = self.accepted(
            "elasticloadbalancing:DescribeTargetHealth",
            json!({"TargetGroupArn": target_group, "Targets": [{"Id": id, "Port": port}]}),
        );
        let health = &answer["TargetHealthDescriptions"][0]["TargetHealth"];
        let word = |key: &str| health[key].as_str().unwrap_or("").to_owned();
        [word("State"), word("Reason")].join(" ").trim().to_owned()
    }

    /// The state of a server, whatever cloud it is in; `absent` when it is not registered.
    pub(crate) fn server(&self, target_group: &str, id: &str, port: u16) -> &'static str {
        let group = self.cloud().target_group_named(target_group);
        let group = group.expect("the target group exists");
        let found = self.cloud().registration_of(group, id, port);
        found.map_or("absent", |found| {
            self.cloud().registrations[found.index()].health.state()
        })
    }

    /// A scaling activity, as `DescribeScalingActivities` tells it.
    pub(crate) fn activity(&mut self, id: &Value) -> Value {
        let answer = self.accepted(
            "ess:DescribeScalingActivities",
            json!({"RegionId": "cn-hangzhou", "ScalingActivityId.1": id}),
        );
        answer["ScalingActivities"][0].clone()
    }

    /// A scaling group, as `DescribeScalingGroups` tells it; `null` where there is none.
    pub(crate) fn scaling_group(&mut self, id: &str) -> Value {
        let answer = self.accepted(
            "ess:DescribeScalingGroups",
            json!({"RegionId": "cn-hangzhou", "ScalingGroupIds": [id]}),
        );
        answer["ScalingGroups"][0].clone()
    }

    /// The state of an instance in its scaling group; empty when it is in none.
    pub(crate) fn scaling_state(&mut self, id: &str) -> String {
        let answer = self.accepted(
            "ess:DescribeScalingInstances",
            json!({"RegionId": "cn-hangzhou", "InstanceIds": [id]}),
        );
        let state = &answer["ScalingInstances"][0]["LifecycleState"];
        state.as_str().unwrap_or_default().to_owned()
    }

    /// Makes a call of which `key` must be refused as a value it cannot have.
    pub(crate) fn invalid_value(&mut self, name: &str, params: Value, key: &str) {
        let message = format!("The specified value of parameter \"{key}\" is not valid.");
        self.refused(name, params, ("InvalidParameter", 400, &message));
    }

    /// Makes a call that must be refused because `key` is not there.
    pub(crate) fn not_supplied(&mut self, name: &str, params: Value, key: &str) {
        let message = format!(
            "The input parameter \"{key}\" that is mandatory for processing this request is not \
             supplied."
        );
        self.refused(name, params, ("MissingParameter", 400, &message));
    }

    /// Identifiers, types and states of the traffic sources of [`GROUP`].
    pub(crate) fn sources(&mut self) -> Vec<[String; 3]> {
        let answer = self.accepted(
            "autoscaling:DescribeTrafficSources",
            json!({"AutoScalingGroupName": GROUP}),
        );
        let sources = answer["TrafficSources"].as_array().into_iter().flatten();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        sources
            .map(|source| ["Identifier", "Type", "State"].map(|key| word(&source[key])))
            .collect()
    }

    /// The state of an instance of a Classic Load Balancer with its reason and description.
    pub(crate) fn instance_state(&mut self, balancer: &str, id: &str) -> [String; 3] {
        let answer = self.accepted(
            "elb:DescribeInstanceHealth",
            json!({"LoadBalancerName": balancer, "Instances": [{"InstanceId": id}]}),
        );
        let state = &answer["InstanceStates"][0];
        ["State", "ReasonCode", "Description"]
            .map(|key| state[key].as_str().unwrap_or_default().to_owned())
    }

    /// Desired capacity of a group and its members with their lifecycle states.
    pub(crate) fn group(&mut self, name: &str) -> (u64, BTreeMap<String, String>) {
        let answer = self.accepted(
            "autoscaling:DescribeAutoScalingGroups",
            json!({"AutoScalingGroupNames": [name]}),
        );
        let group = &answer["AutoScalingGroups"][0];
        let members = group["Instances"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let members =
            members.map(|member| (text(&member["InstanceId"]), text(&member["LifecycleState"])));
        let desired = group["DesiredCapacity"].as_u64().unwrap_or_default();
        (desired, members.collect())
    }

    /// The state of an instance in its group, empty when it is not a member.
    pub(crate) fn lifecycle(&mut self, group: &str, id: &str) -> String {
        self.group(group).1.remove(id).unwrap_or_default()
    }
}
