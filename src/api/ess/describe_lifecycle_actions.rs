//! `ess:DescribeLifecycleActions`: which instances of a scaling activity wait for which hooks, and
//! under which tokens.
//!
//! Source: R-ESS-15.

use serde_json::{Map, Value, json};

use crate::api::alibaba;
use crate::api::params::{defaulted, optional, page, required};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::hook::LifecycleAction;
use crate::model::ids::ActivityId;
use crate::model::settings::Provider;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-describelifecycleactions",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:DescribeLifecycleActions",
    summary: "lists the lifecycle actions of a scaling activity, with their tokens",
    params: &[
        alibaba::ANY_REGION_ID,
        required(
            "ScalingActivityId",
            Kind::Text { min: 1, max: 128 },
            "id of the scaling activity",
            API,
        ),
        optional(
            "LifecycleActionStatus",
            Kind::OneOf(&["Pending", "Timeout", "Completed"]),
            "only actions that stand so",
            API,
        ),
        optional(
            "NextToken",
            Kind::Text { min: 1, max: 64 },
            "where the page before ended",
            API,
        ),
        defaulted(
            "MaxResults",
            Kind::Integer { min: 1, max: 50 },
            "10",
            "entries on a page",
            API,
        ),
    ],
    errors: &[alibaba::MISSING_PARAMETER, alibaba::INVALID_PARAMETER],
    deviations: &[
        "LifecycleActionResult is the default one while an action is under way (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let activity = activity(call.cloud, fields.given("ScalingActivityId"))
        .ok_or_else(|| alibaba::invalid("ScalingActivityId"))?;
    let status = fields.text("LifecycleActionStatus");
    let found = actions(call.cloud, activity, status);
    let total = found.len();
    let page = page(fields, ["MaxResults", "NextToken"], 10, found)
        .ok_or_else(|| alibaba::invalid("NextToken"))?;
    let mut body = Map::new();
    body.insert("TotalCount".to_owned(), json!(total));
    body.insert("MaxResults".to_owned(), json!(page.size));
    if let Some(next) = page.next {
        body.insert("NextToken".to_owned(), json!(next));
    }
    body.insert("LifecycleActions".to_owned(), Value::Array(page.items));
    Ok(alibaba::answer(call, body))
}

fn activity(cloud: &Cloud, id: &str) -> Option<ActivityId> {
    let mut activities = cloud.activities.iter();
    let place = activities.position(|(group, _, activity)| {
        activity.id == id && cloud.groups[group.index()].provider == Provider::Alibaba
    });
    place.map(ActivityId::from_index)
}

/// The lifecycle actions of an activity, one for each token, with all their instances.
fn actions(cloud: &Cloud, activity: ActivityId, status: Option<&str>) -> Vec<Value> {
    let mut found: Vec<(&LifecycleAction, Vec<&str>)> = Vec::new();
    for action in cloud.ess_actions_of(activity) {
        let instance = cloud.instances[action.instance.index()].id.as_str();
        let same = |other: &LifecycleAction| {
            other.token == action.token && other.ess_status() == action.ess_status()
        };
        match found.iter_mut().find(|(other, _)| same(other)) {
            Some((_, instances)) => instances.push(instance),
            None => found.push((action, vec![instance])),
        }
    }
    let wanted = found
        .into_iter()
        .filter(|(action, _)| status.is_none_or(|status| status == action.ess_status()));
    wanted
        .map(|(action, instances)| {
            let result = action.result.unwrap_or(action.hook.default_result);
            json!({
                "LifecycleHookId": action.hook.id,
                "LifecycleActionToken": action.token,
                "LifecycleActionStatus": action.ess_status(),
                "LifecycleActionResult": result.name(),
                "InstanceIds": instances,
            })
        })
        .collect()
}
