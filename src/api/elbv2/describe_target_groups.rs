//! `elasticloadbalancing:DescribeTargetGroups`: target groups with their health checks.
//!
//! Source: R-TARGET-8.

use serde_json::Value;

use crate::api::aws::{self, TEXT, validation_error};
use crate::api::params::optional;
use crate::api::target_group::{self, BALANCER_NOT_FOUND, page, paged, paging};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::TargetGroupId;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html",
);

const TEXTS: Kind = Kind::List {
    of: &TEXT,
    min: 0,
    max: usize::MAX,
};

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:DescribeTargetGroups",
    summary: "tells of target groups: all, those behind a load balancer, or those named",
    params: &[
        optional(
            "LoadBalancerArn",
            TEXT,
            "only those behind this load balancer",
            API,
        ),
        optional("TargetGroupArns", TEXTS, "only these", API),
        optional("Names", TEXTS, "only those with these names", API),
        paging(API)[0],
        paging(API)[1],
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        BALANCER_NOT_FOUND,
        aws::TARGET_GROUP_NOT_FOUND,
    ],
    deviations: &["a target group of the file is told without its VPC: there is one only"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let cloud = &*call.cloud;
    let (arns, names) = (fields.texts("TargetGroupArns"), fields.texts("Names"));
    let balancer = fields.text("LoadBalancerArn");
    let ways = [!arns.is_empty(), !names.is_empty(), balancer.is_some()];
    if ways.iter().filter(|way| **way).count() > 1 {
        return Err(validation_error(
            "Only one of target group ARNs, names and a load balancer ARN can be specified",
        ));
    }
    let found: Vec<TargetGroupId> = if let Some(arn) = balancer {
        let balancer = target_group::balancer(cloud, arn)?;
        let behind =
            |id: &TargetGroupId| cloud.target_groups[id.index()].load_balancer == Some(balancer);
        target_group::all(cloud).filter(behind).collect()
    } else if !arns.is_empty() {
        let found = arns.iter().map(|arn| target_group::named(cloud, arn));
        found.collect::<Result<_, _>>()?
    } else if !names.is_empty() {
        let found = names.iter().map(|name| by_name(cloud, name));
        found.collect::<Result<_, _>>()?
    } else {
        target_group::all(cloud).collect()
    };
    let (found, marker) = page(fields, found)?;
    let shapes = found.into_iter().map(|id| target_group::shape(cloud, id));
    Ok(paged("TargetGroups", shapes.collect(), marker))
}

fn by_name(cloud: &Cloud, name: &str) -> Result<TargetGroupId, ApiError> {
    let mut all = target_group::all(cloud);
    all.find(|id| cloud.target_groups[id.index()].name == name)
        .ok_or_else(target_group::not_found)
}
