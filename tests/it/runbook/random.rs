//! Runbooks nobody would write: whatever a file says, a run ends, keeps its books, and does the
//! same again.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// An entry as flow text without its time, `depth` levels of steps deep at most.
fn action(depth: u32) -> BoxedStrategy<String> {
    let instance = (1..6_u32).prop_map(|n| format!("i-0000000000000000{n}"));
    let condition = prop_oneof![
        Just("targets.web.draining == 0"),
        Just("groups.asg.in_service >= 4 and requests.lost < 5"),
        Just("${anything.outcome} == ok or drains.open == 0"),
        Just("instances.${asg.instances[0]}.lifecycle != InService"),
        Just("count ${anything.response.List[*].Id} > 1"),
        Just("groups.asg.serving == 9"),
    ];
    let operation = prop_oneof![
        Just("autoscaling:DescribeAutoScalingGroups, params: { AutoScalingGroupNames: [asg] }"),
        Just("elbv2:DescribeTargetHealth, params: { TargetGroupArn: '${web.arn}' }"),
        Just(
            "autoscaling:DetachInstances, params: { AutoScalingGroupName: asg, InstanceIds: \
             ['${asg.instances[0]}'], ShouldDecrementDesiredCapacity: false }"
        ),
        Just("ec2:TerminateInstances, params: { InstanceIds: ['${asg.newest(1)}'] }"),
    ];
    let fault = prop_oneof![
        Just("throttling, params: { share: 0.5, for: 2m }"),
        Just("throttling, params: { bucket: 2, refill: 1/s }"),
        Just("launch_failure, params: { zones: [a], for: 1m }"),
        Just("stale_describes, params: { lag: 7s }"),
        Just("call_error, params: { code: ServiceUnavailable, times: 3 }"),
        Just("resource_contention, params: { rate: 0.5 }"),
    ];
    let stop = prop_oneof![Just("go_on"), Just("stop")];
    let leaf = prop_oneof![
        (operation, stop.clone())
            .prop_map(|(call, stop)| format!("call: {call}, expect: any, on_failure: {stop}")),
        (condition.clone(), 0..90_u32, stop.clone()).prop_map(|(so, timeout, stop)| format!(
            "wait_until: '{so}', timeout: {timeout}s, expect: any, on_failure: {stop}"
        )),
        (condition.clone(), 1..30_u32, 0..90_u32).prop_map(|(so, every, timeout)| format!(
            "wait_until: '{so}', every: {every}s, timeout: {timeout}s"
        )),
        (0..60_u32).prop_map(|span| format!("sleep: {span}s")),
        fault.prop_map(|fault| format!("fault: {fault}")),
        instance.prop_map(|id| format!("do: kill_process, params: {{ instance: {id} }}")),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let steps = vec(action(depth - 1), 1..4).prop_map(|steps| {
        let steps: Vec<String> = steps.iter().map(|step| format!("{{ {step} }}")).collect();
        format!("steps: [{}]", steps.join(", "))
    });
    let repeat =
        (1..5_u32, 0..20_u32, condition, any::<bool>()).prop_map(|(times, every, until, has)| {
            let until = if has {
                format!(", until: '{until}'")
            } else {
                String::new()
            };
            format!("repeat: {{ times: {times}, every: {every}s{until} }}")
        });
    let each = prop_oneof![
        Just("for_each: [i-00000000000000001, 2]"),
        Just("for_each: '${asg.instances}'"),
        Just("for_each: '${asg.oldest(9)}'"),
    ];
    prop_oneof![
        3 => leaf,
        1 => steps.clone(),
        1 => (repeat, steps.clone()).prop_map(|(repeat, steps)| format!("{repeat}, {steps}")),
        1 => (each, steps, stop).prop_map(|(each, steps, stop)| {
            format!("{each}, {steps}, on_failure: {stop}, expect: any")
        }),
    ]
    .boxed()
}

/// A timeline whose entries are at times or after the one before them.
fn timeline() -> impl Strategy<Value = String> {
    let entry = (action(2), 0..200_u32, any::<bool>());
    vec(entry, 1..7).prop_map(|entries| {
        let lines = entries
            .iter()
            .enumerate()
            .map(|(index, (action, time, after))| {
                let name = if index == 0 {
                    "anything".to_owned()
                } else {
                    format!("e{index}")
                };
                let when = match index {
                    1.. if *after => {
                        let other = if index == 1 {
                            "anything".to_owned()
                        } else {
                            format!("e{}", index - 1)
                        };
                        format!("after: {other}")
                    }
                    _ => format!("at: {time}s"),
                };
                format!("  - {{ {when}, as: {name}, {action} }}\n")
            });
        lines.collect()
    })
}

proptest! {
    #![proptest_config(crate::properties::cases(48))]

    #[test]
    fn any_runbook_ends_and_adds_up(timeline in timeline(), settled in any::<bool>()) {
        let horizon = if settled { "settled" } else { "4m" };
        let outcome = outcome_of(horizon, &timeline, "");
        prop_assert!(matches!(outcome.stop, Stop::Horizon | Stop::Settled | Stop::NeverSettled));
        let again = outcome_of(horizon, &timeline, "");
        prop_assert_eq!(outcome.digest, again.digest);
        prop_assert_eq!(&outcome.timeline, &again.timeline);
        let lost: u64 = outcome.timeline.iter().map(|entry| entry.lost).sum();
        let all = outcome.measurements.requests.lost();
        prop_assert_eq!(lost + outcome.measurements.unattributed, all);
        for (place, entry) in outcome.timeline.iter().enumerate() {
            prop_assert_eq!(entry.entry.index(), place);
            let open = matches!(entry.result, EntryResult::Unfinished { how: Unfinished::Open, .. });
            prop_assert!(!(open && settled), "{:?} is open in a run that is over", entry);
        }
        // of two makings of one entry's steps the later stands behind
        for pair in outcome.timeline.windows(2) {
            let root = |entry: &EntryOutcome| entry.name.split(['[', '.']).next().map(str::to_owned);
            if root(&pair[0]) == root(&pair[1]) {
                prop_assert!(pair[0].at <= pair[1].at, "{:?}", pair);
            }
        }
    }
}
