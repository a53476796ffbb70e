//! The registry of diagnostics: a number, a title, an explanation and an example each.
//!
//! A number is never used for anything else once it was released. Those from `DS0100` are about
//! reading, from `DS0200` about references, from `DS0300` about values, from `DS0400` about the
//! timeline, from `DS0500` about expectations; those from `DS0900` are warnings. This module must
//! never know how a problem is found or shown.

use super::diagnostic::Severity;

/// A kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `DS0301`
    pub number: &'static str,
    /// What it is called, a lower-case fragment.
    pub title: &'static str,
    /// What it means and why it is a problem.
    pub explanation: &'static str,
    /// What sets it off.
    pub example: &'static str,
}

impl Code {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        if self.number.starts_with("DS09") {
            Severity::Warning
        } else {
            Severity::Error
        }
    }
}

/// The code with this number, in either case.
pub fn code(number: &str) -> Option<&'static Code> {
    CODES
        .iter()
        .copied()
        .find(|code| code.number.eq_ignore_ascii_case(number))
}

macro_rules! codes {
    ($($name:ident $number:literal $title:literal $explanation:literal $example:literal;)*) => {
        $(
            #[doc = $title]
            pub static $name: Code = Code {
                number: $number,
                title: $title,
                explanation: $explanation,
                example: $example,
            };
        )*

        /// Every code, in the order of the numbers.
        pub static CODES: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    UNREADABLE "DS0101" "file cannot be read"
        "The file does not exist, is a directory, or may not be read."
        "drainsim check no-such-file.yaml";
    TOO_LARGE "DS0102" "file is too large"
        "A scenario may have 4 MiB and a CSV file 256 MiB, because both are held in memory."
        "arrivals: { trace: { file: ten-gigabytes.csv, time: TIMESTAMP } }";
    NOT_UTF8 "DS0103" "file is not UTF-8"
        "Scenario files and CSV files are UTF-8 text."
        "a file saved as UTF-16";
    SYNTAX "DS0104" "not YAML"
        "The text breaks the rules of YAML 1.2; nothing behind the place shown was read."
        "groups: { web: [a, b }";
    EMPTY_FILE "DS0105" "file is empty"
        "A scenario is a map that has at least a horizon, a load balancer, a target group and a \
         workload."
        "# only a comment";
    DUPLICATE_KEY "DS0106" "key given twice"
        "Two entries of one map have the same key, and only one of them could count."
        "seed: 1\nseed: 2";
    TOO_DEEP "DS0107" "nested too deep"
        "Maps and lists may be nested 64 levels deep, far more than any scenario needs."
        "[[[[[[[[ ... ]]]]]]]]";
    TOO_MANY_VALUES "DS0108" "too many values"
        "A scenario may hold 200,000 values, counting an aliased value as often as it is used."
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]";
    UNSUPPORTED_YAML "DS0109" "YAML that scenarios do not use"
        "Tags, keys that are not text, and several documents in one file have no meaning here."
        "seed: !dice 6";
    BAD_CSV "DS0110" "CSV cannot be used"
        "A row or the header of a CSV file does not hold what the scenario says it does."
        "arrivals: { trace: { file: requests.csv, time: NO_SUCH_COLUMN } }";
    OUTSIDE_FOLDER "DS0111" "file outside the scenario's folder"
        "A scenario reads only files below its own folder, so that one from elsewhere cannot \
         read just any file. Paths given on the command line are not restricted."
        "arrivals: { trace: { file: ../../secret.csv, time: t } }";
    BAD_PATH "DS0112" "path leads nowhere"
        "A path of `--set` or of a variant must lead to a place whose parent is in the file. It \
         is a JSON Pointer (`/target_groups/web/port`) or the same with dots \
         (`target_groups.web.port`)."
        "drainsim run FILE --set target_group.web.port=81";
    UNKNOWN_VARIANT "DS0113" "unknown variant"
        "The file has no variant of that name."
        "drainsim run FILE --variant no-such-variant";
    UNKNOWN_NAME "DS0201" "unknown name"
        "A name refers to something that is not in the file."
        "forward: [{ target_group: wbe }]";
    NAME_TAKEN "DS0202" "name used twice"
        "Names are unique in a file, whatever they name, so that a reference means one thing."
        "target_groups: { web: {} }\ngroups: { web: {} }";
    SHARED_TARGET_GROUP "DS0203" "target group behind two load balancers"
        "A target group can be used with one load balancer only."
        "two load balancers whose listeners forward to `web`";
    OTHER_CLOUD "DS0204" "things of two clouds put together"
        "A load balancer, its target groups and the groups behind them are all of one cloud."
        "an Alibaba scaling group with an AWS target group as traffic source";
    BAD_REFERENCE "DS0205" "malformed reference"
        "A reference is `${name.property}`: `${web.arn}`, `${web-asg.instances[0]}`, \
         `${web-asg.oldest(2)}`, `${detach.response.Activities[0].ActivityId}`."
        "InstanceIds: [\"${web-asg.instances[}\"]";
    UNKNOWN_PROPERTY "DS0206" "unknown property"
        "What the reference names has no such property. Load balancers have `name`, `arn`, \
         `listeners.<name>.arn` and `listeners.<name>.rules.<name>.arn`; target groups `arn`, \
         `id`, `name`, `port`; groups `name`, `id`, `instances`, `oldest(n)`, `newest(n)`; \
         instances `id`; timeline entries `response`, `outcome`, `error`, and those with steps \
         `item` and `index`."
        "TargetGroupArn: ${web.url}";
    ID_TAKEN "DS0207" "id used twice"
        "Ids and ARNs belong to one thing each."
        "instances: [{ id: i-93633f9b }, { id: i-93633f9b }]";
    NOT_EARLIER "DS0208" "entry is not earlier"
        "The response of a timeline entry is known only to entries made after it."
        "params that use `${second.response...}` in the first entry";
    OUT_OF_RANGE "DS0301" "out of range"
        "The value is smaller or larger than its key allows."
        "deregistration_delay.timeout_seconds: 3601";
    WRONG_KIND "DS0302" "wrong kind of value"
        "The key takes another kind of value, such as a list instead of a number."
        "zones: a";
    UNKNOWN_KEY "DS0303" "unknown key"
        "The map has no such key. Keys are spelt exactly as `drainsim list` shows them."
        "horizn: 15m";
    MISSING_KEY "DS0304" "missing key"
        "A key that has no default is not given."
        "workloads: { checkout: { to: front/https } }";
    BAD_QUANTITY "DS0305" "malformed duration or rate"
        "A duration has a unit (`250ms`, `5m 30s`, `1.5h`), and so has a rate (`300/s`, `5/min`)."
        "horizon: 900";
    UNKNOWN_WORD "DS0306" "not one of the words allowed"
        "The value is one of a closed set of words."
        "target_type: host";
    NOT_SIMULATED "DS0307" "not simulated yet"
        "The format has a place for it, but this version does not simulate it."
        "type: network";
    BAD_NAME "DS0308" "malformed name"
        "Names consist of letters, digits, `_` and `-`."
        "target_groups: { my targets: {} }";
    UNKNOWN_FAMILY "DS0309" "unknown distribution or arrival process"
        "There is no distribution or arrival process of that name."
        "service_time: { gaussian: { mean: 1s } }";
    BAD_DISTRIBUTION "DS0310" "distribution makes no sense"
        "The parameters of a distribution or arrival process are fine one by one but not together."
        "service_time: { uniform: { min: 2s, max: 1s } }";
    UNKNOWN_ATTRIBUTE "DS0311" "unknown attribute"
        "This kind of load balancer or target group has no such attribute."
        "attributes: { deregistration_delay.timeout: 30 }";
    CONFLICT "DS0312" "values exclude each other"
        "Each value is fine, but the cloud refuses them together."
        "min_size: 4\nmax_size: 3";
    BAD_ID "DS0313" "malformed id"
        "An instance id is `i-` and 8 or 17 hexadecimal digits on AWS; a target of type `ip` is \
         an IP address; an ARN names a target group."
        "targets: [{ id: web-1 }]";
    TOO_MANY "DS0314" "more than can be simulated"
        "The scenario is larger than its stated limits: 200,000 instances and targets, 1,000 \
         target groups, 1,000 workloads, 10,000 timeline entries, 365 days, 1e9 requests a \
         second, 1e11 requests."
        "desired_capacity: 1000000";
    EMPTY_FLEET "DS0315" "empty fleet"
        "No group has an instance and no target is listed, so there is nothing to take away."
        "groups: {}";
    UNKNOWN_SETTING "DS0316" "unknown setting"
        "`settings:` holds what no cloud documents; `drainsim list settings` shows every key."
        "settings: { propagation.abl: 5s }";
    BAD_TIME_STAMP "DS0317" "malformed time stamp"
        "The start is a time stamp with its zone, as in RFC 3339."
        "start: yesterday";
    UNKNOWN_OPERATION "DS0401" "unknown operation"
        "An operation is written as in an IAM action: `autoscaling:DetachInstances`."
        "call: autoscaling:DetachInstance";
    UNKNOWN_PARAMETER "DS0402" "unknown parameter"
        "The operation has no such parameter. Parameters are spelt as in the API reference."
        "params: { InstanceId: i-93633f9b }";
    WRONG_JSON_TYPE "DS0403" "parameter of the wrong JSON type"
        "The operation's parameter has another JSON type; the client library would refuse it. \
         Missing, out-of-range and malformed values are the cloud's to refuse, when the call is \
         made."
        "ShouldDecrementDesiredCapacity: \"false\"";
    NOT_ONE_ACTION "DS0404" "entry does not do one thing"
        "A timeline entry has exactly one of `call`, `do`, `fault`, `wait_until`, `sleep`, `repeat`, \
         `for_each`, or `steps` alone."
        "- at: 5m\n  as: nothing";
    NO_TIME "DS0405" "entry has no one time"
        "A timeline entry is made `at` a time, or `after` another entry (with a `delay` if \
         wanted)."
        "- call: autoscaling:DetachInstances";
    CYCLE "DS0406" "entries wait for each other"
        "Following `after` from entry to entry must end at one that has a time."
        "- { as: a, after: b }\n- { as: b, after: a }";
    AFTER_HORIZON "DS0407" "entry is later than the horizon"
        "The run stops before the entry would be made."
        "horizon: 5m\ntimeline: [{ at: 6m, call: autoscaling:DetachInstances }]";
    STRAY_KEY "DS0408" "key does not go with the entry"
        "Some keys belong to one thing an entry does: `timeout` and `every` to a wait, `params` to a \
         call, a deed or a fault, `steps` to `repeat` and `for_each`. Alone they would be ignored."
        "- { at: 5m, call: autoscaling:DescribeAutoScalingGroups, timeout: 5m }";
    BAD_CONDITION "DS0409" "malformed condition"
        "A condition compares a metric (`targets.web.draining == 0`), a state \
         (`instances.web-1.state == terminated`, `targets.web.i-93633f9b.health == unused`) or what \
         a reference stands for (`${health.outcome} == ok`); `and` binds tighter than `or`."
        "wait_until: latency.p99 < 1s";
    STEP_NAMED "DS0410" "step of another entry"
        "A step is made by its entry, perhaps several times or never, so nothing outside can be \
         made `after` it."
        "after: detach, where `detach` is a step of `roll`";
    NO_END "DS0411" "loop without an end"
        "What is repeated is repeated so many `times`, or for at most `timeout`; a wait has a \
         `timeout`. Without one, what never comes would be waited for to the horizon."
        "repeat: { every: 15s, until: ${health.outcome} == ok }";
    UNKNOWN_FAULT "DS0412" "unknown fault"
        "There is no fault of that name; `drainsim list faults` shows them all."
        "fault: throtling";
    BAD_EXPECTATION "DS0501" "malformed expectation"
        "An expectation is `metric OPERATOR value`, with labels in braces and `@ time` behind \
         the metric if wanted."
        "expect: [requests.lost = 0]";
    UNKNOWN_METRIC "DS0502" "unknown metric"
        "There is no metric of that name; `drainsim list metrics` shows them all."
        "expect: [request.lost == 0]";
    UNKNOWN_SUBJECT "DS0503" "unknown subject or label"
        "The metric is about something that is not in the file, or cannot be narrowed in this way."
        "expect: [targets.wbe.draining @ 6m == 2]";
    WRONG_UNIT "DS0504" "value in the wrong unit"
        "A metric is compared with a value in its own unit: counts with `0`, durations with \
         `800ms`, shares with `0.01` or `1%`."
        "expect: [latency.p99 < 800]";
    LATE_INSTANT "DS0505" "instant after the horizon"
        "A value `@ time` is looked up in the run, which stops before that time."
        "horizon: 5m\nexpect: [targets.web.healthy @ 6m == 4]";
    OPEN_DRAIN "DS0901" "drain may be open at the horizon"
        "The deregistration delay of a call ends after the horizon, so its drain may still be \
         open; expectations on losses and drains would then be undecided."
        "horizon: 6m\ntimeline: [{ at: 5m, call: elasticloadbalancing:DeregisterTargets }]";
    UNUSED_TARGET_GROUP "DS0902" "no listener forwards to the target group"
        "The target group gets no traffic, so nothing can be lost in it."
        "target_groups: { spare: {} }";
    NEVER_ARRIVES "DS0903" "workload arrives only after the horizon"
        "No request of the workload arrives before the run stops."
        "horizon: 5m\narrivals: { piecewise_rate: { points: [[0s, 0/s], [10m, 5/s]] } }";
    LONG_WARM_UP "DS0904" "warm-up is longer than the first call"
        "Requests that arrive in the warm-up are not tallied, so losses of the first call would \
         be missing."
        "warm_up: 6m\ntimeline: [{ at: 5m, call: autoscaling:DetachInstances }]";
    UNUSED_TEMPLATE "DS0905" "launch template is not used"
        "No group, instance or target uses it."
        "launch_templates: { old: {} }";
    ZONE_NOT_ENABLED "DS0906" "zone is not enabled for the load balancer"
        "Targets in a zone that is not enabled for their load balancer are `unused` and get no \
         traffic."
        "load_balancers: { front: { zones: [a] } }\ngroups: { web: { zones: [a, b] } }";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_in_order() {
        for pair in CODES.windows(2) {
            assert!(pair[0].number < pair[1].number, "{}", pair[1].number);
        }
    }

    #[test]
    fn every_code_has_a_title_an_explanation_and_an_example() {
        for code in CODES {
            assert!(!code.title.ends_with('.'), "{}", code.number);
            assert!(code.explanation.ends_with('.'), "{}", code.number);
            assert!(!code.example.is_empty(), "{}", code.number);
        }
    }

    #[test]
    fn codes_from_0900_on_are_warnings() {
        assert_eq!(OUT_OF_RANGE.severity(), Severity::Error);
        assert_eq!(OPEN_DRAIN.severity(), Severity::Warning);
        assert_eq!(code("ds0301"), Some(&OUT_OF_RANGE));
        assert_eq!(code("DS9999"), None);
    }

    #[test]
    fn every_code_has_a_broken_scenario() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
        let files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        for code in CODES {
            let has_file = files.iter().any(|file| {
                let scenario = std::path::Path::new(file);
                file.starts_with(code.number) && scenario.extension().is_some_and(|e| e == "yaml")
            });
            assert!(has_file, "{} has no file in tests/bad", code.number);
        }
    }
}
