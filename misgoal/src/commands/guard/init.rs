//! `misgoal guard init`: the files of a guard for one server.

use std::path::{Path, PathBuf};

use misgoal_gateway::probe;
use serde_json::Value;

use super::files;
use crate::exit::{Exit, Failure};
use crate::output::{Console, clean_json, clean_policy, clean_toml, quoted};

/// Arguments of `misgoal guard init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The directory for the files
    #[arg(long, short, value_name = "DIRECTORY", default_value = ".")]
    directory: PathBuf,
    /// What policies call the server; its own name, where nothing is said
    #[arg(long)]
    name: Option<String>,
    /// Write over files that are there
    #[arg(long)]
    force: bool,
    /// The endpoint of an HTTP server, such as `http://127.0.0.1:3000/mcp` or `https://mcp.example/mcp`, instead of a command
    #[arg(long, conflicts_with = "command")]
    url: Option<String>,
    /// With `--url`: certificates in PEM of the authorities of which one must have signed the server's
    #[arg(long, value_name = "FILE", requires = "url", conflicts_with = "command")]
    ca: Option<PathBuf>,
    /// The command that starts the server
    #[arg(last = true, required_unless_present = "url", value_name = "COMMAND")]
    command: Vec<String>,
}

/// Asks the server for its tools, pins them, and writes a configuration and a policy that only log.
///
/// # Errors
/// When the server does not answer, or files are there already.
pub fn init(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let paths = ["guard.toml", "policy.cedar", "guard.tools.json"].map(|name| args.directory.join(name));
    if let Some(there) = paths.iter().find(|path| path.exists() && !args.force) {
        return Err(Failure::usage(format!("`{}` is already there", there.display()))
            .hint("choose another `--directory`, or write over it with `--force`"));
    }
    let asked = args.url.clone().unwrap_or_else(|| args.command.join(" "));
    console.note(format_args!("asking {} for its tools", quoted(&super::bare(&asked))));
    let tools = match &args.url {
        Some(url) => misgoal_gateway::http::probe::tools(url, args.ca.as_deref()),
        None => probe::tools(&args.command),
    };
    let tools = tools.map_err(files::failure)?;
    let name = args.name.clone().unwrap_or_else(|| tools.server.clone());
    std::fs::create_dir_all(&args.directory)
        .map_err(|error| Failure::data(format!("cannot make `{}`: {error}", args.directory.display())))?;
    let policy = clean_policy(&misgoal_guard::start::policy(&tools));
    let texts = [clean_toml(&misgoal_guard::start::config(&name)), policy, tools.to_file()];
    for (path, text) in paths.iter().zip(texts) {
        crate::commands::replace_file(path, text.as_bytes())?;
        console.line(format_args!("wrote {}", path.display()))?;
    }
    console.line(format_args!("pinned {} tools of {}", tools.len(), quoted(&name)))?;
    console.line("")?;
    match &args.url {
        Some(url) => {
            let config = paths.first().map(|path| path.display().to_string()).unwrap_or_default();
            // A query may hold a key, and no agent's query reaches the server.
            let path = url.split(['?', '#']).next().unwrap_or_default().splitn(4, '/').nth(3).unwrap_or_default();
            console
                .line("start the guard, and in the agent's configuration put its address in place of the server's:")?;
            console.line("")?;
            let ca = args.ca.as_ref().map(|ca| format!("--ca {} ", ca.display())).unwrap_or_default();
            console.line(format_args!("misgoal guard serve --config {config} {ca}{url}"))?;
            console.line(format_args!(
                "{}: {{ \"type\": \"http\", \"url\": \"http://127.0.0.1:8808/{path}\" }}",
                clean_json(&Value::from(name).to_string())
            ))?;
        }
        None => {
            console.line("in the agent's configuration, put this in place of the server's command:")?;
            console.line("")?;
            console.json(&snippet(&name, &paths, &args.command))?;
        }
    }
    console.hint("calls are only logged so far: work for a while, look at `misgoal guard log`, then set mode = \"enforce\" in guard.toml");
    Ok(Exit::Fine)
}

/// The server's entry as most agents write it.
fn snippet(name: &str, paths: &[PathBuf; 3], command: &[String]) -> String {
    let config = paths.first().map(PathBuf::as_path).unwrap_or_else(|| Path::new("guard.toml"));
    let config = std::path::absolute(config).unwrap_or_else(|_| config.to_path_buf()).display().to_string();
    let misgoal = std::env::current_exe().map_or_else(|_| "misgoal".to_owned(), |path| path.display().to_string());
    let mut arguments: Vec<&str> = vec!["guard", "run", "--config", &config, "--"];
    arguments.extend(command.iter().map(String::as_str));
    let arguments = Value::from(arguments).to_string().replace("\",\"", "\", \"");
    format!("{}: {{ \"command\": {}, \"args\": {arguments} }}", Value::from(name), Value::from(misgoal))
}
