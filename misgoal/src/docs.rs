//! `docs/cli.md`, made from the same definitions as `--help`: `UPDATE=1 cargo test -p misgoal --all-features docs` writes it.

use std::fmt::Write as _;
use std::path::Path;

use clap::CommandFactory as _;

const HEAD: &str = "\
# The command line

Generated from the definitions behind `misgoal --help` by `UPDATE=1 cargo test -p misgoal --all-features docs`; a test fails when it is out of date.

Data goes to stdout; progress, remarks, hints and errors go to stderr. `NO_COLOR` turns colours off, `CLICOLOR_FORCE=1` turns them on
where output is no terminal; nothing is said by colour alone. `COLUMNS` sets the width of tables. A run is called by its id, by enough of
its beginning or of its last part to be unique, or by `latest`.
";

fn page() -> String {
    let mut command = crate::args::Args::command().term_width(100).disable_help_subcommand(true);
    command.build();
    let mut page = HEAD.to_owned();
    let mut section = |command: &mut clap::Command, title: String| {
        let help = command.render_long_help().to_string();
        let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
        write!(page, "\n## `{title}`\n\n```text\n{}\n```\n", lines.join("\n").trim_end()).expect("a string takes all");
    };
    section(&mut command.clone(), "misgoal".into());
    for sub in command.get_subcommands_mut() {
        let title = format!("misgoal {}", sub.get_name());
        let verbs: Vec<clap::Command> = sub.get_subcommands().cloned().collect();
        section(sub, title.clone());
        for mut verb in verbs {
            let title = format!("{title} {}", verb.get_name());
            section(&mut verb, title);
        }
    }
    page
}

#[test]
fn the_reference_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("docs/")).expect("docs/ can be made");
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == page,
        "docs/cli.md is out of date: `UPDATE=1 cargo test -p misgoal --all-features docs` writes it\n{page}"
    );
}

#[test]
fn the_definitions_are_consistent() {
    crate::args::Args::command().debug_assert();
}
