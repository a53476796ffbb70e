//! `alb:ListServerGroupServers`: the servers of server groups of Application Load Balancers.
//!
//! Source: R-ALB-3.

use serde_json::{Map, Value, json};

use crate::api::alibaba;
use crate::api::params::{self, defaulted, optional};
use crate::api::server_group::{self, REGION_ID};
use crate::api::server_service::{self, ALB, Service};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::TargetGroupId;
use crate::model::registration::Registration;

const API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-listservergroupservers",
);

/// Most ids one call may name.
const MOST_IDS: usize = 20;
/// Servers of a page when nothing is said.
const PAGE: usize = 20;

const TAG: &[Param] = &[
    optional("Key", Kind::Text { min: 1, max: 64 }, "key", API),
    optional("Value", Kind::Text { min: 1, max: 128 }, "value", API),
];

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "alb:ListServerGroupServers",
    summary: "lists servers of server groups of an Alibaba Cloud ALB with their states",
    params: &[
        REGION_ID,
        optional(
            "ServerGroupId",
            server_group::GROUP_ID,
            "id of the server group; all if left out",
            API,
        ),
        optional(
            "ServerIds",
            Kind::List {
                of: &server_group::ID,
                min: 1,
                max: MOST_IDS,
            },
            "ids of the servers; all if left out",
            API,
        ),
        optional(
            "ServerIds.N",
            server_group::ID,
            "id of the N-th server",
            API,
        ),
        optional(
            "Tag",
            Kind::List {
                of: &Kind::Struct(TAG),
                min: 0,
                max: 10,
            },
            "tags of the server group; no scenario has any, so none is listed",
            API,
        ),
        defaulted(
            "MaxResults",
            Kind::Integer { min: 1, max: 100 },
            "20",
            "servers of a page",
            API,
        ),
        optional(
            "NextToken",
            Kind::Text { min: 1, max: 128 },
            "token of the page, from the answer before",
            API,
        ),
    ],
    errors: &[alibaba::MISSING_PARAMETER, alibaba::INVALID_PARAMETER],
    deviations: &[
        "what is wrong with the shape of a request is told as Auto Scaling tells it (assumed)",
        "a server group that does not exist has no servers (assumed)",
        "no server is ever Configuring, and addresses are not told beside instance ids",
        "a server is Adding until the first node knows it (assumed)",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    list(call, (&OPERATION, &ALB), params)
}

/// Lists servers as `operation` describes it.
///
/// # Errors
/// What it may answer.
pub(in crate::api) fn list(
    call: &mut Call<'_, '_>,
    (operation, service): (&Operation, &Service),
    params: &Value,
) -> Result<Response, ApiError> {
    let checked = alibaba::check(operation.params, params)?;
    let fields = checked.fields();
    let ids = fields.texts("ServerIds");
    let all = if fields.items("Tag").is_empty() {
        listed(call.cloud, fields.text("ServerGroupId"), &ids, service)
    } else {
        Vec::new()
    };
    let total = all.len();
    let keys = ["MaxResults", "NextToken"];
    let page =
        params::page(fields, keys, PAGE, all).ok_or_else(|| alibaba::invalid("NextToken"))?;
    let mut body = Map::new();
    body.insert("MaxResults".to_owned(), json!(page.size));
    body.extend(
        page.next
            .map(|token| ("NextToken".to_owned(), Value::String(token))),
    );
    body.insert("Servers".to_owned(), Value::Array(page.items));
    body.insert("TotalCount".to_owned(), json!(total));
    Ok(alibaba::answer(call, body))
}

/// What is told of servers with one of `ids`, or of all when there are none.
fn listed(cloud: &Cloud, group: Option<&str>, ids: &[&str], service: &Service) -> Vec<Value> {
    let mut all = Vec::new();
    for (index, found) in cloud.target_groups.iter().enumerate() {
        let wanted = group.is_none_or(|id| found.identifier == id);
        if !wanted || found.deleted || !service.owns(found) {
            continue;
        }
        let servers = cloud
            .registrations_of(TargetGroupId::from_index(index))
            .map(|id| &cloud.registrations[id.index()])
            .filter(|server| ids.is_empty() || ids.contains(&server.id.as_str()));
        let of = (found.identifier.as_str(), server_group::server_type(found));
        all.extend(servers.map(|server| shape(of, server, service)));
    }
    all
}

fn shape((group, kind): (&str, &str), server: &Registration, service: &Service) -> Value {
    let mut shape = json!({
        "ServerGroupId": group,
        "ServerId": server.id,
        "ServerType": kind,
        "Port": server.port,
        "Status": server_service::status(server),
    });
    if service.weighted {
        shape["Weight"] = json!(server.weight);
    }
    if kind == "Ip" {
        shape["ServerIp"] = json!(server.id);
    }
    if let Some(description) = &server.description {
        shape["Description"] = json!(description);
    }
    shape
}
