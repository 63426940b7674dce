//! `misgoal guard pending`, `approve`, `deny`: what waits for a person, and a person's word.

use std::time::Duration;

use misgoal_gateway::log::{Became, Decision, Pending, State};
use misgoal_gateway::{GatewayError, Log, now};
use misgoal_guard::Record;
use misgoal_guard::approval::Kind;
use misgoal_guard::duration::Millis;
use misgoal_guard::read::{Limits, Node, Side, Value, value};
use misgoal_guard::tools::Tool;

use super::files::{self, Where};
use super::log::clock;
use super::shown::{self, Part};
use crate::exit::{Exit, Failure};
use crate::output::{Console, Table, clean, folded, indented, pieces, quoted};

/// Arguments of `misgoal guard pending`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Where,
    /// Show what is settled too
    #[arg(long, conflicts_with = "id")]
    all: bool,
    /// Show one matter, whole, by its id or at least four letters of its beginning
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Print a JSON array; each matter whole
    #[arg(long)]
    json: bool,
}

/// Arguments of `misgoal guard approve`.
#[derive(Debug, clap::Args)]
pub struct Approve {
    #[command(flatten)]
    place: Where,
    /// What it is called by in `misgoal guard pending`, or at least four letters of its beginning
    id: String,
    /// How long the approval is good for the same call made again, such as `10m`; guard.toml's `valid` where nothing is said
    #[arg(long, value_name = "TIME")]
    valid: Option<Millis>,
}

/// Arguments of `misgoal guard deny`.
#[derive(Debug, clap::Args)]
pub struct Deny {
    #[command(flatten)]
    place: Where,
    /// What it is called by in `misgoal guard pending`, or at least four letters of its beginning
    id: String,
}

/// Columns of a list where nobody says how many there are.
const WIDTH: usize = 80;
/// Columns of what a list shows of a matter before it says how long it is.
const LISTED: usize = 200;

/// Shows what waits.
///
/// # Errors
/// When there is no log, or nothing of this id.
pub fn pending(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let files = files::load(&args.place)?;
    let log = open(&files)?;
    let list = match &args.id {
        Some(id) => vec![log.find_pending(id).map_err(files::failure)?],
        None => log.pending(args.all).map_err(files::failure)?,
    };
    if args.json {
        let list: Vec<String> = list.iter().map(|one| json(&log, one)).collect();
        console.json(&format!("[{}]", list.join(",")))?;
        return Ok(Exit::Fine);
    }
    if args.id.is_some() {
        for one in &list {
            whole(&log, one)?.iter().try_for_each(|part| part_on_lines(console, "", part))?;
        }
    } else if list.is_empty() {
        console.note("nothing waits for a person");
        return Ok(Exit::Fine);
    } else {
        let width = console.room().unwrap_or(WIDTH);
        let rows: Vec<Row> = list.iter().map(|one| Row::of(&log, one)).collect();
        console.data(listing(&rows, width))?;
    }
    console.hint("`misgoal guard pending --id ID` shows everything, `misgoal guard approve ID` or `misgoal guard deny ID` decides");
    Ok(Exit::Fine)
}

/// The log, in which nothing waits any more whose guard was killed.
fn open(files: &files::Files) -> Result<Log, Failure> {
    let mut log = Log::open_to_read(&files.log_path).map_err(files::failure)?;
    log.redacts(&files.config.redact).map_err(files::failure)?;
    log.sweep().map_err(files::failure)?;
    Ok(log)
}

/// Columns of the list.
const HEAD: [&str; 6] = ["id", "since", "what", "tool", "state", "why"];

/// A matter of the list.
struct Row {
    cells: [String; 6],
    /// What a person decides about.
    shown: String,
}

impl Row {
    fn of(log: &Log, one: &Pending) -> Row {
        let since = clock(i64::try_from(one.created).unwrap_or(0));
        let cells = [one.id.as_str(), &since, one.kind.word(), &one.tool, one.state.word(), &one.reason];
        Row { cells: cells.map(clean), shown: listed(log, one) }
    }
}

/// Columns of a word in a list, at most and at least. A longer one would run over the edge, and go on where a row begins.
const WORD: usize = 30;
const SHORTEST: usize = 4;

/// The list, in so many columns: a table with what is shown below each row; where that is too narrow, each value on a line of its own. What begins a row is ours, and nothing
/// else stands where a row begins.
fn listing(rows: &[Row], width: usize) -> String {
    let mut words = (SHORTEST..=WORD).rev().map(|word| table(rows, word, width));
    let fitting = words.find(|table| table.is_within(width));
    fitting.map_or_else(|| rows.iter().map(|row| narrow(row, width)).collect(), |table| table.render(width))
}

/// The rows with words of so many columns at most; an id and a time stand whole.
fn table(rows: &[Row], word: usize, width: usize) -> Table {
    let mut table = Table::new(HEAD);
    for row in rows {
        let cell = |(at, cell): (usize, &String)| if at < 2 { cell.clone() } else { broken(cell, word) };
        table.row(row.cells.iter().enumerate().map(cell));
        if !row.shown.is_empty() {
            table.below(indented(&row.shown, width));
        }
    }
    table
}

/// A row below whose id everything else is indented.
fn narrow(row: &Row, width: usize) -> String {
    let values = HEAD.into_iter().zip(&row.cells).skip(1).chain([("shown", &row.shown)]);
    let lines = values.filter(|(_, value)| !value.is_empty());
    let lines: Vec<String> = lines.map(|(name, value)| indented(&format!("{name}: {value}"), width)).collect();
    let [id, ..] = &row.cells;
    format!("{id}\n{}\n", lines.join("\n"))
}

/// A cell whose words have so many columns at most, and whose spaces are seen where a table would leave them out.
fn broken(cell: &str, columns: usize) -> String {
    let kept = cell.strip_suffix(' ').map_or_else(|| cell.to_owned(), |cell| format!("{cell}\\u{{20}}"));
    let mut before = ' ';
    let held = |letter: char| {
        let is_one_of_several = letter == ' ' && before == ' ';
        before = letter;
        if is_one_of_several { '\u{a0}' } else { letter }
    };
    let held: String = kept.chars().map(held).collect();
    let words: Vec<String> = held.split(' ').map(|word| pieces(word, columns).join("\n")).collect();
    words.join(" ")
}

/// What a list shows of a matter: all of it, or its beginning, how long it is and what names it.
fn listed(log: &Log, one: &Pending) -> String {
    let content = match log.shown(one) {
        Ok(Some(content)) => content,
        Ok(None) => one.redacted.clone(),
        Err(error) => return clean(&error.to_string()),
    };
    let line = shown::line(one.kind, &content);
    if line.chars().count() <= LISTED {
        return line;
    }
    let beginning: String = line.chars().take(LISTED).collect();
    let digest = one.digest.get(..8).unwrap_or(&one.digest);
    format!("{beginning}\u{2026} ({} bytes, digest {digest}; `--id {}` shows all of it)", content.len(), one.id)
}

/// Everything about a matter. What is settled is held no longer: then there is what the log may hold.
fn whole(log: &Log, one: &Pending) -> Result<Vec<Part>, Failure> {
    let content = log.shown(one).map_err(files::failure)?;
    let part = |name: &str, text: &str| (name.to_owned(), clean(text));
    let expires = match one.kind {
        Kind::Call => clock(i64::try_from(one.expires).unwrap_or(i64::MAX)),
        Kind::Tool | Kind::Alarm => String::new(),
    };
    let mut parts = vec![part("id", &one.id), part("what", one.kind.word()), part("state", one.state.word())];
    parts.extend(one.by.iter().map(|by| part("by", by)));
    parts.extend([part("session", &one.session), part("tool", &one.tool)]);
    match &content {
        Some(content) => parts.extend(shown::noted(one.kind, content)),
        None => {
            parts.push(part("shown", "it is held no longer; the log has it without its secrets"));
            parts.extend(shown::noted(one.kind, &one.redacted));
        }
    }
    let reason = content.as_ref().map_or_else(|| one.reason.clone(), |content| one.reason_in(content));
    parts.extend([part("why", &reason), part("digest", &one.digest), part("policies", &one.version)]);
    parts.extend([part("since", &clock(i64::try_from(one.created).unwrap_or(0))), part("until", &expires)]);
    parts.retain(|(_, text)| !text.is_empty());
    Ok(parts)
}

/// A part on a line of its own, or on several, none of which begins where a part begins but the first.
fn part_on_lines(console: &Console, before: &str, part: &Part) -> Result<(), Failure> {
    lines(part, console.room().map(|width| width.saturating_sub(before.len())))
        .lines()
        .try_for_each(|line| console.line(format_args!("{before}{line}")))
}

/// A part in lines of so many columns, where these are known.
pub(super) fn lines(part: &Part, width: Option<usize>) -> String {
    let text = written(part);
    width.map_or(text.clone(), |width| folded(&text, width))
}

/// A part as text.
fn written((name, text): &Part) -> String {
    format!("{name}: {text}")
}

/// Approves a held call, once, accepts a tool's new definition, or lets a session go on after an alarm.
///
/// # Errors
/// When nothing waits under this id, or it is settled.
pub fn approve(args: &Approve, console: &Console) -> Result<Exit, Failure> {
    let said = say_yes(&files::load(&args.place)?, &args.id, args.valid, None)?;
    say(console, &said)?;
    let Some(moves) = &said.moves else { return Ok(Exit::Fine) };
    match moves.became().map_err(files::failure)? {
        Some(Became::Made) => console.line("it has moved on")?,
        Some(Became::Denied(why)) => {
            console.line(format_args!("it has not moved on: {}", clean(&why)))?;
            return Ok(Exit::Finding);
        }
        None => console.note("what becomes of it is not known yet; `misgoal guard log` says so when it is"),
    }
    Ok(Exit::Fine)
}

/// How long a guard has to do what was approved, before who approved it hears no more of it, in milliseconds.
const PATIENCE: u64 = 2000;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// An approved call that waits, of which its guard decides once more.
pub(super) struct Moves {
    log: Log,
    one: Pending,
    /// The last record before.
    after: i64,
}

impl Moves {
    /// What has become of it, as soon as that is known; none where its guard takes too long.
    fn became(&self) -> Result<Option<Became>, GatewayError> {
        let until = now().saturating_add(PATIENCE);
        loop {
            let became = self.log.became(&self.one, self.after)?;
            if became.is_some() || now() >= until {
                return Ok(became);
            }
            std::thread::sleep(LOOK);
        }
    }
}

/// Denies a held call, or takes an approval back that came late and was not used; leaves a changed tool held, or stops a session after an alarm.
///
/// # Errors
/// As [`approve`].
pub fn deny(args: &Deny, console: &Console) -> Result<Exit, Failure> {
    say(console, &say_no(&files::load(&args.place)?, &args.id)?)
}

fn say(console: &Console, said: &Said) -> Result<Exit, Failure> {
    console.line(&said.words)?;
    said.parts.iter().try_for_each(|part| part_on_lines(console, "  ", part))?;
    Ok(Exit::Fine)
}

/// What a person's word means.
pub(super) struct Said {
    /// In one line.
    pub words: String,
    /// What it was about.
    parts: Vec<Part>,
    /// What moves on by it, if the policies still permit that.
    moves: Option<Moves>,
}

/// Says yes, for so long or for as long as guard.toml says. `shown` names what the person was shown, where that is known.
pub(super) fn say_yes(
    files: &files::Files,
    id: &str,
    valid: Option<Millis>,
    shown: Option<&str>,
) -> Result<Said, Failure> {
    let valid = valid.unwrap_or(files.config.approvals.valid);
    let mut log = open(files)?;
    let one = log.find_pending(id).map_err(files::failure)?;
    if !one.state.is_open() {
        return Err(settled(&one));
    }
    let content = log.shown(&one).map_err(files::failure)?.ok_or_else(|| settled(&one))?;
    if shown.is_some_and(|shown| shown != one.digest) {
        return Err(Failure::data(format!("`{}` is not what was shown: look at it again", one.id)));
    }
    let tools = if one.kind == Kind::Tool { Some(accepted(files, &one, &content)?) } else { None };
    let others = others(&log, &one).map_err(files::failure)?;
    let (after, _) = log.head().map_err(files::failure)?;
    decide(&mut log, &one, Decision::Approve { until: now().saturating_add(valid.0) })?;
    if let Some(tools) = tools {
        files.write_tools(&tools).map_err(files::failure)?;
    }
    let (id, tool) = (&one.id, quoted(&one.tool));
    let words = match (one.kind, one.state) {
        (Kind::Tool, _) => format!("{tool} is pinned as it is shown here{others} ({id}):"),
        (Kind::Alarm, _) if others.is_empty() => {
            format!("session {} goes on; its calls are decided by the policies ({id})", one.session)
        }
        (Kind::Alarm, _) => format!("approved: session {} goes on past this alarm{others} ({id})", one.session),
        (Kind::Call, State::Waiting) => {
            format!("approved this call of {tool}, once; it moves on only if the policies still permit it ({id}):")
        }
        (Kind::Call, _) => format!(
            "this call of {tool} was turned down when its time was over; approved for the same call, once, if session {} makes it again and the policies permit it then ({id}):",
            one.session
        ),
    };
    let parts = shown::noted(one.kind, &content);
    let moves = (one.kind == Kind::Call && one.state == State::Waiting).then(|| Moves { log, one, after });
    Ok(Said { words, parts, moves })
}

/// What else of the kind waits, in words: the other definitions of a tool that the server has listed, one of which it may serve by now; the other alarms of a session.
fn others(log: &Log, one: &Pending) -> Result<String, GatewayError> {
    let is_like = |other: &Pending| match one.kind {
        Kind::Tool => other.tool == one.tool,
        Kind::Alarm => other.session == one.session,
        Kind::Call => false,
    };
    let all = log.pending(false)?.into_iter().filter(|other| other.kind == one.kind && other.id != one.id);
    let others: Vec<String> = all.filter(is_like).map(|other| format!("`{}`", other.id)).collect();
    let words = match one.kind {
        Kind::Alarm => ", and waits for a word on its others",
        Kind::Tool | Kind::Call => "; the server has listed it otherwise too, which waits",
    };
    Ok(if others.is_empty() { String::new() } else { format!("{words}: {}", others.join(", ")) })
}

/// Says no.
pub(super) fn say_no(files: &files::Files, id: &str) -> Result<Said, Failure> {
    let mut log = open(files)?;
    let one = log.find_pending(id).map_err(files::failure)?;
    // What cannot be read any more can be denied.
    let content = log.shown(&one).ok().flatten().unwrap_or_else(|| one.redacted.clone());
    decide(&mut log, &one, Decision::Deny)?;
    let words = match one.kind {
        Kind::Call if one.state == State::Approved => {
            format!("taken back: {} is not approved any more ({})", quoted(&one.tool), one.id)
        }
        Kind::Alarm => format!("session {} is stopped ({})", one.session, one.id),
        Kind::Call | Kind::Tool => format!("denied: {} ({})", quoted(&one.tool), one.id),
    };
    Ok(Said { words, parts: shown::noted(one.kind, &content), moves: None })
}

/// Writes the decision down.
fn decide(log: &mut Log, one: &Pending, decision: Decision) -> Result<(), Failure> {
    let who = std::env::var("USER").unwrap_or_else(|_| "operator".to_owned());
    if log.decide(&one.id, decision, &who).map_err(files::failure)? {
        return Ok(());
    }
    let now = log.state(&one.id).map_err(files::failure)?;
    Err(settled(now.as_ref().unwrap_or(one)))
}

fn settled(one: &Pending) -> Failure {
    let how = match one.state {
        State::Cancelled => "its agent has cancelled it".to_owned(),
        State::Abandoned => "its agent has gone, or its guard has ended: nobody waits for it".to_owned(),
        State::Expired => "its time is over".to_owned(),
        State::Replaced => "a later one has taken its place".to_owned(),
        State::Waiting | State::TimedOut => "nobody waits for it any more".to_owned(),
        State::Approved | State::Denied | State::Used => {
            let by = one.by.as_ref().map(|by| format!(" by {}", clean(by))).unwrap_or_default();
            format!("{}{by}", one.state.word())
        }
    };
    Failure::usage(format!("`{}` is settled already: {how}", one.id))
        .hint("`misgoal guard pending --all` shows what has become of it")
}

/// The pins with a tool as it is now, for a running proxy to take over. What it was compared with must be pinned still.
fn accepted(files: &files::Files, one: &Pending, content: &str) -> Result<misgoal_guard::Tools, Failure> {
    let limits = Limits { bytes: usize::MAX, depth: Limits::DEEPEST, lines: false };
    let wrong = |what: String| Failure::data(format!("{} cannot be accepted: {what}", quoted(&one.tool)));
    let node = value(content.as_bytes(), Side::Server, &limits).map_err(|refusal| wrong(refusal.to_string()))?;
    let now = node.get("now").ok_or_else(|| wrong("there is no definition".to_owned()))?;
    let tool = Tool::from_definition(now).map_err(|refusal| wrong(refusal.to_string()))?;
    let compared = node.get("pinned").filter(|pinned| pinned.value != Value::Null).map(Node::canonical);
    if files.tools.get(&tool.name).map(|pinned| &pinned.definition) != compared.as_ref() {
        return Err(wrong(
            "it was compared with what is not pinned any more; it is asked about again when it is listed".to_owned(),
        ));
    }
    let mut tools = files.tools.clone();
    tools.pin(tool);
    Ok(tools)
}

/// A matter as a JSON object. What is shown stands there as it was sent: a number is not read and written again.
fn json(log: &Log, one: &Pending) -> String {
    let (content, is_whole) = match log.shown(one) {
        Ok(Some(content)) => (content, true),
        Ok(None) => (one.redacted.clone(), false),
        Err(error) => (serde_json::Value::from(error.to_string()).to_string(), false),
    };
    // What the log may hold of a settled one can be nothing, and what somebody has put there in its place no JSON.
    let is_json = serde_json::from_str::<&serde_json::value::RawValue>(&content).is_ok();
    let content = match (content.is_empty(), is_json) {
        (true, _) => "null".to_owned(),
        (false, true) => content,
        (false, false) => serde_json::Value::from(content).to_string(),
    };
    let record = Record::new("decision").text("id", &one.id).text("kind", one.kind.word());
    let mut record = record.text("state", one.state.word()).text("tool", &one.tool).text("session", &one.session);
    if one.kind == Kind::Tool {
        let changes = shown::parts(one.kind, &content);
        let changes: Vec<String> = changes.iter().map(written).collect();
        record = record.texts("changes", changes.iter().map(String::as_str));
    }
    let record = record.json("shown", &content).json("whole", if is_whole { "true" } else { "false" });
    let reason = if is_whole { one.reason_in(&content) } else { one.reason.clone() };
    let record = record.text("reason", &reason).text("digest", &one.digest).text("version", &one.version);
    let record = record.number("created", one.created).number("expires", one.expires);
    record.text("by", one.by.as_deref().unwrap_or_default()).body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tool: &str, why: &str, shown: &str) -> Row {
        let cells = ["rkmthrwqazcdnpfe", "2026-11-21 14:59:59", "call", tool, "timed-out", why];
        Row { cells: cells.map(str::to_owned), shown: shown.to_owned() }
    }

    fn list(rows: &[Row], width: usize) -> String {
        anstream::adapter::strip_str(&listing(rows, width)).to_string()
    }

    #[test]
    fn a_list_is_as_wide_as_its_terminal() {
        let rows = [
            row("pay", "a person decides", "arguments.to=\"bob\""),
            row("move_file_to_another_directory", "by move-asks-a-person-first", &"arguments.x=\"".repeat(20)),
            row("zahlen_東京東京東京東京", "rule \u{e0}\u{e0}\u{e0}\u{e0}\u{e0}\u{e0}\u{e0}", &"x".repeat(200)),
        ];
        for width in [30, 40, 50, 63, 66, 72, 80, 100, 132, 160] {
            for rows in [&rows[..], &rows[..1]] {
                let shown = list(rows, width);
                let wide = shown.lines().map(unicode_width::UnicodeWidthStr::width).max();
                assert!(wide <= Some(width), "{width}: {wide:?}\n{shown}");
                // What is shown stands nowhere but below its row.
                let begins = shown.lines().filter(|line| !line.starts_with(' '));
                assert!(begins.clone().all(|line| ["id", "--", "rk"].contains(&&line[..2])), "{shown}");
                assert_eq!(begins.filter(|line| line.starts_with("rkmthrwqazcdnpfe")).count(), rows.len(), "{shown}");
            }
        }
        // Words are no shorter than they have to be.
        let shown = list(&rows[..1], 100);
        assert!(shown.contains("a person decides\n    arguments.to=\"bob\"\n"), "{shown}");
    }

    #[test]
    fn a_list_leaves_no_space_out() {
        let home = format!("rm -rf /{}", "a".repeat(29));
        for (one, other) in [
            (format!("{home}home"), format!("{home} home")),
            ("rm  /".to_owned(), "rm /".to_owned()),
            (format!("{home}      home"), format!("{home}     home")),
        ] {
            let shown = |text: &str| format!("arguments.path=\"{text}\"");
            for width in (30..=120).rev() {
                let below = |text: &str| list(&[row("look", "a person decides", &shown(text))], width);
                assert_ne!(below(&one), below(&other), "{width}");
                let tool = |text: &str| list(&[row(text, "a person decides", "")], width);
                assert_ne!(tool(&one), tool(&other), "{width}");
                let why = |text: &str| list(&[row("look", text, "")], width);
                assert_ne!(why(&one), why(&other), "{width}");
            }
        }
        assert_ne!(list(&[row("pay ", "", "")], 80), list(&[row("pay", "", "")], 80));
        assert_ne!(list(&[row(" pay", "", "")], 80), list(&[row("pay", "", "")], 80));
    }
}
