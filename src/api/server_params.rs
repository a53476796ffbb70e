//! Parameters that requests about servers of ALB, NLB and GWLB share, each with the page it stands
//! on.
//!
//! This module must never know which services those are.

use super::alibaba::CLIENT_TOKEN;
use super::params::{defaulted, optional};
use super::server_group::{
    ADDRESS, DRY_RUN, ID, REGION_ID, SERVER_GROUP_ID, SERVER_ID, SERVER_IP, SERVER_TYPE,
};
use crate::describe::{Kind, Param, Source};

/// The kind of a server's type where there are no functions.
pub(super) const NO_FUNCTIONS: Kind = Kind::OneOf(&["Ecs", "Eni", "Eci", "Ip"]);

/// A parameter as another page has it too.
pub(super) const fn on_page(source: Source, param: Param) -> Param {
    Param { source, ..param }
}

/// A server in a list, of one of `types`; `port` is its port.
pub(super) const fn server(types: Kind, port: Param) -> [Param; 4] {
    let source = port.source;
    [
        on_page(source, SERVER_ID),
        Param {
            kind: types,
            source,
            ..SERVER_TYPE
        },
        port,
        on_page(source, SERVER_IP),
    ]
}

/// So many servers at most in a list, each as `server` describes it.
pub(super) const fn servers(server: &'static Kind, limit: usize) -> Kind {
    Kind::List {
        of: server,
        min: 1,
        max: limit,
    }
}

/// A request that names servers, in either spelling; `servers` is the list, `types` and `port` are
/// those of one.
pub(super) const fn request(servers: Kind, types: Kind, port: Param) -> [Param; 9] {
    let source = port.source;
    [
        on_page(source, REGION_ID),
        on_page(source, SERVER_GROUP_ID),
        optional(
            "Servers",
            servers,
            "the servers; these or the other spelling",
            source,
        ),
        optional("Servers.N.ServerId", ID, "id of the N-th server", source),
        optional("Servers.N.ServerType", types, "its type", source),
        optional("Servers.N.Port", port.kind, port.doc, source),
        optional("Servers.N.ServerIp", ADDRESS, "its address", source),
        on_page(source, DRY_RUN),
        on_page(source, CLIENT_TOKEN),
    ]
}

/// A request for a list of servers, of which `ids` may be named, on pages of at most `page`.
pub(super) const fn list(ids: usize, page: i64, source: Source) -> [Param; 6] {
    let servers = Kind::List {
        of: &ID,
        min: 1,
        max: ids,
    };
    [
        on_page(source, REGION_ID),
        optional(
            "ServerGroupId",
            ID,
            "id of the server group; all if left out",
            source,
        ),
        optional(
            "ServerIds",
            servers,
            "ids of the servers; all if left out",
            source,
        ),
        optional("ServerIds.N", ID, "id of the N-th server", source),
        defaulted(
            "MaxResults",
            Kind::Integer { min: 1, max: page },
            "20",
            "servers of a page",
            source,
        ),
        optional(
            "NextToken",
            Kind::Text { min: 1, max: 128 },
            "token of the page, from the answer before",
            source,
        ),
    ]
}

/// The kind of a weight.
pub(super) const WEIGHT: Kind = Kind::Integer { min: 0, max: 100 };
/// The kind of a description.
pub(super) const DESCRIPTION: Kind = Kind::Text { min: 2, max: 256 };

/// What else a flattened request may say of a server that has a weight.
pub(super) const fn weighed(source: Source) -> [Param; 2] {
    [
        optional("Servers.N.Weight", WEIGHT, "its weight", source),
        optional(
            "Servers.N.Description",
            DESCRIPTION,
            "what to say about it",
            source,
        ),
    ]
}
