//! The files of a guard: `guard.toml` and those that it names, which stand beside it.
#![expect(
    clippy::disallowed_methods,
    reason = "the gateway reads and writes the guard's files, and the one variable that guard.toml names"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use misgoal_guard::{Config, Policies, Tools};
use misgoal_monitor::{Monitor, format};

use crate::GatewayError;

/// Where a guard's configuration is.
#[derive(Clone, Debug)]
pub struct Place {
    config: PathBuf,
}

/// A guard's files, read and checked.
#[derive(Clone, Debug)]
pub struct Files {
    /// The configuration.
    pub config: Config,
    /// The text of the policy file.
    pub policy: String,
    /// The pinned tools.
    pub tools: Tools,
    /// The policy file.
    pub policy_path: PathBuf,
    /// The file of pinned tools.
    pub tools_path: PathBuf,
    /// The log.
    pub log_path: PathBuf,
    /// The behaviour profile, if there is one.
    pub profile: Option<Profile>,
    /// Where sessions are recorded, if they are.
    pub record_path: Option<PathBuf>,
    /// Who is told what waits for a person, if somebody is.
    pub webhook: Option<Webhook>,
}

/// A webhook as guard.toml names it.
#[derive(Clone)]
pub struct Webhook {
    /// Its address; the path may hold a key.
    pub url: String,
    /// The environment's variable that holds its secret.
    pub secret_env: Option<String>,
    /// A file that holds it.
    pub secret_file: Option<PathBuf>,
    /// Certificates of authorities.
    pub ca: Option<PathBuf>,
    /// Whether its answer is to count, where guard.toml says.
    pub decides: Option<bool>,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").finish_non_exhaustive()
    }
}

/// A behaviour profile as it is on disk.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its file.
    pub path: PathBuf,
    /// What it says; sessions that were watched since are in the log.
    pub monitor: Monitor,
    /// Names its content.
    pub digest: String,
}

impl Place {
    /// The configuration at this path.
    pub fn new(config: impl Into<PathBuf>) -> Place {
        Place { config: config.into() }
    }

    /// Reads everything; the policies are not compiled yet.
    ///
    /// # Errors
    /// When a file is missing or wrong.
    pub fn load(&self) -> Result<Files, GatewayError> {
        let text = read(&self.config)?;
        let config = Config::parse(&self.config.display().to_string(), &text)?;
        let room = self.config.parent().map(Path::to_path_buf).unwrap_or_default();
        let (policy_path, tools_path) = (room.join(&config.policy), room.join(&config.tools));
        let tools = Tools::from_file(&read(&tools_path)?)
            .map_err(|refusal| GatewayError::Data(format!("`{}` cannot be used: {refusal}", tools_path.display())))?;
        let log_path = room.join(&config.log.file);
        let monitor = config.monitor.as_ref();
        let profile = monitor.and_then(|monitor| monitor.profile.as_ref());
        let profile = profile.map(|profile| Profile::load(room.join(profile))).transpose()?;
        let record_path = monitor.and_then(|monitor| monitor.record.as_ref()).map(|record| room.join(record));
        let webhook = config.approvals.webhook.as_ref().map(|webhook| Webhook {
            url: webhook.url.get_ref().clone(),
            secret_env: webhook.secret_env.clone(),
            secret_file: webhook.secret_file.as_ref().map(|file| room.join(file.get_ref())),
            ca: webhook.ca.as_ref().map(|ca| room.join(ca)),
            decides: webhook.decides.as_ref().map(|decides| *decides.get_ref()),
        });
        let policy = read(&policy_path)?;
        Ok(Files { policy, config, tools, policy_path, tools_path, log_path, profile, record_path, webhook })
    }
}

impl Webhook {
    /// The secret's bytes, as Standard Webhooks writes them: base64 behind `whsec_`, or the text as it is.
    ///
    /// # Errors
    /// When it is not where it should be, or empty.
    pub(crate) fn secret(&self) -> Result<Option<Vec<u8>>, GatewayError> {
        let (place, text) = match (&self.secret_env, &self.secret_file) {
            (Some(name), _) => {
                let wrong =
                    |_| GatewayError::Data(format!("the webhook's secret is not in the environment as `{name}`"));
                (format!("the variable `{name}`"), std::env::var(name).map_err(wrong)?)
            }
            (None, Some(path)) => (format!("`{}`", path.display()), read(path)?),
            (None, None) => return Ok(None),
        };
        let text = text.trim();
        let bytes = match text.strip_prefix("whsec_") {
            Some(coded) => crate::base64::decode(coded),
            None => Some(text.as_bytes().to_vec()),
        };
        match bytes.filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => Ok(Some(bytes)),
            None => Err(GatewayError::Data(format!("{place} holds no secret for the webhook"))),
        }
    }
}

impl Profile {
    fn load(path: PathBuf) -> Result<Profile, GatewayError> {
        let text = read(&path)?;
        let monitor = format::read(text.as_bytes())
            .map_err(|error| GatewayError::Data(format!("`{}` cannot be used: {error}", path.display())))?;
        let digest = blake3::hash(text.as_bytes()).to_hex().chars().take(16).collect();
        Ok(Profile { path, monitor, digest })
    }
}

impl Files {
    /// The policies, compiled.
    ///
    /// # Errors
    /// What is wrong with them, pointing into the file.
    pub fn policies(&self) -> Result<Policies, GatewayError> {
        Ok(Policies::compile(&self.policy_name(), &self.policy, &self.tools, &self.config)?)
    }

    /// What diagnostics call the policy file.
    pub fn policy_name(&self) -> String {
        self.policy_path.display().to_string()
    }

    /// Writes the file of pinned tools in whole or not at all.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write_tools(&self, tools: &Tools) -> Result<(), GatewayError> {
        replace(&self.tools_path, tools.to_file().as_bytes())
    }

    /// What tells whether any of the files has changed.
    pub(crate) fn stamp(&self, place: &Place) -> Vec<Option<(SystemTime, u64)>> {
        let stamp = |path: &Path| {
            let data = std::fs::metadata(path).ok()?;
            Some((data.modified().ok()?, data.len()))
        };
        let profile = self.profile.as_ref().map(|profile| &profile.path);
        [&place.config, &self.policy_path, &self.tools_path]
            .into_iter()
            .chain(profile)
            .map(|path| stamp(path))
            .collect()
    }
}

fn read(path: &Path) -> Result<String, GatewayError> {
    std::fs::read_to_string(path).map_err(|error| GatewayError::io("cannot read", path, error))
}

/// Writes a file beside its place, forces it to the disk and renames it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), GatewayError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let write = || {
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(|error| {
        // What is left half-written is of no use; that it cannot be removed is no second error.
        let _ = std::fs::remove_file(&beside);
        GatewayError::io("cannot write", path, error)
    })
}
