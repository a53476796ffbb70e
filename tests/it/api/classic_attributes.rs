//! `elb:ModifyLoadBalancerAttributes` and `elb:DescribeLoadBalancerAttributes`.

use serde_json::{Value, json};

use super::fleet::{CLASSIC, Fleet, Site};

const MODIFY: &str = "elb:ModifyLoadBalancerAttributes";

fn site() -> Site {
    Fleet::aws()
        .classic(CLASSIC)
        .machine("i-1")
        .registered(80)
        .machine("i-2")
        .registered(80)
        .site()
}

fn params(attributes: Value) -> Value {
    json!({"LoadBalancerName": CLASSIC, "LoadBalancerAttributes": attributes})
}

fn told(site: &mut Site) -> Value {
    let described = site.accepted(
        "elb:DescribeLoadBalancerAttributes",
        json!({"LoadBalancerName": CLASSIC}),
    );
    described["LoadBalancerAttributes"].clone()
}

#[test]
fn a_new_balancer_has_the_defaults_of_the_api() {
    let expected = json!({
        "CrossZoneLoadBalancing": {"Enabled": false},
        "AccessLog": {"Enabled": false},
        "ConnectionDraining": {"Enabled": false, "Timeout": 300},
        "ConnectionSettings": {"IdleTimeout": 60},
        "AdditionalAttributes": [{"Key": "elb.http.desyncmitigationmode", "Value": "defensive"}],
    });
    assert_eq!(told(&mut site()), expected);
}

/// Each section is answered as it then stands, and the others stay. R-CLB-7
#[test]
fn sections_are_changed_one_by_one() {
    let mut site = site();
    for (given, answered) in [
        (
            json!({"ConnectionDraining": {"Enabled": true}}),
            json!({"ConnectionDraining": {"Enabled": true, "Timeout": 300}}),
        ),
        (
            json!({"ConnectionDraining": {"Enabled": true, "Timeout": 3600}}),
            json!({"ConnectionDraining": {"Enabled": true, "Timeout": 3600}}),
        ),
        (
            json!({"ConnectionDraining": {"Enabled": false}}),
            json!({"ConnectionDraining": {"Enabled": false, "Timeout": 3600}}),
        ),
        (
            json!({"ConnectionSettings": {"IdleTimeout": 30},
                "CrossZoneLoadBalancing": {"Enabled": "true"}}),
            json!({"ConnectionSettings": {"IdleTimeout": 30},
                "CrossZoneLoadBalancing": {"Enabled": true}}),
        ),
        (
            json!({"AccessLog": {"Enabled": true, "S3BucketName": "logs", "EmitInterval": 60,
                "S3BucketPrefix": "web"}}),
            json!({"AccessLog": {"Enabled": true, "S3BucketName": "logs", "EmitInterval": 60,
                "S3BucketPrefix": "web"}}),
        ),
        (
            json!({"AdditionalAttributes": [
                {"Key": "elb.http.desyncmitigationmode", "Value": "strictest"}]}),
            json!({"AdditionalAttributes": [
                {"Key": "elb.http.desyncmitigationmode", "Value": "strictest"}]}),
        ),
    ] {
        let answer = site.accepted(MODIFY, params(given));
        assert_eq!(answer["LoadBalancerName"], CLASSIC);
        assert_eq!(answer["LoadBalancerAttributes"], answered);
    }
    let all = told(&mut site);
    assert_eq!(all["ConnectionSettings"], json!({"IdleTimeout": 30}));
    assert_eq!(
        all["ConnectionDraining"],
        json!({"Enabled": false, "Timeout": 3600})
    );
}

/// `InvalidConfigurationRequest` is HTTP 409 here and 400 in the newer API.
#[test]
fn what_does_not_go_is_refused() {
    let mut site = site();
    let draining = |timeout: u64| {
        json!({"CrossZoneLoadBalancing": {"Enabled": true},
            "ConnectionDraining": {"Enabled": true, "Timeout": timeout}})
    };
    let invalid = |text| ("InvalidConfigurationRequest", 409, text);
    for (given, expect) in [
        (
            draining(0),
            invalid("The timeout of connection draining must be between 1 and 3600 seconds, not 0"),
        ),
        (
            draining(3601),
            invalid(
                "The timeout of connection draining must be between 1 and 3600 seconds, not 3601",
            ),
        ),
        (
            json!({"AccessLog": {"Enabled": true}}),
            invalid("Access logs need the name of an S3 bucket"),
        ),
        (
            json!({"AccessLog": {"Enabled": true, "S3BucketName": "a", "EmitInterval": 6}}),
            invalid("The interval of access logs must be 5 or 60 minutes, not 6"),
        ),
        (
            json!({"AdditionalAttributes": [
                {"Key": "elb.http.desyncmitigationmode", "Value": "off"}]}),
            invalid(
                "The value 'off' of the attribute elb.http.desyncmitigationmode must be one of \
                 [monitor, defensive, strictest]",
            ),
        ),
        (
            json!({"AdditionalAttributes": [{"Key": "idle", "Value": "1"}]}),
            (
                "LoadBalancerAttributeNotFound",
                400,
                "The load balancer attribute 'idle' does not exist",
            ),
        ),
        (
            json!({"ConnectionDraining": {"Timeout": 5}}),
            (
                "ValidationError",
                400,
                "1 validation error detected: Value null at \
                 'loadBalancerAttributes.connectionDraining.enabled' failed to satisfy constraint: \
                 Member must not be null",
            ),
        ),
        (
            json!({"ConnectionSettings": {"IdleTimeout": 3601}}),
            (
                "ValidationError",
                400,
                "1 validation error detected: Value '3601' at \
                 'loadBalancerAttributes.connectionSettings.idleTimeout' failed to satisfy \
                 constraint: Member must have value less than or equal to 3600",
            ),
        ),
    ] {
        site.refused(MODIFY, params(given), expect);
    }
    assert_eq!(
        told(&mut site)["CrossZoneLoadBalancing"],
        json!({"Enabled": false})
    );
}

/// What is turned on counts for those that leave from then on. R-CLB-7
#[test]
fn draining_counts_for_later_deregistrations() {
    let mut site = site();
    let leave = |site: &mut Site, id: &str| {
        site.accepted(
            "elb:DeregisterInstancesFromLoadBalancer",
            json!({"LoadBalancerName": CLASSIC, "Instances": [{"InstanceId": id}]}),
        );
        site.instance_state(CLASSIC, id)[0].clone()
    };
    assert_eq!(leave(&mut site, "i-1"), "OutOfService");
    site.accepted(
        MODIFY,
        params(json!({"ConnectionDraining": {"Enabled": true, "Timeout": 60}})),
    );
    assert_eq!(leave(&mut site, "i-2"), "InService");
    // and a drain under way keeps it
    site.accepted(
        MODIFY,
        params(json!({"ConnectionDraining": {"Enabled": false}})),
    );
    assert_eq!(site.instance_state(CLASSIC, "i-2")[0], "InService");
}
