//! What the airline's written policy, as policies of the guard (`docs/airline`), would have stopped in tau-bench's episodes of GPT-4o.
//! `cargo bench -p misgoal-guard --bench airline -- [DATA]`
//!
//! A stopped call is held against the task's answer key: the calls that the benchmark itself asks for.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an evaluation reads its data and prints its figures"
)]

#[path = "../../misgoal-monitor/benches/common/folder.rs"]
mod folder;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use misgoal_guard::{Config, Policies, Tools, replay};
use misgoal_monitor::trace::{Format, parse};
use serde_json::Value;

/// What became of one rule's stops.
#[derive(Default)]
struct Stops {
    in_key: usize,
    not_in_key: usize,
    tasks: BTreeSet<String>,
}

fn main() {
    let path = folder::folder().join("tau-airline/gpt-4o-airline.json.gz");
    let Ok(packed) = std::fs::read(&path) else {
        println!("skipped: there is no `{}`; give the data folder as argument or in MISGOAL_DATA", path.display());
        return;
    };
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut text).expect("gzip");
    let episodes: Vec<Value> = serde_json::from_slice(&text).expect("an array of episodes");
    let sessions = parse(&text, Format::Tau).expect("tau-bench's format");

    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/airline");
    let file = |name: &str| std::fs::read_to_string(files.join(name)).expect("a file of the example");
    let config = Config::parse("guard.toml", &file("guard.toml")).expect("a configuration");
    let tools = Tools::from_file(&file("guard.tools.json")).expect("pinned tools");
    let policies = Policies::compile("policy.cedar", &file("policy.cedar"), &tools, &config).expect("policies");

    let mut by_rule: BTreeMap<String, Stops> = BTreeMap::new();
    // Episodes by whether they were rewarded, and of those the stopped ones.
    let mut episodes_of = [[0; 2]; 2];
    for (episode, session) in episodes.iter().zip(&sessions) {
        let rewarded = usize::from(session.reward == Some(1.0));
        let key = episode.pointer("/info/task/actions").and_then(Value::as_array).expect("an answer key");
        let calls: Vec<_> = session.calls().collect();
        let denied = replay::denied(session, &policies, &tools, &config);
        for stop in &denied {
            let (_, call) = calls.get(stop.step - 1).expect("a call");
            let asked = |action: &Value| action["name"] == call.tool.as_str() && action["kwargs"] == call.arguments;
            let rules = if stop.rules.is_empty() { "(nothing permits it)".to_owned() } else { stop.rules.join(", ") };
            let stops = by_rule.entry(format!("{rules}: {}", stop.verdict)).or_default();
            let count = if key.iter().any(asked) { &mut stops.in_key } else { &mut stops.not_in_key };
            *count += 1;
            stops.tasks.insert(episode["task_id"].to_string());
        }
        if let Some([all, stopped]) = episodes_of.get_mut(rewarded) {
            *all += 1;
            *stopped += usize::from(!denied.is_empty());
        }
    }
    println!("| rule | stopped calls | of them in the answer key | tasks |\n| --- | --- | --- | --- |");
    for (rule, Stops { in_key, not_in_key, tasks }) in &by_rule {
        let tasks: Vec<&str> = tasks.iter().map(String::as_str).collect();
        println!("| {rule} | {} | {in_key} | {} |", in_key + not_in_key, tasks.join(", "));
    }
    for (name, [all, stopped]) in ["reward 0", "reward 1"].iter().zip(episodes_of) {
        println!("{name}: {stopped} of {all} episodes have a call that is stopped or held");
    }
}
