//! Tidiness: layers, headers, sizes, registries, and that rules and tests name each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every `.rs` file below `folder`, by its path from there, with `/` between names.
fn sources(folder: &str) -> BTreeMap<String, String> {
    fn walk(folder: &Path, base: &Path, found: &mut BTreeMap<String, String>) {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                walk(&path, base, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(base).unwrap();
                let name = name.to_str().unwrap().replace('\\', "/");
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let base = root().join(folder);
    let mut found = BTreeMap::new();
    walk(&base, &base, &mut found);
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

/// Who may name whom: a layer may name itself and those listed.
const LAYERS: &[(&str, &[&str])] = &[
    ("describe", &[]),
    ("engine", &["describe"]),
    ("stats", &["engine", "describe"]),
    ("workload", &["engine", "describe"]),
    ("model", &["stats", "workload", "engine", "describe"]),
    ("api", &["model", "workload", "engine", "describe"]),
    (
        "metrics",
        &["model", "stats", "workload", "engine", "describe"],
    ),
    (
        "scenario",
        &["api", "metrics", "model", "workload", "engine", "describe"],
    ),
    (
        "experiment",
        &[
            "scenario", "api", "metrics", "model", "stats", "workload", "engine", "describe",
        ],
    ),
    (
        "report",
        &[
            "experiment",
            "scenario",
            "api",
            "metrics",
            "model",
            "stats",
            "workload",
            "engine",
            "describe",
        ],
    ),
    (
        "cli",
        &[
            "report",
            "experiment",
            "scenario",
            "api",
            "metrics",
            "model",
            "stats",
            "workload",
            "engine",
            "describe",
        ],
    ),
];

/// The code of a file without comments, so that words about other layers do not count.
fn code_of(text: &str) -> String {
    text.lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The layers that a file names by `crate::layer` or `crate::{layer, ..}`.
fn named_layers(code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (place, _) in code.match_indices("crate::") {
        let rest = &code[place + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (at, character) in list.char_indices() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    _ if start && character.is_alphabetic() => {
                        named.insert(word(&list[at..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            named.insert(word(rest));
        }
    }
    named
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn layers_name_only_what_is_below_them() {
    let known: BTreeSet<&str> = LAYERS.iter().map(|(layer, _)| *layer).collect();
    for (file, text) in sources("src") {
        let Some((layer, _)) = file.split_once('/') else {
            continue;
        };
        let (_, below) = LAYERS
            .iter()
            .find(|(name, _)| *name == layer)
            .unwrap_or_else(|| panic!("src/{layer} is in no layer"));
        for named in named_layers(&code_of(&text)) {
            let allowed = named == layer || below.contains(&named.as_str());
            assert!(
                allowed || !known.contains(named.as_str()),
                "src/{file} names {named}"
            );
        }
    }
}

/// The reader of paths finds what it is there to find.
#[test]
fn named_layers_are_found_in_every_form() {
    let code = "use crate::engine::time; fn f() -> crate::model::Cloud { crate::{api::X, stats} }";
    let found: Vec<String> = named_layers(&code_of(code)).into_iter().collect();
    assert_eq!(found, ["api", "engine", "model", "stats"]);
    assert!(named_layers(&code_of("// crate::cli")).is_empty());
}

#[test]
fn every_file_says_what_it_is_for_and_is_not_too_long() {
    for folder in ["src", "tests/it"] {
        for (file, text) in sources(folder) {
            assert!(text.starts_with("//! "), "{folder}/{file} has no header");
            let lines = text.lines().count();
            // generators and their interpreter belong together, and tests are read piece by piece
            let most = if folder == "src" { 600 } else { 1_100 };
            assert!(lines <= most, "{folder}/{file} has {lines} lines");
        }
    }
}

#[test]
fn every_file_of_a_registry_is_declared() {
    let sources = sources("src");
    let folders = [
        "model/lb",
        "model/routing",
        "workload/dist",
        "workload/arrivals",
        "metrics",
        "report",
        "api",
    ];
    for folder in folders {
        let home = &sources[&format!("{folder}/mod.rs")];
        let inside = sources
            .keys()
            .filter_map(|file| file.strip_prefix(&format!("{folder}/")));
        for file in inside.filter(|file| *file != "mod.rs") {
            let name = file.rsplit('/').next().unwrap().trim_end_matches(".rs");
            // a folder below has a mod.rs of its own, or its files are declared here
            let own = file.rsplit_once('/').and_then(|(below, _)| {
                sources
                    .get(&format!("{folder}/{below}/mod.rs"))
                    .or_else(|| sources.get(&format!("{folder}/{below}.rs")))
            });
            let declared = |text: &str| text.contains(&format!("mod {name};"));
            assert!(
                declared(home) || own.is_some_and(|text| declared(text)) || name == "mod",
                "src/{folder}/{file} is declared nowhere"
            );
        }
    }
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    // put together here, so that this file does not find itself
    let signs = [["/ro", "ot/"], ["/ho", "me/"], ["/wo", "rk/"], ["C:", "\\"]].map(|s| s.concat());
    let mut files: Vec<(String, String)> = Vec::new();
    for folder in ["src", "tests/it", "benches"] {
        files.extend(sources(folder));
    }
    for name in ["docs/DESIGN.md", "docs/ARCHITECTURE.md", "Cargo.toml"] {
        files.push((
            name.to_owned(),
            fs::read_to_string(root().join(name)).unwrap(),
        ));
    }
    for (file, text) in files {
        for sign in &signs {
            assert!(!text.contains(sign), "{file} has {sign}");
        }
    }
}

/// Rule ids in a text; `R-ASG-1 to R-ASG-12` stands for all of them.
fn rules_in(text: &str) -> BTreeSet<String> {
    let mut found: Vec<(usize, String, u32)> = Vec::new();
    for (place, _) in text.match_indices("R-") {
        let rest = &text[place + 2..];
        let topic: String = rest.chars().take_while(char::is_ascii_uppercase).collect();
        let number: String = rest[topic.len()..]
            .strip_prefix('-')
            .unwrap_or("")
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        let fresh = !text[..place].ends_with(|c: char| c.is_ascii_alphanumeric());
        if let (false, true, Ok(number)) = (topic.is_empty(), fresh, number.parse()) {
            found.push((place, topic, number));
        }
    }
    let mut rules: BTreeSet<String> = BTreeSet::new();
    for pair in found.windows(2) {
        let [(first_place, topic, first), (place, other, last)] = pair else {
            unreachable!("windows of two");
        };
        let between: String = text[*first_place..*place]
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '/' && *c != '!')
            .collect();
        if topic == other && between == format!("R-{topic}-{first}to") {
            rules.extend((*first..*last).map(|number| format!("R-{topic}-{number}")));
        }
    }
    let alone = found
        .iter()
        .map(|(_, topic, number)| format!("R-{topic}-{number}"));
    rules.extend(alone);
    rules
}

#[test]
fn ranges_of_rules_are_read() {
    let found = rules_in("//! Source: R-ASG-9 to\n//! R-ASG-12, R-X-1. FOR-X-2, R-value");
    let expected = ["R-ASG-10", "R-ASG-11", "R-ASG-12", "R-ASG-9", "R-X-1"];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}

/// The rows of the rule list: id and the file that pins it.
fn rule_list() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(root().join("docs/DESIGN.md")).unwrap();
    let mut rules = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| R-")) {
        let cells: Vec<String> = line
            .trim_matches('|')
            .split(" | ")
            .map(|cell| cell.trim().to_owned())
            .collect();
        assert_eq!(cells.len(), 6, "{line}");
        let mark = cells[2].as_str();
        assert!(
            ["documented", "observed", "assumed"].contains(&mark),
            "{line}"
        );
        let sourced = cells[3].contains("https://") && cells[3].ends_with("2026-11");
        assert!(sourced || mark == "assumed", "{line}");
        assert!(rules.insert(cells[0].clone(), cells).is_none(), "{line}");
    }
    assert!(rules.len() > 40);
    rules
}

#[test]
fn rules_in_the_code_are_in_the_list() {
    let list = rule_list();
    for (file, text) in sources("src") {
        for rule in rules_in(&text) {
            assert!(list.contains_key(&rule), "src/{file} cites {rule}");
        }
    }
}

/// Both ways: a rule names the file of a test that names the rule, and no test names a rule that
/// does not exist. Files of the operations are named by the list alone: what they check is
/// written as tables.
#[test]
fn rules_and_tests_name_each_other() {
    let list = rule_list();
    let tests = sources("tests/it");
    for (rule, cells) in &list {
        let file = &cells[4];
        let text = tests
            .get(file)
            .unwrap_or_else(|| panic!("{rule} names {file}, which is not there"));
        let comments: String = text
            .lines()
            .map(str::trim_start)
            .filter(|line| line.starts_with("///"))
            .collect();
        let named = rules_in(&comments).contains(rule) || file.starts_with("api/");
        assert!(named, "no test in {file} names {rule}");
    }
    for (file, text) in tests.iter().filter(|(file, _)| *file != "tidy.rs") {
        for rule in rules_in(text) {
            assert!(list.contains_key(&rule), "tests/it/{file} names {rule}");
        }
    }
}

/// The traps of the list are all there, and each is named by a comment in the files it names.
#[test]
fn traps_are_named_by_tests() {
    let text = fs::read_to_string(root().join("docs/DESIGN.md")).unwrap();
    let (_, list) = text.split_once("## Traps").unwrap();
    let (list, _) = list.split_once("## Rules").unwrap();
    let tests = sources("tests/it");
    let mut numbers = Vec::new();
    for line in list.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [number, _, files] = cells.as_slice() else {
            continue;
        };
        let Ok(number) = number.parse::<u32>() else {
            continue;
        };
        numbers.push(number);
        for file in files.split(", ") {
            let text = tests
                .get(file)
                .unwrap_or_else(|| panic!("trap {number} names {file}, which is not there"));
            let named = text.lines().any(|line| {
                let name = format!("rap {number}");
                let comment = line.split_once("//").map_or("", |(_, comment)| comment);
                comment
                    .split_once(&name)
                    .is_some_and(|(_, rest)| !rest.starts_with(|next: char| next.is_ascii_digit()))
            });
            assert!(named, "no comment in {file} names trap {number}");
        }
    }
    assert_eq!(numbers, (1..=12).collect::<Vec<u32>>());
}
