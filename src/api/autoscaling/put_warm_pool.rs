//! `autoscaling:PutWarmPool`: a pool of prepared instances beside a group, or other settings of it.
//!
//! Source: R-WARM-1.

use serde_json::{Value, json};

use crate::api::params::{Fields, defaulted, optional, required};
use crate::api::{ApiError, Call, Operation, Response, aws, members, refresh};
use crate::describe::{Kind, Param, Source};
use crate::model::warm_pool::{PoolState, WarmPool};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html",
);

const REUSE: &[Param] = &[defaulted(
    "ReuseOnScaleIn",
    Kind::Boolean,
    "false",
    "whether a scale-in takes instances back into the pool",
    API,
)];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "autoscaling:PutWarmPool",
    summary: "gives a group a pool of prepared instances that it draws from when it scales out, or \
              changes that pool",
    params: &[
        required(
            "AutoScalingGroupName",
            aws::GROUP_NAME,
            "name of the group",
            API,
        ),
        optional(
            "MaxGroupPreparedCapacity",
            Kind::Integer {
                min: -1,
                max: i32::MAX as i64,
            },
            "instances the group and its pool may have together; -1 for the group's largest size",
            API,
        ),
        optional(
            "MinSize",
            Kind::Integer {
                min: 0,
                max: i32::MAX as i64,
            },
            "fewest instances of the pool; 0 for a new pool",
            API,
        ),
        optional(
            "PoolState",
            Kind::OneOf(&PoolState::NAMES),
            "how its instances are kept; Stopped for a new pool",
            API,
        ),
        optional(
            "InstanceReusePolicy",
            Kind::Struct(REUSE),
            "what becomes of instances a scale-in takes",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        aws::LIMIT_EXCEEDED,
        refresh::IN_PROGRESS,
        aws::RESOURCE_CONTENTION,
    ],
    deviations: &[
        "LimitExceeded is never answered",
        "what a request for an existing pool leaves out stays as it is (assumed)",
        "instances in the pool are kept as they are when PoolState changes (assumed)",
        "every instance can hibernate: what of a launch template forbids it does not exist here",
        "the words for a pool that is being deleted are assumed, and so is that no pool is put \
         while an instance refresh is active: the API only lists the error",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = aws::group_or_null(call.cloud, fields.given("AutoScalingGroupName"))?;
    members::check_stands(call.cloud, id, "Warm pools may not be put")?;
    let group = &call.cloud.groups[id.index()];
    if group.deletes_pool() {
        return Err(aws::validation_error(format!(
            "The warm pool of AutoScalingGroup {} is pending delete and cannot be updated.",
            group.name
        )));
    }
    if group.refresh.is_some() {
        return Err(refresh::in_progress());
    }
    let pool = changed(group.rules.warm_pool.unwrap_or_default(), fields);
    aws::meet_contention(call)?;
    call.cloud.put_warm_pool(call.cx, id, pool);
    Ok(json!({}))
}

/// A pool with what a request says about it; the rest stays.
fn changed(mut pool: WarmPool, fields: Fields<'_>) -> WarmPool {
    if let Some(most) = fields.integer("MaxGroupPreparedCapacity") {
        // what is negative is -1
        pool.most_prepared = u32::try_from(most).ok();
    }
    let min = fields.integer("MinSize");
    if let Some(min) = min.and_then(|min| u32::try_from(min).ok()) {
        pool.min_size = min;
    }
    if let Some(state) = fields.text("PoolState").and_then(PoolState::named) {
        pool.state = state;
    }
    if let Some(policy) = fields.get("InstanceReusePolicy") {
        pool.reuse_on_scale_in = Fields::of(policy).flag("ReuseOnScaleIn");
    }
    pool
}
