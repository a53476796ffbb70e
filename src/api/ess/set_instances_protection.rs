//! `ess:SetInstancesProtection`: whether scaling in may take an instance.
//!
//! Source: R-ESS-9.

use serde_json::{Map, Value};

use crate::api::alibaba::{self, ANY_REGION_ID, CLIENT_TOKEN};
use crate::api::params::required;
use crate::api::{ApiError, Call, Operation, Response, scaling_group};
use crate::describe::{Kind, Source};
use crate::model::lifecycle::LifecycleState;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-setinstancesprotection",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ess:SetInstancesProtection",
    summary: "protects instances from scaling in, or protects them no longer",
    params: &[
        ANY_REGION_ID,
        scaling_group::ID,
        scaling_group::INSTANCE_IDS,
        scaling_group::INSTANCE_ID,
        scaling_group::INSTANCE_ID_N,
        required(
            "ProtectedFromScaleIn",
            Kind::Boolean,
            "whether they are protected",
            API,
        ),
        CLIENT_TOKEN,
    ],
    errors: &[
        alibaba::MISSING_PARAMETER,
        alibaba::INVALID_PARAMETER,
        alibaba::GROUP_NOT_FOUND,
        alibaba::GROUP_STATUS,
        alibaba::PARAMETER_MISMATCH,
        scaling_group::INSTANCE_NOT_FOUND,
        scaling_group::INSTANCE_STATUS,
    ],
    deviations: &["an instance in standby cannot be protected (assumed)"],
    source: API,
    apply,
};

#[derive(Debug)]
struct Request<'a> {
    group: &'a str,
    ids: Vec<&'a str>,
    protected: bool,
}

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let checked = alibaba::check(OPERATION.params, params)?;
    let fields = checked.fields();
    let request = Request {
        group: fields.given("ScalingGroupId"),
        ids: scaling_group::ids(fields)?,
        protected: fields.flag("ProtectedFromScaleIn"),
    };
    let token = fields.text("ClientToken");
    let asked = (fields.text("RegionId"), &request);
    alibaba::once(call, OPERATION.name, token, &asked, |call| {
        act(call, &request)
    })
}

fn act(call: &mut Call<'_, '_>, request: &Request<'_>) -> Result<Map<String, Value>, ApiError> {
    let group = alibaba::group(call.cloud, request.group)?;
    alibaba::check_active(call.cloud, group)?;
    let members = scaling_group::members(call.cloud, group, &request.ids)?;
    scaling_group::check_state(call.cloud, &members, LifecycleState::InService)?;
    call.cloud
        .set_protection(call.cx, group, &members, request.protected);
    Ok(Map::new())
}
