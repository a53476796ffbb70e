//! The committed JSON Schema is the one the descriptors give. `DRAINSIM_BLESS=1` rewrites it.

use std::path::Path;

#[test]
fn the_committed_schema_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/scenario.schema.json");
    let schema = drainsim::scenario::json_schema();
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if std::env::var_os("DRAINSIM_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == text,
        "the schema has changed: DRAINSIM_BLESS=1 cargo test"
    );
}
