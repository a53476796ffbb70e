//! Suggestions: the name that was probably meant.

/// The candidate most like `given`, if any is like it at all.
pub(super) fn nearest<'c>(
    given: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    // Longer texts are no misspelling of anything, and comparing them takes its time.
    if given.chars().count() > 100 {
        return None;
    }
    let lower = given.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let likeness = strsim::jaro_winkler(&lower, &candidate.to_lowercase());
        let edits = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
        let beginning = lower.len() >= 3 && candidate.to_lowercase().starts_with(&lower);
        let near = beginning || edits <= 1 + given.chars().count() / 4 || likeness > 0.9;
        if near && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Words that clouds have for what files call otherwise.
const ELSEWHERE: [(&str, &str); 5] = [
    ("SCALE_OUT", "launching"),
    ("SCALE_IN", "terminating"),
    ("autoscaling:EC2_INSTANCE_LAUNCHING", "launching"),
    ("autoscaling:EC2_INSTANCE_TERMINATING", "terminating"),
    ("aliyun", "alibaba"),
];

/// What files call what a cloud calls `given`.
pub(super) fn elsewhere(given: &str) -> Option<&'static str> {
    let mut words = ELSEWHERE.into_iter();
    words.find(|(word, _)| *word == given).map(|(_, ours)| ours)
}

/// `a`, `b` and `c`, the way a sentence lists them.
pub(super) fn listed<'c>(words: impl IntoIterator<Item = &'c str>, last: &str) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}

/// A help line: the nearest candidate, or all of them when they are few.
pub(super) fn help<'c>(
    given: &str,
    what: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<String> {
    let all: Vec<&str> = candidates.into_iter().collect();
    if let Some(candidate) = nearest(given, all.iter().copied()) {
        return Some(format!("did you mean `{candidate}`?"));
    }
    (1..=12)
        .contains(&all.len())
        .then(|| format!("{what}: {}", listed(all, "and")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_finds_its_word_and_nonsense_none() {
        let words = ["horizon", "warm_up", "seed", "groups"];
        assert_eq!(nearest("horizn", words), Some("horizon"));
        assert_eq!(nearest("Seed", words), Some("seed"));
        assert_eq!(nearest("warmup", words), Some("warm_up"));
        assert_eq!(nearest("xyzzy", words), None);
    }

    #[test]
    fn words_are_listed_as_in_a_sentence() {
        assert_eq!(listed(["a", "b", "c"], "or"), "`a`, `b` or `c`");
        assert_eq!(listed(["a"], "or"), "`a`");
        assert_eq!(listed([], "or"), "none");
    }
}
