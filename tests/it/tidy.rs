//! Tidiness: layers, headers, sizes, registries, and that rules and tests name each other.

#[test]
fn placeholder() {}
