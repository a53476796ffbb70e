//! The command line from outside: the console sessions of the README and of `tests/cmd`.

#[test]
fn console_sessions_do_what_they_show() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.toml")
        .case("tests/cmd/*.md")
        .case("README.md");
}
