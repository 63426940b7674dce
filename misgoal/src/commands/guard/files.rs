//! The files of a guard: `guard.toml` and those that it names, which stand beside it.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use misgoal_guard::{Config, Diagnostics, Policies, Tools};

use crate::exit::{Exit, Failure};

/// Which guard a verb is about.
#[derive(Clone, Debug, clap::Args)]
pub struct Where {
    /// The guard's configuration; what it names stands beside it
    #[arg(long, short, value_name = "FILE", default_value = "guard.toml")]
    pub config: PathBuf,
}

/// A configuration with its place.
pub struct Files {
    /// The checked configuration.
    pub config: Config,
    /// What its file names stand in.
    pub room: PathBuf,
    /// The text of the policy file.
    pub policy: String,
    /// The pinned tools.
    pub tools: Tools,
}

impl Files {
    /// The policy file's name for people.
    pub fn policy_name(&self) -> String {
        self.room.join(&self.config.policy).display().to_string()
    }

    /// The policies, compiled.
    ///
    /// # Errors
    /// What is wrong with them, pointing into the file.
    pub fn policies(&self) -> Result<Policies, Failure> {
        Policies::compile(&self.policy_name(), &self.policy, &self.tools, &self.config)
            .map_err(|wrong| rendered(&wrong))
    }
}

/// Reads a guard's files.
///
/// # Errors
/// When one is missing or wrong.
pub fn load(place: &Where) -> Result<Files, Failure> {
    let text = read(&place.config)
        .map_err(|failure| failure.hint("`misgoal guard init -- COMMAND...` writes one for an MCP server"))?;
    let config = Config::parse(&place.config.display().to_string(), &text).map_err(|wrong| rendered(&wrong))?;
    let room = place.config.parent().map(Path::to_path_buf).unwrap_or_default();
    let policy = read(&room.join(&config.policy))?;
    let path = room.join(&config.tools);
    let tools = Tools::from_file(&read(&path)?)
        .map_err(|refusal| Failure::data(format!("`{}` cannot be used: {refusal}", path.display())))?;
    Ok(Files { config, room, policy, tools })
}

/// A file's text.
///
/// # Errors
/// When it is not there or no text.
pub fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::usage(format!("there is no file `{}`", path.display())),
        _ => Failure::data(format!("cannot read `{}`: {error}", path.display())),
    })
}

/// A diagnostic that points into a file, as a failure.
pub fn rendered(wrong: &Diagnostics) -> Failure {
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    Failure::Rendered { exit: Exit::Usage, text: wrong.render(colour) }
}
