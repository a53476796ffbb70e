//! What ESS attaches to scaling groups and detaches from them, as requests name it, and the two
//! acts.
//!
//! Source: R-ESS-3, R-ESS-4, R-ESS-30.

use std::fmt::Debug;

use serde_json::{Map, Value};

use super::alibaba;
use super::params::{Fields, defaulted, optional, required, with_shared};
use super::{ApiError, Call, Operation, Response};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::ess::NewSource;
use crate::model::group::Group;
use crate::model::ids::{ActivityId, GroupId, TargetGroupId};
use crate::model::lb::{GENEVE_PORT, server_group_type};
use crate::model::settings::{Provider, TargetType};
use crate::model::source::SourceState;
use crate::model::target_group::TargetGroup;
use crate::model::weight::FULL_WEIGHT;

/// Kind of an id of a server group.
pub(super) const SERVER_GROUP_ID: Kind = Kind::Text { min: 1, max: 128 };
/// Kind of its type.
pub(super) const TYPE: Kind = Kind::OneOf(&["ALB", "NLB", "GWLB"]);
/// Kind of a port.
pub(super) const PORT: Kind = Kind::Integer { min: 1, max: 65535 };
/// Kind of a weight.
pub(super) const WEIGHT: Kind = Kind::Integer { min: 0, max: 100 };

const ATTACH_API: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-attachservergroups",
);

/// A server group in a list.
pub(super) const fn server_group(source: Source) -> [Param; 3] {
    [
        required(
            "ServerGroupId",
            SERVER_GROUP_ID,
            "id of the server group",
            source,
        ),
        required("Type", TYPE, "`ALB`, `NLB` or `GWLB`", source),
        optional(
            "Port",
            PORT,
            "port of the instances in it; required for ALB and NLB, not to be given for GWLB",
            source,
        ),
    ]
}

/// How server groups are named, each described as `item`.
pub(super) const fn naming(item: &'static [Param]) -> Naming {
    Naming {
        list: "ServerGroups",
        key: "ServerGroup",
        id: "ServerGroupId",
        kind: None,
        item,
    }
}

/// How server groups to attach are named.
pub(super) const NAMING: Naming = naming(&ITEM);

const ITEM: [Param; 4] = with_shared(
    server_group(ATTACH_API),
    &[optional(
        "Weight",
        WEIGHT,
        "weight of the instances in it; required for ALB and NLB, not to be given for GWLB",
        ATTACH_API,
    )],
);

/// Server groups to attach, in whichever spelling.
pub(super) const SERVER_GROUPS: [Param; 10] = [
    optional(
        "ServerGroups",
        Kind::List {
            of: &Kind::Struct(&ITEM),
            min: 1,
            max: usize::MAX,
        },
        "the server groups, as current SDKs send them; this or one of the other spellings",
        ATTACH_API,
    ),
    optional(
        "ServerGroup",
        Kind::Any,
        "the server groups, as a list or as JSON text",
        ATTACH_API,
    ),
    optional(
        "ServerGroups.N.ServerGroupId",
        SERVER_GROUP_ID,
        "id of the N-th server group",
        ATTACH_API,
    ),
    optional("ServerGroups.N.Type", TYPE, "its type", ATTACH_API),
    optional("ServerGroups.N.Port", PORT, "its port", ATTACH_API),
    optional("ServerGroups.N.Weight", WEIGHT, "its weight", ATTACH_API),
    optional(
        "ServerGroup.N.ServerGroupId",
        SERVER_GROUP_ID,
        "id of the N-th server group",
        ATTACH_API,
    ),
    optional("ServerGroup.N.Type", TYPE, "its type", ATTACH_API),
    optional("ServerGroup.N.Port", PORT, "its port", ATTACH_API),
    optional("ServerGroup.N.Weight", WEIGHT, "its weight", ATTACH_API),
];

/// The ALB server groups of a request in the older spelling, each described as `item`.
pub(super) const fn alb_server_groups(item: &'static Kind, source: Source) -> [Param; 6] {
    [
        optional(
            "AlbServerGroups",
            Kind::List {
                of: item,
                min: 1,
                max: usize::MAX,
            },
            "the ALB server groups, as current SDKs send them; this or one of the other spellings",
            source,
        ),
        optional(
            "AlbServerGroup",
            Kind::Any,
            "the ALB server groups, as a list or as JSON text",
            source,
        ),
        optional(
            "AlbServerGroups.N.AlbServerGroupId",
            SERVER_GROUP_ID,
            "id of the N-th ALB server group",
            source,
        ),
        optional("AlbServerGroups.N.Port", PORT, "its port", source),
        optional(
            "AlbServerGroup.N.AlbServerGroupId",
            SERVER_GROUP_ID,
            "id of the N-th ALB server group",
            source,
        ),
        optional("AlbServerGroup.N.Port", PORT, "its port", source),
    ]
}

/// The id and the port of an ALB server group.
pub(super) const fn alb_server_group(source: Source) -> [Param; 2] {
    [
        required(
            "AlbServerGroupId",
            SERVER_GROUP_ID,
            "id of the ALB server group",
            source,
        ),
        required("Port", PORT, "port of the instances in it", source),
    ]
}

/// How calls that are about ALB server groups only name them, each described as `item`.
pub(super) const fn alb_naming(item: &'static [Param]) -> Naming {
    Naming {
        list: "AlbServerGroups",
        key: "AlbServerGroup",
        id: "AlbServerGroupId",
        kind: Some("ALB"),
        item,
    }
}

/// Whether members are added, too.
pub(super) const fn force_attach(source: Source) -> Param {
    defaulted(
        "ForceAttach",
        Kind::Boolean,
        "false",
        "whether to add the group's instances, too, through a scaling activity",
        source,
    )
}

/// Whether members are removed, too.
pub(super) const fn force_detach(source: Source) -> Param {
    defaulted(
        "ForceDetach",
        Kind::Boolean,
        "false",
        "whether to remove the group's instances, too, through a scaling activity",
        source,
    )
}

/// How an operation names server groups.
#[derive(Debug)]
pub(super) struct Naming {
    /// The key they come under.
    pub(super) list: &'static str,
    /// The key of the page.
    pub(super) key: &'static str,
    /// The key of an id.
    pub(super) id: &'static str,
    /// The type of all of them, where requests do not say it.
    pub(super) kind: Option<&'static str>,
    /// What is said of one.
    pub(super) item: &'static [Param],
}

/// A server group as a request names it.
#[derive(Debug)]
struct ServerGroup {
    id: String,
    /// `ALB`, `NLB` or `GWLB`.
    kind: String,
    /// Port; the one of GWLB when that is what it is.
    port: u16,
    /// Weight, where the operation takes one.
    weight: Option<u32>,
}

impl Naming {
    /// The server groups a request may name, of a group that has none yet.
    ///
    /// # Errors
    /// `MissingParameter` and `InvalidParameter`.
    pub(super) fn given(
        &self,
        cloud: &Cloud,
        fields: Fields<'_>,
    ) -> Result<Vec<NewSource>, ApiError> {
        if fields.items(self.list).is_empty() {
            return Ok(Vec::new());
        }
        self.attachable(cloud, &self.read(fields)?)
    }

    /// The server groups of a request. They may come as a list or as JSON text under any of the
    /// keys, or flattened as `ServerGroup.1.ServerGroupId`, as SDKs of different ages send them.
    ///
    /// # Errors
    /// `MissingParameter` and `InvalidParameter`.
    fn read(&self, fields: Fields<'_>) -> Result<Vec<ServerGroup>, ApiError> {
        let items = fields.items(self.list);
        if items.is_empty() {
            return Err(alibaba::missing(self.key));
        }
        let groups = items.iter().zip(1..);
        groups
            .map(|(value, place)| self.read_one(value, place))
            .collect()
    }

    fn read_one(&self, value: &Value, place: usize) -> Result<ServerGroup, ApiError> {
        let prefix = format!("{}.{place}.", self.key);
        let fields = Fields::of(value);
        let kind = self.kind.unwrap_or_else(|| fields.given("Type")).to_owned();
        let gateway = kind == "GWLB";
        let weighted = self.item.iter().any(|param| param.key == "Weight");
        for key in ["Port", "Weight"] {
            let given = fields.get(key).is_some();
            if gateway && given {
                return Err(alibaba::invalid(&format!("{prefix}{key}")));
            }
            if !gateway && !given && (weighted || key == "Port") {
                return Err(alibaba::missing(&format!("{prefix}{key}")));
            }
        }
        Ok(ServerGroup {
            id: fields.given(self.id).to_owned(),
            kind,
            port: fields.port("Port").unwrap_or(GENEVE_PORT),
            weight: weight(fields),
        })
    }

    /// Server groups to attach, each once.
    ///
    /// # Errors
    /// `InvalidParameter` for the first that is none, or none of its type.
    fn attachable(
        &self,
        cloud: &Cloud,
        wanted: &[ServerGroup],
    ) -> Result<Vec<NewSource>, ApiError> {
        let mut new: Vec<NewSource> = Vec::new();
        for (wanted, place) in wanted.iter().zip(1..) {
            let key = |name| format!("{}.{place}.{name}", self.key);
            let is_server_group = cloud.target_group_named(&wanted.id).is_some_and(|id| {
                let group = &cloud.target_groups[id.index()];
                group.provider == Provider::Alibaba && group.target_type == TargetType::Instance
            });
            if !is_server_group {
                return Err(alibaba::invalid(&key(self.id)));
            }
            let of_type = wanted.found(cloud);
            let wrong = self.kind.map_or("Type", |_| self.id);
            let target_group = of_type.ok_or_else(|| alibaba::invalid(&key(wrong)))?;
            let source = NewSource {
                target_group,
                port: wanted.port,
                weight: wanted.weight.unwrap_or(FULL_WEIGHT),
            };
            push_new(&mut new, source);
        }
        Ok(new)
    }
}

impl ServerGroup {
    /// The server group of this id and type.
    fn found(&self, cloud: &Cloud) -> Option<TargetGroupId> {
        let found = cloud.target_group_named(&self.id)?;
        let group = &cloud.target_groups[found.index()];
        (type_of(group)? == self.kind).then_some(found)
    }
}

/// The type of a server group: `ALB`, `NLB` or `GWLB`; none for those of Classic Load Balancers and
/// what is of another cloud.
pub(super) fn type_of(group: &TargetGroup) -> Option<String> {
    server_group_type(group.kind)
}

/// The weight of a structure.
pub(super) fn weight(fields: Fields<'_>) -> Option<u32> {
    let weight = fields.integer("Weight");
    weight.and_then(|weight| u32::try_from(weight).ok())
}

/// Adds a source to those to attach, unless it is among them.
pub(super) fn push_new(new: &mut Vec<NewSource>, source: NewSource) {
    let same = |new: &NewSource| (new.target_group, new.port) == (source.target_group, source.port);
    if !new.iter().any(same) {
        new.push(source);
    }
}

/// Places of the attached sources with these server groups and ports; one that is being detached
/// matches no more.
pub(super) fn attached(group: &Group, wanted: &[(TargetGroupId, u16)]) -> Vec<usize> {
    let places = group.sources.iter().enumerate();
    places
        .filter(|(_, source)| {
            source.state != SourceState::Removing
                && wanted.contains(&(source.target_group, source.port))
        })
        .map(|(place, _)| place)
        .collect()
}

/// Which answers tell of the scaling activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    /// Those to requests that are forced.
    Forced,
    /// Those to requests that say `Async`, forced or not.
    Asked,
    /// None.
    Never,
}

/// Which scaling group a request is about, and how.
#[derive(Debug)]
struct Request<'a> {
    group: &'a str,
    /// Whether its members are added or removed, too.
    force: bool,
    /// Whether it says `Async`.
    asked: bool,
    tells: Tells,
}

/// Attaches server groups.
///
/// # Errors
/// Those of the operation.
pub(super) fn attach_server_groups(
    call: &mut Call<'_, '_>,
    operation: &'static Operation,
    naming: &Naming,
    params: &Value,
) -> Result<Response, ApiError> {
    let checked = alibaba::check(operation.params, params)?;
    let fields = checked.fields();
    let wanted = naming.read(fields)?;
    let act = (operation.name, Tells::Forced);
    attach(call, act, fields, &wanted, |cloud| {
        naming.attachable(cloud, &wanted)
    })
}

/// Detaches server groups; what matches none is passed over.
///
/// # Errors
/// Those of the operation.
pub(super) fn detach_server_groups(
    call: &mut Call<'_, '_>,
    operation: &'static Operation,
    naming: &Naming,
    params: &Value,
) -> Result<Response, ApiError> {
    let checked = alibaba::check(operation.params, params)?;
    let fields = checked.fields();
    let wanted = naming.read(fields)?;
    let act = (operation.name, Tells::Forced);
    detach(call, act, fields, &wanted, |cloud, group| {
        let found = wanted.iter().filter_map(|wanted| {
            let found = wanted.found(cloud)?;
            Some((found, wanted.port))
        });
        let found: Vec<_> = found.collect();
        Ok(attached(group, &found))
    })
}

/// Attaches what `find` finds.
///
/// # Errors
/// Those of the group, its scaling activities and the client token; what `find` answers.
pub(super) fn attach<T: Debug>(
    call: &mut Call<'_, '_>,
    (operation, tells): (&'static str, Tells),
    fields: Fields<'_>,
    wanted: &[T],
    find: impl FnOnce(&Cloud) -> Result<Vec<NewSource>, ApiError>,
) -> Result<Response, ApiError> {
    let request = Request::read(fields, "ForceAttach", tells);
    let asked = (fields.text("RegionId"), &request, wanted);
    let token = fields.text("ClientToken");
    alibaba::once(call, operation, token, &asked, |call| {
        let group = request.group(call.cloud)?;
        let new = find(call.cloud)?;
        let force = request.force;
        let activity = call.cloud.ess_attach_sources(call.cx, group, &new, force);
        let words = ["Attach load balancers", "attach load balancers"];
        Ok(request.answer(call, (group, activity), words))
    })
}

/// Detaches the sources in the places `find` finds.
///
/// # Errors
/// Those of the group, its scaling activities and the client token; what `find` answers.
pub(super) fn detach<T: Debug>(
    call: &mut Call<'_, '_>,
    (operation, tells): (&'static str, Tells),
    fields: Fields<'_>,
    wanted: &[T],
    find: impl FnOnce(&Cloud, &Group) -> Result<Vec<usize>, ApiError>,
) -> Result<Response, ApiError> {
    let request = Request::read(fields, "ForceDetach", tells);
    let asked = (fields.text("RegionId"), &request, wanted);
    let token = fields.text("ClientToken");
    alibaba::once(call, operation, token, &asked, |call| {
        let group = request.group(call.cloud)?;
        let places = find(call.cloud, &call.cloud.groups[group.index()])?;
        let activity = if request.force {
            Some(call.cloud.ess_detach_sources(call.cx, group, &places))
        } else {
            call.cloud.ess_forget_sources(call.cx, group, &places);
            None
        };
        let words = ["Detach load balancers", "detach load balancers"];
        Ok(request.answer(call, (group, activity), words))
    })
}

impl<'a> Request<'a> {
    fn read(fields: Fields<'a>, force: &str, tells: Tells) -> Self {
        Self {
            group: fields.given("ScalingGroupId"),
            force: fields.flag(force),
            asked: tells == Tells::Asked && fields.flag("Async"),
            tells,
        }
    }

    /// The scaling group, which has no activity under way if this is to be one.
    fn group(&self, cloud: &Cloud) -> Result<GroupId, ApiError> {
        let group = alibaba::group(cloud, self.group)?;
        if self.force || self.asked {
            alibaba::check_may_begin(cloud, group, None)?;
        } else {
            alibaba::check_not_deleting(cloud, group)?;
        }
        Ok(group)
    }

    /// What is answered of the activity under way, if there is one; where one is asked for that
    /// there is no need of, it is over at once.
    fn answer(
        &self,
        call: &mut Call<'_, '_>,
        (group, activity): (GroupId, Option<ActivityId>),
        [description, cause]: [&str; 2],
    ) -> Map<String, Value> {
        let activity = if activity.is_none() && self.asked {
            Some(call.cloud.ess_tell(call.cx, group, description, cause))
        } else {
            activity
        };
        let told = match self.tells {
            Tells::Forced => true,
            Tells::Asked => self.asked,
            Tells::Never => false,
        };
        let activity = activity.filter(|_| told);
        activity.map_or_else(Map::new, |id| alibaba::activity(call.cloud, id))
    }
}
