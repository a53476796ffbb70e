//! Dense indices that name the entities of a run. What a user sees is the cloud's own form of id.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in its table.
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of position `index`.
            ///
            /// # Panics
            /// When a table outgrows 32 bits, far above the stated limits.
            #[inline]
            pub fn from_index(index: usize) -> Self {
                Self(u32::try_from(index).expect("a table has fewer than 2^32 rows"))
            }
        }
    )*};
}

ids! {
    /// An Availability Zone.
    ZoneId;
    /// A load balancer.
    LoadBalancerId;
    /// One load balancer node: a load balancer in one of its zones.
    NodeId;
    /// A listener of any load balancer.
    ListenerId;
    /// A target group, or a server group on Alibaba Cloud.
    TargetGroupId;
    /// One registration of a target: a generation of (target group, id, port).
    RegistrationId;
    /// One node's view of one target group.
    ViewId;
    /// One registration as one node sees it.
    LinkId;
    /// An instance: a machine in a group or outside of any.
    InstanceId;
    /// A launch template.
    LaunchTemplateId;
    /// An Auto Scaling group or scaling group.
    GroupId;
    /// A scaling activity.
    ActivityId;
    /// A lifecycle action: one hook at work on one instance.
    LifecycleActionId;
    /// An instance refresh.
    RefreshId;
    /// A drain: the interval a registration spends deregistering.
    DrainId;
    /// A workload.
    WorkloadId;
    /// An entry of the timeline, by its place in the file; of a step, one of its makings.
    EntryId;
    /// A slot of the request slab.
    RequestSlot;
}
