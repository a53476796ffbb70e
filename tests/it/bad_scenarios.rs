//! Broken scenarios: every one is refused with exactly the text beside it, and none panics.
//!
//! `DRAINSIM_BLESS=1` writes what was rendered; reading that text aloud is the review.

use std::path::{Path, PathBuf};

use drainsim::cli::diagnostics::render;
use drainsim::scenario::codes::CODES;
use drainsim::scenario::diagnostic::Diagnostics;
use drainsim::scenario::{LoadOptions, load};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

/// Broken scenarios by name, in order.
fn scenarios() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).expect("tests/bad is there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry of tests/bad").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    paths.sort();
    paths
}

/// What is said about the scenario at `path`: errors, or warnings if it can be run.
fn said_about(path: &Path) -> Diagnostics {
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let variant = match stem {
        "DS0112-path-leads-nowhere" => Some("short"),
        "DS0113-unknown-variant" => Some("to-short"),
        _ => None,
    };
    let options = LoadOptions {
        variant: variant.map(str::to_owned),
        ..LoadOptions::default()
    };
    load(path, &options).map_or_else(|found| found, |loaded| loaded.warnings)
}

/// The text without the folder of this copy of the sources.
fn rendered(path: &Path) -> String {
    let here = format!("{}/", folder().display());
    render(&said_about(path), false).replace(&here, "")
}

/// A file that is too large, sparse, so that it takes no room on the disk.
fn with_large_file(test: impl FnOnce()) {
    let path = folder().join("large.csv");
    let file = std::fs::File::create(&path).expect("tests/bad can be written");
    file.set_len(300 * 1024 * 1024).expect("a sparse file");
    test();
    std::fs::remove_file(&path).expect("the file was just made");
}

#[test]
fn broken_scenarios_are_refused_with_the_text_beside_them() {
    with_large_file(|| {
        let mut different = Vec::new();
        for path in scenarios() {
            let text = rendered(&path);
            let beside = path.with_extension("stderr");
            if std::env::var_os("DRAINSIM_BLESS").is_some() {
                std::fs::write(&beside, &text).expect("tests/bad can be written");
                continue;
            }
            let wanted = std::fs::read_to_string(&beside).unwrap_or_default();
            if wanted.replace("\r\n", "\n") != text {
                different.push(format!("{}:\n{text}", path.display()));
            }
        }
        assert!(different.is_empty(), "{}", different.join("\n"));
    });
}

#[test]
fn each_broken_scenario_shows_the_code_it_is_named_for() {
    for path in scenarios() {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let number = name.split('-').next().unwrap_or_default();
        if number == "DS0102" {
            continue;
        }
        let found = said_about(&path);
        let shown = found
            .iter()
            .any(|diagnostic| diagnostic.code.number == number);
        assert!(shown, "{name} says:\n{found}");
    }
}

#[test]
fn every_code_has_a_broken_scenario() {
    let names: Vec<String> = scenarios()
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    for code in CODES {
        let named = names.iter().any(|name| name.starts_with(code.number));
        assert!(named, "{} has no file in tests/bad", code.number);
    }
}
