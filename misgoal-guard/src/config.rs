//! `guard.toml`: what the operator decides beside the policies.

use regex::Regex;
use serde::Deserialize;
use serde_spanned::Spanned;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::duration::Millis;
use crate::read::Limits;
use crate::retain::{Keep, Rotate};

/// What happens to a call that the policies do not allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It is not made.
    Enforce,
    /// It is made, and the log says what would have been decided. Ambiguous messages are refused all the same.
    #[default]
    Log,
}

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The version of this format: 1.
    pub format: Spanned<u32>,
    /// What policies call the server: `Server::"NAME"`.
    pub server: String,
    /// What policies call the agent: `Agent::"NAME"`.
    #[serde(default = "agent")]
    pub agent: String,
    /// Enforce or only log.
    #[serde(default)]
    pub mode: Mode,
    /// The file of Cedar policies, from the directory of this file.
    #[serde(default = "policy")]
    pub policy: String,
    /// The file of pinned tool definitions.
    #[serde(default = "tools")]
    pub tools: String,
    /// What to do with a tool that is not pinned yet.
    #[serde(default)]
    pub new_tools: NewTools,
    /// Methods beyond those of MCP's specifications that are let through: exact names, or a beginning and `*`.
    #[serde(default)]
    pub methods: Vec<String>,
    /// What a message may be at most.
    #[serde(default)]
    pub limits: LimitsTable,
    /// The audit log.
    #[serde(default)]
    pub log: LogTable,
    /// Held calls.
    #[serde(default)]
    pub approvals: ApprovalsTable,
    /// Labels that results put on a session.
    #[serde(default, rename = "label")]
    pub labels: Vec<LabelTable>,
    /// Counts of calls in windows of time.
    #[serde(default, rename = "count")]
    pub counts: Vec<CountTable>,
    /// What the log must not hold.
    #[serde(default)]
    pub redact: RedactTable,
    /// The behavioural monitor.
    #[serde(default)]
    pub monitor: Option<MonitorTable>,
    /// See [`Config::written`].
    #[serde(skip)]
    written: String,
}

/// What to do with a tool that is not pinned yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewTools {
    /// Pin it as it is first seen; the policies still deny it until one allows it.
    #[default]
    Pin,
    /// Hold it until a person accepts it.
    Hold,
}

/// `[limits]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LimitsTable {
    /// Bytes of one message.
    pub message_bytes: usize,
    /// How deep values may be nested.
    pub depth: usize,
    /// Requests that may wait for their answers at once.
    pub in_flight: usize,
}

impl Default for LimitsTable {
    fn default() -> LimitsTable {
        LimitsTable { message_bytes: Limits::default().bytes, depth: Limits::default().depth, in_flight: 1024 }
    }
}

/// `[log]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LogTable {
    /// The database, from the directory of this file.
    pub file: String,
    /// Whether a record is forced to the disk before the answer leaves. Without it a power cut, not a killed process, can lose the last ones.
    pub durable: bool,
    /// Whether arguments are written, redacted; their digest always is.
    pub arguments: bool,
    /// When the log is closed as an archive beside it; never, where nothing is said.
    pub rotate: Option<Rotate>,
    /// Which archives are kept; all, where nothing is said.
    pub keep: Option<Spanned<Keep>>,
}

impl Default for LogTable {
    fn default() -> LogTable {
        LogTable { file: "guard.db".to_owned(), durable: true, arguments: true, rotate: None, keep: None }
    }
}

/// `[approvals]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ApprovalsTable {
    /// How long a held call waits for a person before it is denied.
    pub wait: Millis,
    /// How long an approval that came too late for its call is good for the same call made again.
    pub valid: Millis,
    /// Who is told what waits, and may decide.
    pub webhook: Option<WebhookTable>,
}

/// `[approvals.webhook]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WebhookTable {
    /// Where what waits is told by POST; the answer may decide.
    pub url: Spanned<String>,
    /// The environment's variable that holds the secret with which requests are signed.
    pub secret_env: Option<String>,
    /// A file that holds it, from the directory of this file.
    pub secret_file: Option<Spanned<String>>,
    /// Certificates in PEM of the authorities of which one must have signed the webhook's; those that the machine trusts, where nothing is said.
    pub ca: Option<String>,
    /// Whether its answer decides, and it is told everything; else it is told what the log may hold, and decides nothing. Where nothing is said: whether it is on
    /// this machine or is asked by `https`.
    pub decides: Option<Spanned<bool>>,
}

impl Default for ApprovalsTable {
    fn default() -> ApprovalsTable {
        ApprovalsTable { wait: Millis(45_000), valid: Millis(600_000), webhook: None }
    }
}

/// `[[label]]`: after such a result the session bears the label.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LabelTable {
    /// What policies ask for: `context.session.labels.contains("NAME")`.
    pub name: String,
    /// Results of these tools; `resources/read` stands for resources that are read.
    pub tools: Vec<Spanned<String>>,
    /// Only results in which this regular expression matches.
    pub matches: Option<Spanned<String>>,
    /// For so long the label is on every session of the log, not on this one alone: an agent is not rid of it by beginning a new session.
    pub lasts: Option<Millis>,
}

/// Which calls a window counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// Every call that was made.
    #[default]
    Made,
    /// Calls that did not end in an error; one that is still on its way counts.
    Good,
    /// Calls that ended in an error.
    Failed,
}

/// `[[count]]`: how many calls there were lately.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CountTable {
    /// What policies ask for: `context.counts.NAME`.
    pub name: Spanned<String>,
    /// Of these tools.
    pub tools: Vec<Spanned<String>>,
    /// In this span of time before now; it reaches back beyond the session, to what the log remembers.
    pub within: Millis,
    /// Which of them.
    #[serde(default)]
    pub counted: Counted,
}

/// `[redact]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RedactTable {
    /// Keys whose whole value is left out, beside the built-in ones; case does not matter.
    pub keys: Vec<String>,
    /// Regular expressions; what they match is left out, beside the built-in ones.
    pub patterns: Vec<Spanned<String>>,
}

/// What an alarm of the monitor leads to, where the mode is to enforce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnAlarm {
    /// It is logged and told.
    #[default]
    Log,
    /// The call that raised it and the session's next ones wait for a person.
    Hold,
    /// Nothing more is done in the session.
    Stop,
}

/// `[monitor]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MonitorTable {
    /// The behaviour profile of `misgoal guard learn`, from the directory of this file; without one, sessions are only recorded.
    pub profile: Option<String>,
    /// At most one false alarm in so many sessions, in each channel; what the profile says, where nothing is said.
    pub promise: Option<Spanned<f64>>,
    /// What an alarm of the behaviour channel leads to.
    #[serde(default)]
    pub on_alarm: OnAlarm,
    /// The same for the capability channel: errors, retries, going in circles.
    #[serde(default)]
    pub on_failing: OnAlarm,
    /// The kind of task, for profiles of sessions that name theirs.
    pub task: Option<String>,
    /// A file to which what the monitor sees is added, redacted, as a trace to learn from.
    pub record: Option<String>,
}

fn agent() -> String {
    "agent".to_owned()
}

fn policy() -> String {
    "policy.cedar".to_owned()
}

fn tools() -> String {
    "guard.tools.json".to_owned()
}

impl Config {
    /// Reads the file's text.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub fn parse(source_name: &str, source: &str) -> Result<Config, Diagnostics> {
        let refuse = |error: toml::de::Error| {
            let diagnostic = Diagnostic::error("guard-file", error.span(), error.message());
            Diagnostics::new(source_name, source, vec![with_help(diagnostic, error.message())])
        };
        let mut config: Config = toml::from_str(source).map_err(refuse)?;
        config.written = toml::from_str::<toml::Table>(source).map_err(refuse)?.to_string();
        let wrong = config.check();
        if wrong.is_empty() { Ok(config) } else { Err(Diagnostics::new(source_name, source, wrong)) }
    }

    /// Whether the file names it: a tool of a count or a label, or a label.
    pub(crate) fn names(&self, name: &str) -> bool {
        let lists = self.counts.iter().map(|count| &count.tools).chain(self.labels.iter().map(|label| &label.tools));
        lists.flatten().any(|tool| tool.get_ref() == name) || self.labels.iter().any(|label| label.name == name)
    }

    /// What the file says, in one form: without comments, in the order of names. Two files of one meaning have the same, whatever the version of misgoal.
    pub fn written(&self) -> &str {
        &self.written
    }

    fn check(&self) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        if *self.format.get_ref() != 1 {
            let message = format!("this is a file of format `{}`", self.format.get_ref());
            wrong.push(
                Diagnostic::error("format", Some(self.format.span()), message).help("this misgoal reads format 1"),
            );
        }
        let patterns = self.labels.iter().filter_map(|label| label.matches.as_ref()).chain(&self.redact.patterns);
        for pattern in patterns {
            if let Err(error) = Regex::new(pattern.get_ref()) {
                let message = format!("`{}` is no regular expression", pattern.get_ref());
                let reason = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
                wrong.push(Diagnostic::error("pattern", Some(pattern.span()), message).label(reason));
            }
        }
        if let Some(promise) = self.monitor.as_ref().and_then(|monitor| monitor.promise.as_ref())
            && !(1.0..=1e9).contains(promise.get_ref())
        {
            let message = format!("`{}` is no number of sessions from 1 to 1000000000", promise.get_ref());
            wrong.push(Diagnostic::error("promise", Some(promise.span()), message));
        }
        wrong.extend(self.approvals.webhook.iter().flat_map(WebhookTable::check));
        wrong.extend(self.forgets());
        let mut names = std::collections::BTreeSet::new();
        for count in &self.counts {
            let name = count.name.get_ref();
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name {
                let message = format!("`{name}` cannot be written as `context.counts.{name}`");
                let help = "use letters, digits and underscores";
                wrong.push(Diagnostic::error("count-name", Some(count.name.span()), message).help(help));
            } else if !names.insert(name) {
                let message = format!("there are two counts `{name}`");
                wrong.push(Diagnostic::error("count-name", Some(count.name.span()), message));
            }
        }
        wrong
    }

    /// A limit that reaches back further than the log is kept would not hold.
    fn forgets(&self) -> Option<Diagnostic> {
        let keep = self.log.keep.as_ref()?;
        let Keep::For(kept) = *keep.get_ref() else { return None };
        let counts = self.counts.iter().map(|count| (count.within, "count", count.name.get_ref(), "within"));
        let labels = self.labels.iter().filter_map(|label| Some((label.lasts?, "label", &label.name, "lasts")));
        let (longest, what, name, key) = counts.chain(labels).max_by_key(|(time, ..)| *time)?;
        (kept < longest).then(|| {
            let message = format!("the {what} `{name}` reaches back further than the log is kept");
            let help = format!("keep it at least as long as its `{key}`");
            Diagnostic::error("keep", Some(keep.span()), message).help(help)
        })
    }

    /// What a message may be; `lines`: whether each is a line of a stream.
    pub fn limits(&self, lines: bool) -> Limits {
        Limits { bytes: self.limits.message_bytes, depth: self.limits.depth.min(Limits::DEEPEST), lines }
    }

    /// How far back the log matters to a session: the longest window of any count, or the longest that a label lasts.
    pub fn longest_window(&self) -> Millis {
        let labels = self.labels.iter().filter_map(|label| label.lasts);
        self.counts.iter().map(|count| count.within).chain(labels).max().unwrap_or(Millis(0))
    }
}

impl WebhookTable {
    fn check(&self) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        let url = self.url.get_ref();
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if host.is_none_or(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#', ':'])) {
            let message = "a webhook is an `https://` or `http://` address";
            wrong.push(Diagnostic::error("webhook", Some(self.url.span()), message));
        }
        if let Some(decides) = self.decides.as_ref().filter(|decides| *decides.get_ref())
            && let Some(rest) = url.strip_prefix("http://")
            && !is_here(host_of(rest))
        {
            let message =
                "over `http` from another machine anybody on the way can write the answer, and read what is asked";
            let help = "give it an `https://` address, or leave `decides` out: then it is only informed";
            wrong.push(Diagnostic::error("webhook", Some(decides.span()), message).help(help));
        }
        if let (Some(_), Some(file)) = (&self.secret_env, &self.secret_file) {
            let message = "the secret is in a variable or in a file, not in both";
            let help = "leave `secret-env` or `secret-file` out";
            wrong.push(Diagnostic::error("webhook", Some(file.span()), message).help(help));
        }
        wrong
    }
}

/// The host of an address without its scheme.
fn host_of(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((inside, _)) => inside,
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Whether a host is this machine.
pub fn is_here(host: &str) -> bool {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<core::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Names the nearest of the keys that an error of the reader lists.
fn with_help(diagnostic: Diagnostic, message: &str) -> Diagnostic {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let Some(unknown) = quoted.next().filter(|_| message.starts_with("unknown ")) else { return diagnostic };
    let near = quoted.map(|known| (strsim::osa_distance(unknown, known), known)).min();
    match near {
        Some((distance, known)) if distance <= 1 + unknown.len() / 4 => {
            diagnostic.help(format!("did you mean `{known}`?"))
        }
        _ => diagnostic,
    }
}
