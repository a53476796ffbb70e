//! The generated pages of `docs/` are what the descriptors say. `DRAINSIM_BLESS=1` rewrites them.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use drainsim::describe::Presence;
use drainsim::model::assumption::SETTINGS;

#[test]
fn the_table_of_settings_is_the_registry() {
    let mut page = String::from(
        "# Settings\n\nWhat no cloud documents, each with a default and a mark. The `settings:` section of a \
         scenario changes them;\nany duration may be a distribution. Generated from the registry.\n\n\
         | key | default | meaning | mark | source |\n|---|---|---|---|---|\n",
    );
    for setting in SETTINGS {
        let param = &setting.param;
        let Presence::Default(default) = param.presence else {
            panic!("{} has a default", param.key);
        };
        let (mark, place) = (param.source.mark(), param.source.place());
        let place = if place.starts_with("https://") {
            format!("<{place}>")
        } else {
            place.to_owned()
        };
        writeln!(
            page,
            "| `{}` | `{default}` | {} | {mark} | {place} |",
            param.key, param.doc
        )
        .unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SETTINGS.md");
    if std::env::var_os("DRAINSIM_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, page, "DRAINSIM_BLESS=1 cargo test rewrites it");
}

/// What the page of operations holds is what the command prints. After operations were added or
/// changed: `DRAINSIM_BLESS=1 cargo test --test it -- reference`.
#[test]
fn the_page_of_operations_is_the_registry() {
    let listed = Command::new(env!("CARGO_BIN_EXE_drainsim"))
        .args(["list", "operations", "--long"])
        .output()
        .unwrap();
    let page = String::from_utf8(listed.stdout).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/OPERATIONS.md");
    if std::env::var_os("DRAINSIM_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/OPERATIONS.md is not what the descriptors say: \
         DRAINSIM_BLESS=1 cargo test --test it -- reference"
    );
}

/// The default each setting states is the value a scenario that does not set it gets.
#[test]
fn stated_defaults_are_the_defaults() {
    let stated: Vec<String> = SETTINGS
        .iter()
        .filter_map(|setting| match setting.param.presence {
            Presence::Default(default) => Some(format!("{}: {default}", setting.param.key)),
            Presence::Required | Presence::Optional => None,
        })
        .collect();
    let file = |settings: &str| {
        format!(
            "horizon: 1m\n{settings}load_balancers: {{ l: {{ type: application, zones: [a], listeners: {{ h: {{ \
             forward: [{{ target_group: t }}] }} }} }} }}\ntarget_groups: {{ t: {{ targets: [{{ id: \
             i-0aaaaaaaaaaaaaaa1 }}] }} }}\nlaunch_templates: {{ m: {{}} }}\n"
        )
    };
    let assumptions = |text: &str| {
        let options = drainsim::scenario::LoadOptions::default();
        let loaded =
            drainsim::scenario::load_text("stated", text, Path::new("."), &options).unwrap();
        format!("{:?}", loaded.scenario.fleet.assumptions)
    };
    let section = format!("settings:\n  {}\n", stated.join("\n  "));
    assert_eq!(assumptions(&file(&section)), assumptions(&file("")));
}
