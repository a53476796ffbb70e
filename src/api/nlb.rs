//! What the operations of Alibaba Cloud's Network Load Balancers have in common.
//!
//! What they do is what those of Application Load Balancers do. Source: R-ANLB-5.

use super::params::defaulted;
use crate::describe::{Kind, Param, Source};

pub(super) mod add_servers_to_server_group;
pub(super) mod list_server_group_servers;
pub(super) mod remove_servers_from_server_group;
pub(super) mod update_server_group_attribute;
pub(super) mod update_server_group_servers_attribute;

/// The port of a server.
const PORT: Param = defaulted(
    "Port",
    Kind::Integer { min: 0, max: 65535 },
    "0",
    "its port; 0 where the server group forwards to all ports",
    Source::Ours,
);

const SHAPE: &str = "what is wrong with the shape of a request is told as Auto Scaling tells it \
                     (assumed); so is what stands for %s in messages";
const BUSY: &str = "a server group is never busy: it is not Configuring between two calls, and \
                    neither IncorrectStatus.serverGroup nor Conflict.Lock is ever answered";
const FORWARDED: &str = "a server group that no load balancer forwards to is taken to be one of ALB, \
                         and is not found here";
