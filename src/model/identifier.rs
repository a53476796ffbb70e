//! Identifiers in the clouds' own forms, drawn from a stream of their own.

use std::fmt::Write;

use crate::engine::random::Stream;

/// Makes identifiers.
#[derive(Debug)]
pub struct Identifiers(Stream);

impl Identifiers {
    /// Identifiers from `stream`.
    pub fn new(stream: Stream) -> Self {
        Self(stream)
    }

    fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 15);
        while text.len() < digits {
            write!(text, "{:016x}", self.0.bits()).expect("writing to a string works");
        }
        text.truncate(digits);
        text
    }

    /// `i-` and 17 hex digits on AWS.
    pub fn instance(&mut self) -> String {
        format!("i-{}", self.hex(17))
    }

    /// `i-bp1` and 17 letters and digits on Alibaba Cloud.
    pub fn alibaba_instance(&mut self) -> String {
        format!("i-bp1{}", self.hex(17))
    }

    /// 16 hex digits, as ARNs of Elastic Load Balancing end.
    pub fn target_group(&mut self) -> String {
        self.hex(16)
    }

    /// A UUID, as activity and request ids are on AWS.
    pub fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        format!(
            "{}-{}-4{}-a{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        )
    }

    /// An upper-case UUID, as request ids are on Alibaba Cloud.
    pub fn alibaba_request(&mut self) -> String {
        self.uuid().to_uppercase()
    }

    /// `asg-bp1...`, a scaling group on Alibaba Cloud.
    pub fn alibaba_group(&mut self) -> String {
        format!("asg-bp1{}", self.hex(17))
    }

    /// `ash-bp1...`, a lifecycle hook on Alibaba Cloud.
    pub fn alibaba_hook(&mut self) -> String {
        format!("ash-bp1{}", self.hex(17))
    }

    /// `asr-bp1...`, a scaling rule on Alibaba Cloud.
    pub fn alibaba_scaling_rule(&mut self) -> String {
        format!("asr-bp1{}", self.hex(17))
    }

    /// `asa-bp1...`, a scaling activity on Alibaba Cloud.
    pub fn alibaba_activity(&mut self) -> String {
        format!("asa-bp1{}", self.hex(17))
    }
}
