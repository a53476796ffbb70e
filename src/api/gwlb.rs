//! What the operations of Alibaba Cloud's Gateway Load Balancers have in common.
//!
//! What they do is what those of Application Load Balancers do. Source: R-AGWLB-5.

use super::params::optional;
use crate::describe::{Kind, Param, Source};
use crate::model::lb::GENEVE_PORT;

pub(super) mod add_servers_to_server_group;
pub(super) mod list_server_group_servers;
pub(super) mod remove_servers_from_server_group;
pub(super) mod update_server_group_attribute;

/// The port of a server.
const PORT: Param = optional(
    "Port",
    Kind::Integer {
        min: GENEVE_PORT as i64,
        max: GENEVE_PORT as i64,
    },
    "its port, which is 6081",
    Source::Ours,
);

const SHAPE: &str = "what is wrong with the shape of a request is told as Auto Scaling tells it \
                     (assumed), and so are client tokens used twice";
const ERRORS: &str = "other errors are taken to have the codes and messages of ALB";
const BUSY: &str = "a server group is never busy: it is not Configuring between two calls, and \
                    IncorrectStatus.ServerGroup is never answered";
const FORWARDED: &str = "a server group that no load balancer forwards to is taken to be one of ALB, \
                         and is not found here";
