//! ARNs of Elastic Load Balancing: their form, and those that a file leaves out.
//!
//! This module must never know what an ARN stands for.

use super::codes;
use super::context::Context;
use super::fleet;
use super::shape::Fields;

/// An ARN of the account and Region that generated ones are in.
pub(super) fn new(resource: &str) -> String {
    format!("arn:aws:elasticloadbalancing:us-east-1:123456789012:{resource}")
}

/// The last part of a generated ARN for the thing called `name`.
pub(super) fn generated_id(seed: u64, purpose: &'static str, name: &str) -> String {
    let mut stream = fleet::identifier_stream(seed, purpose, name);
    format!("{:016x}", stream.bits())
}

/// The ARN under `arn`, if one is given; one of something else than `resource` is reported.
pub(super) fn read(cx: &mut Context, fields: &Fields<'_>, resource: &str) -> Option<String> {
    let node = fields.node("arn")?;
    let text = node.text()?;
    if !names(text, resource) {
        let message = format!(
            "`{text}` is not the ARN of a {}",
            resource.replace('-', " ")
        );
        let example = new(&format!("{resource}/app/front/73e2d6bc24d8a067"));
        cx.report(&codes::BAD_ID, node.span, message)
            .help(format!("write it as in `{example}`, or leave it out"));
    }
    cx.take_id(text, node.span);
    Some(text.to_owned())
}

/// Reports an `arn` of something that has none.
pub(super) fn refuse(cx: &mut Context, fields: &Fields<'_>, what: &str) {
    if fields.node("arn").is_some() {
        cx.report(
            &codes::CONFLICT,
            fields.span("arn"),
            format!("{what} has no ARN"),
        )
        .help("leave `arn` out");
    }
}

/// Whether `text` is an ARN of `resource`, with a name and an id behind it.
pub(super) fn names(text: &str, resource: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account, what] = parts.as_slice() else {
        return false;
    };
    let mut path = what.split('/');
    let kind = path.next();
    let rest: Vec<&str> = path.collect();
    *arn == "arn"
        && partition.starts_with("aws")
        && *service == "elasticloadbalancing"
        && !region.is_empty()
        && account.len() == 12
        && account.chars().all(|c| c.is_ascii_digit())
        && kind == Some(resource)
        && rest.len() >= 2
        && rest.iter().all(|part| !part.is_empty())
        && rest
            .last()
            .is_some_and(|id| id.chars().all(|c| c.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_one_kind_of_thing() {
        let valid =
            "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/my-targets/73e2d6bc";
        assert!(names(valid, "targetgroup"));
        assert!(!names(valid, "loadbalancer"));
        for broken in [
            "",
            "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/x/73e2d6bc",
            "arn:aws:elasticloadbalancing:us-west-2:12345:targetgroup/x/73e2d6bc",
            "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/x",
            "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup//73e2d6bc",
        ] {
            assert!(!names(broken, "targetgroup"), "{broken}");
        }
    }
}
