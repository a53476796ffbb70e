//! Target groups and targets of VPC Lattice as requests name them, and the errors of its API.
//!
//! What is wrong with one target is told within a success, what is wrong with the request refuses
//! it. Source: R-LATTICE-4. This module must never change the cloud.

use serde_json::{Value, json};

use super::ApiError;
use super::aws;
use super::params::{Fields, optional, required};
use crate::describe::{Chars, Kind, Param, Pattern, Piece, Source};
use crate::model::cloud::{Cloud, TargetGroup};
use crate::model::ids::TargetGroupId;
use crate::model::lb::Family;

/// A request of the wrong shape.
pub(super) const VALIDATION: &str = "ValidationException";
/// No such target group.
pub(super) const NOT_FOUND: &str = "ResourceNotFoundException";
/// More targets than a target group may have.
pub(super) const QUOTA_EXCEEDED: &str = "ServiceQuotaExceededException";

const TARGET: Source = Source::Documented(
    "https://docs.aws.amazon.com/vpc-lattice/latest/APIReference/API_Target.html",
);

const ID: &[Chars] = &[Chars::Range('0', '9'), Chars::Range('a', 'z')];
const REGION: &[Chars] = &[
    Chars::Range('a', 'z'),
    Chars::Range('A', 'Z'),
    Chars::Range('0', '9'),
    Chars::One('-'),
];

const fn run(of: &'static [Chars], min: usize, max: usize) -> Piece {
    Piece::Run { of, min, max }
}

/// What may name a target group.
const IDENTIFIER: Pattern = Pattern {
    text: r"((tg-[0-9a-z]{17})|(arn:[a-z0-9\-]+:vpc-lattice:[a-zA-Z0-9\-]+:\d{12}:targetgroup/tg-[0-9a-z]{17}))",
    words: "an id as in tg-0c07b012010e38cf4, or an ARN",
    forms: &[
        &[Piece::Literal("tg-"), run(ID, 17, 17)],
        &[
            Piece::Literal("arn:"),
            run(
                &[
                    Chars::Range('a', 'z'),
                    Chars::Range('0', '9'),
                    Chars::One('-'),
                ],
                1,
                usize::MAX,
            ),
            Piece::Literal(":vpc-lattice:"),
            run(REGION, 1, usize::MAX),
            Piece::Literal(":"),
            run(&[Chars::Range('0', '9')], 12, 12),
            Piece::Literal(":targetgroup/tg-"),
            run(ID, 17, 17),
        ],
    ],
};

/// The parameter that names the target group.
pub(super) const fn identifier(source: Source) -> Param {
    let kind = Kind::Pattern {
        min: 17,
        max: 2048,
        pattern: &IDENTIFIER,
    };
    required(
        "targetGroupIdentifier",
        kind,
        "id or ARN of the target group",
        source,
    )
}

const ITEM: &[Param] = &[
    required(
        "id",
        Kind::Text { min: 1, max: 200 },
        "instance id, or IP address for a target group of addresses",
        TARGET,
    ),
    optional(
        "port",
        Kind::Integer { min: 1, max: 65535 },
        "port; the target group's own if left out",
        TARGET,
    ),
];

/// The kind of a list of targets to act on.
pub(super) const TARGETS: Kind = Kind::List {
    of: &Kind::Struct(ITEM),
    min: 1,
    max: 100,
};
/// The kind of a list of targets to look at.
pub(super) const SOME_TARGETS: Kind = Kind::List {
    of: &Kind::Struct(ITEM),
    min: 0,
    max: 20,
};

/// Checks the shape of a request.
///
/// # Errors
/// `ValidationException`.
pub(super) fn check<'a>(params: &[Param], value: &'a Value) -> Result<Fields<'a>, ApiError> {
    aws::check(params, value, &[]).map_err(|error| ApiError {
        code: VALIDATION,
        ..error
    })
}

/// The target group with this id or ARN.
///
/// # Errors
/// `ResourceNotFoundException`.
pub(super) fn target_group(cloud: &Cloud, identifier: &str) -> Result<TargetGroupId, ApiError> {
    let named = |group: &TargetGroup| {
        let id = group.identifier.rsplit('/').next();
        group.kind.family() == Family::Lattice
            && !group.deleted
            && (group.identifier == identifier || id == Some(identifier))
    };
    let place = cloud.target_groups.iter().position(named);
    place
        .map(TargetGroupId::from_index)
        .ok_or_else(|| ApiError {
            code: NOT_FOUND,
            message: format!("Target Group {identifier} not found"),
            http_status: 404,
        })
}

/// The distinct targets a request names for a target group: id and port.
pub(super) fn named<'a>(group: &TargetGroup, fields: Fields<'a>) -> Vec<(&'a str, u16)> {
    let mut seen = std::collections::BTreeSet::new();
    let items = fields.items("targets").iter().map(Fields::of);
    items
        .map(|item| (item.given("id"), item.port("port").unwrap_or(group.port)))
        .filter(|target| seen.insert(*target))
        .collect()
}

/// Why a target was passed over: code and message.
pub(super) type Failure = (&'static str, String);

/// What became of each target a request named.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    successful: Vec<Value>,
    unsuccessful: Vec<Value>,
}

impl Outcomes {
    /// Notes what became of a target.
    pub(super) fn note(&mut self, (id, port): (&str, u16), outcome: Result<(), Failure>) {
        match outcome {
            Ok(()) => self.successful.push(json!({ "id": id, "port": port })),
            Err((code, message)) => self.unsuccessful.push(json!({
                "id": id,
                "port": port,
                "failureCode": code,
                "failureMessage": message,
            })),
        }
    }

    /// The answer.
    pub(super) fn answer(self) -> Value {
        json!({ "successful": self.successful, "unsuccessful": self.unsuccessful })
    }
}
