//! `misgoal new`: a copy of a study to edit.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use crate::exit::{Exit, Failure};
use crate::output::Console;
use crate::studies;

/// Arguments of `misgoal new`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The new study's name: lower-case letters, digits and hyphens; the file is NAME.toml in this directory
    name: String,
    /// The study to copy: a built-in name or a path
    #[arg(long, value_name = "STUDY")]
    from: String,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

/// Writes `NAME.toml`.
///
/// # Errors
/// When the name is no study name, there is nothing to copy, or the file is there already.
pub fn new(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let source = studies::source(&args.from)?;
    studies::parse(&source.name, &source.text)?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if args.name.is_empty() || !args.name.chars().all(plain) || args.name.starts_with('-') {
        return Err(Failure::usage(format!("`{}` is no name for a study", args.name))
            .hint("use lower-case letters, digits and hyphens, without `.toml`"));
    }
    let path = PathBuf::from(format!("{}.toml", args.name));
    let text = renamed(&source.text, &args.name);
    studies::parse(&path.display().to_string(), &text)?;
    let mut options = OpenOptions::new();
    let options = if args.force { options.create(true).truncate(true) } else { options.create_new(true) };
    let fail = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::usage(format!("`{}` is already there", path.display()))
            .hint("choose another name, or write over it with `--force`"),
        _ => Failure::data(format!("cannot write `{}`: {error}", path.display())),
    };
    let mut file = options.write(true).open(&path).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    console.line(format_args!("wrote {}", path.display()))?;
    console.hint(format_args!("edit it, then check it with `misgoal lint {}`", path.display()));
    Ok(Exit::Fine)
}

/// The text with the name in its `[study]` table replaced; comments and layout stay as they are.
fn renamed(text: &str, name: &str) -> String {
    let mut in_head = false;
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let start = line.trim_start();
        if start.starts_with('[') {
            in_head = start.starts_with("[study]");
        }
        let value = start.strip_prefix("name").and_then(|rest| rest.trim_start().strip_prefix('='));
        match value {
            Some(_) if in_head => out.push_str(&format!("name = \"{name}\"\n")),
            _ => out.push_str(line),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn only_the_studys_own_name_changes() {
        let text = "# name = \"no\"\n[study]\nname = \"old\" # a word\ntitle = \"name = x\"\n\n[world]\nname = \"other\"\n";
        let expected = "# name = \"no\"\n[study]\nname = \"new\"\ntitle = \"name = x\"\n\n[world]\nname = \"other\"\n";
        assert_eq!(renamed(text, "new"), expected);
    }
}
