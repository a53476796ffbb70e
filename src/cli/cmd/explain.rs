//! `drainsim explain`: what a word means, with its range, default, mark and source.
//!
//! It must never know a word that `list` does not.

use crate::cli::args::ExplainArguments;
use crate::cli::exit::Exit;
use crate::cli::{page_text, reference, terminal};

/// Explains a word.
pub(in crate::cli) fn explain(arguments: &ExplainArguments) -> Exit {
    let word = arguments.words.join(" ");
    let word = word.trim();
    let pages = reference::pages();
    let found = reference::find(&pages, word);
    if !found.is_empty() {
        let texts: Vec<String> = found.into_iter().map(page_text::page).collect();
        return terminal::answer(&texts.join("\n"), Exit::Fine);
    }
    let params = reference::parameters(&pages, word);
    if !params.is_empty() {
        let texts: Vec<String> = params
            .into_iter()
            .map(|(page, param)| {
                let text = page_text::param(param, false);
                format!("{} ({})\n{text}", page.name, page.topic)
            })
            .collect();
        return terminal::answer(&texts.join("\n"), Exit::Fine);
    }
    let keys = pages
        .iter()
        .flat_map(|page| page.params)
        .map(|param| param.key);
    let names = pages.iter().map(|page| page.name.as_str()).chain(keys);
    let similar = reference::similar(names, word);
    let help = if similar.is_empty() {
        "`drainsim list` names everything there is".to_owned()
    } else {
        format!("did you mean `{}`?", similar.join("`, `"))
    };
    terminal::complain(&format!("nothing is called `{word}`\nhelp: {help}"));
    Exit::BadInput
}
