//! `misgoal guard log`: what the agent tried and what came of it.

use std::io::IsTerminal as _;
use std::time::Duration;

use misgoal_gateway::log::{Damage, Filter, Spans};
use misgoal_gateway::{Log, Stored};

use super::files::{self, Where};
use crate::exit::{Exit, Failure};
use crate::output::{Console, Tone, clean, clean_lines, folded};

/// Arguments of `misgoal guard log`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Where,
    /// Check the chain of hashes instead of showing it
    #[arg(long, conflicts_with_all = ["follow", "json", "session", "tool", "last"])]
    verify: bool,
    /// With `--verify`: the hash of a record that was noted down before, which the log must still contain
    #[arg(long, value_name = "HASH", requires = "verify")]
    head: Option<String>,
    /// Go on with new records as they come
    #[arg(long, short)]
    follow: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// OpenTelemetry traces in OTLP's JSON encoding, a line a call: for a collector's `otlpjsonfile` receiver
    #[arg(long, conflicts_with_all = ["json", "verify"])]
    otel: bool,
    /// Only sessions whose name begins like this
    #[arg(long)]
    session: Option<String>,
    /// Only this tool, or `resources/read`
    #[arg(long)]
    tool: Option<String>,
    /// At most the last N records
    #[arg(long, short = 'n', value_name = "N")]
    last: Option<u32>,
}

/// Shows or checks the log.
///
/// # Errors
/// When there is none.
pub fn log(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let files = files::load(&args.place)?;
    let mut log = Log::open_to_read(&files.log_path).map_err(files::failure)?;
    log.redacts(&files.config.redact).map_err(files::failure)?;
    if args.verify {
        return verify(&log, args.head.as_deref(), console);
    }
    let mut filter = Filter { after: 0, session: args.session.clone(), tool: args.tool.clone(), last: args.last };
    let mut spans = args.otel.then(|| Spans::new(&files.config.agent, &files.config.server));
    // A terminal goes on at its edge, where a record begins.
    let width = console.room().filter(|_| std::io::stdout().is_terminal());
    let mut show = |records: Vec<Stored>| -> Result<(), Failure> {
        for record in records {
            match &mut spans {
                Some(spans) => spans.take(&record).map_or(Ok(()), |span| console.json(&span.to_string()))?,
                None if args.json => console.json(&record.json())?,
                None => console.line(line(&record, width))?,
            }
        }
        Ok(())
    };
    if args.last.is_some() {
        let records = log.records(&filter).map_err(files::failure)?;
        filter.after = records.last().map_or(0, |record| record.seq);
        show(records)?;
    }
    loop {
        let mut records = Vec::new();
        // The last ones have been shown; what follows is for who goes on.
        while (args.follow || args.last.is_none()) && log.page(&mut filter, &mut records).map_err(files::failure)? {
            show(std::mem::take(&mut records))?;
        }
        if !args.follow {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    if let Some(spans) = spans {
        return spans.rest().into_iter().try_for_each(|span| console.json(&span.to_string())).map(|()| Exit::Fine);
    }
    console.hint("`misgoal guard log --verify` checks that nobody has edited it");
    Ok(Exit::Fine)
}

fn verify(log: &Log, head: Option<&str>, console: &Console) -> Result<Exit, Failure> {
    let removed = log.removed().map_err(files::failure)?;
    match log.verify(head).map_err(files::failure)? {
        Ok(records) => {
            let (_, hash) = log.head().map_err(files::failure)?;
            console.line(format_args!("{records} records, each chained to the one before; head {hash}"))?;
            if let Some(removed) = removed {
                console.line(format_args!(
                    "it does not begin with the first record: those up to {} were removed, as `keep` says, at {}; that one had the hash {}",
                    removed.last,
                    clock(removed.at),
                    removed.head
                ))?;
            }
            console
                .hint("who keeps the head elsewhere can tell later that nothing was cut off: `--verify --head HASH`");
            Ok(Exit::Fine)
        }
        Err(damage) => {
            console.line(match damage {
                Damage::Changed(seq) => format!("record {seq} is not what was written"),
                Damage::Missing(seq) => format!("record {seq} is missing"),
                Damage::NoArchive(first, last) => {
                    format!("records {first} to {last} are missing: no archive beside the log has them")
                }
                Damage::OtherHead => match removed {
                    None => "the log does not contain that head: it was cut off or written anew".to_owned(),
                    Some(removed) => format!(
                        "the log does not contain that head: it was cut off or written anew, or the head is of a record before {}, which were removed",
                        removed.last
                    ),
                },
                Damage::HeadRemoved => {
                    "that head is of a record that was removed, as the log says; nothing else can tell: keep a newer head"
                        .to_owned()
                }
            })?;
            Ok(Exit::Finding)
        }
    }
}

/// A record in one line for people; where it is to fit so many columns, in several of which those after the first are indented.
fn line(record: &Stored, width: Option<usize>) -> String {
    let says = |key: &str| record.field(key).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
    let list = |key: &str| {
        let names = record.field(key).and_then(|value| {
            Some(value.as_array()?.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(", "))
        });
        names.unwrap_or_default()
    };
    let json = |key: &str| record.raw(key).unwrap_or_default();
    let (word, tone) = match record.kind.as_str() {
        "attempt" => {
            let verdict = says("verdict");
            let tone = match verdict.as_str() {
                "allow" => Tone::Good,
                "deny" => Tone::Bad,
                _ => Tone::Unsure,
            };
            (verdict, tone)
        }
        "outcome" => (says("outcome"), Tone::Quiet),
        "refused" => ("refused".to_owned(), Tone::Bad),
        "alarm" => ("alarm".to_owned(), Tone::Bad),
        kind => (kind.to_owned(), Tone::Quiet),
    };
    let about = match record.kind.as_str() {
        "attempt" => {
            let by = list("rules");
            let by = if by.is_empty() { says("reason") } else { format!("by {by}") };
            let trial = list("trial");
            let trial = if trial.is_empty() { String::new() } else { format!("; on trial: {trial}") };
            let what = if record.tool.as_deref() == Some("resources/read") { says("uri") } else { json("arguments") };
            // What a call bears beside its arguments: `_meta`, `inputResponses`, `requestState`.
            let beside = json("beside");
            let beside =
                if beside.is_empty() || is_token_alone(&beside) { String::new() } else { format!(" beside {beside}") };
            format!("{what}{beside} {by}{trial}")
        }
        "outcome" => list("labels"),
        "said" => format!("{} {}", says("method"), list("labels")),
        "refused" => format!("{}: {}", says("code"), says("reason")),
        "alarm" => match says("decision") {
            decided if decided.is_empty() => format!("{}: {}", says("then"), says("text")),
            decided => format!("{decided} by {}", says("by")),
        },
        _ => record.body.clone(),
    };
    let call = record.call.map(|call| format!("#{call}")).unwrap_or_default();
    let tool = record.tool.clone().unwrap_or_default();
    let session = record.session.get(..4).unwrap_or(&record.session);
    let text = format!("{} {session} {call:>4} {word} {tool} {about}", clock(record.at));
    // The evidence of an alarm has lines of its own; nobody else's words make a new line.
    let text = if record.kind == "alarm" { clean_lines(&text) } else { clean(&text) };
    let text = width.map_or_else(|| text.clone(), |width| folded(&text, width));
    tone_word(&text, &word, tone)
}

/// Whether a call bears nothing but a number by which its progress is told, as every call of many agents.
fn is_token_alone(beside: &str) -> bool {
    let token = beside.strip_prefix("{\"_meta\":{\"progressToken\":").and_then(|rest| rest.strip_suffix("}}"));
    token.is_some_and(|token| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Colours the first place of a word that stands between spaces.
fn tone_word(text: &str, word: &str, tone: Tone) -> String {
    let line = if word.is_empty() {
        text.to_owned()
    } else {
        text.replacen(&format!(" {word} "), &format!(" {} ", tone.paint(word)), 1)
    };
    line.trim_end().to_owned()
}

/// A time of day and its date, in UTC (days from civil, H. Hinnant).
pub(super) fn clock(millis: i64) -> String {
    let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hours, minutes, seconds) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60);
    format!("{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_agent_wrote_hides_nothing_and_is_not_obeyed() {
        for (tool, body, expected) in [
            (
                "pay",
                r#"{"verdict":"deny","rules":["r"],"arguments":{"n":1e400,"to":"CSI"}}"#,
                r#"deny pay {"n":1e400,"to":"\u{9b}2J"} by r"#,
            ),
            (
                "pay",
                r#"{"verdict":"allow","rules":["r"],"arguments":{},"beside":{"_meta":{"run-as":"CSI"},"requestState":"s"}}"#,
                r#"allow pay {} beside {"_meta":{"run-as":"\u{9b}2J"},"requestState":"s"} by r"#,
            ),
            (
                "pay",
                r#"{"verdict":"allow","rules":["r"],"arguments":{},"beside":{"_meta":{"progressToken":12}}}"#,
                "allow pay {} by r",
            ),
            (
                "pay",
                r#"{"verdict":"allow","rules":["r"],"arguments":{},"beside":{"_meta":{"progressToken":1},"x":{}}}"#,
                r#"allow pay {} beside {"_meta":{"progressToken":1},"x":{}} by r"#,
            ),
            (
                "resources/read",
                r#"{"verdict":"allow","rules":["r"],"uri":"file:///x","beside":{"inputResponses":{"n":1}}}"#,
                r#"allow resources/read file:///x beside {"inputResponses":{"n":1}} by r"#,
            ),
        ] {
            let record = Stored {
                seq: 1,
                at: 0,
                session: "ab12".to_owned(),
                kind: "attempt".to_owned(),
                call: Some(3),
                tool: Some(tool.to_owned()),
                body: body.replace("CSI", "\u{9b}2J"),
                hash: String::new(),
            };
            let shown = anstream::adapter::strip_str(&line(&record, None)).to_string();
            assert_eq!(shown, format!("1970-01-01 00:00:00 ab12   #3 {expected}"));
        }
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(clock(0), "1970-01-01 00:00:00");
        assert_eq!(clock(951_782_399_000), "2000-02-28 23:59:59");
        assert_eq!(clock(951_868_799_000), "2000-02-29 23:59:59");
        assert_eq!(clock(1_795_273_199_000), "2026-11-21 14:59:59");
    }
}
