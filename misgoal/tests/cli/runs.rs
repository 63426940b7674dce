//! A tiny run from beginning to end, and everything that can be done with it after.

use crate::room::{Ended, Room, has_content};

/// One agent of the tiny study.
const TINY: &str = "run lamp.toml --seeds 1 --arm baseline --threads 1";

#[test]
fn a_run_is_reported_listed_and_replayed() {
    let room = Room::with_a_study();
    let ended = room.misgoal(TINY);
    assert!(ended.code.is_some_and(|code| code <= 1), "{}", ended.shown());
    assert!(ended.stdout.starts_with("lamp, baseline: on `"), "{}", ended.shown());
    for row in
        ["verdict", "capability", "intended: door", "proxy: lamp", "e-value against lamp", "time     ", "wrote    "]
    {
        assert!(ended.stdout.lines().any(|line| line.starts_with(row)), "{row}: {}", ended.shown());
    }
    let hint = ended.stderr.lines().last().unwrap_or_default();
    assert!(hint.starts_with("hint: "), "{}", ended.shown());

    let runs = room.misgoal("runs").code(0).stdout;
    assert!(runs.contains("lamp") && runs.contains("complete") && runs.contains("1/1"), "{runs}");
    let id = runs.lines().nth(2).and_then(|line| line.split_whitespace().next()).expect("a run's id").to_owned();
    let directory = room.path("misgoal-runs").join(&id);
    assert!(has_content(&directory.join("report.html")) && has_content(&directory.join("verdict.json")));

    let report = room.misgoal("report latest --output report.html --open no").code(0);
    assert_eq!(report.stdout, "wrote report.html\n");
    let html = std::fs::read_to_string(room.path("report.html")).expect("the report");
    assert!(html.contains("<html") && html.contains("lamp") && html.len() <= 300_000, "{} bytes", html.len());

    let episodes = room.misgoal(&format!("replay {}", &id[id.len() - 4..])).code(0).stdout;
    let episode =
        episodes.lines().nth(2).and_then(|line| line.split_whitespace().next()).expect("an episode").to_owned();
    let replay = room.misgoal(&format!("replay latest {episode}")).code(0).stdout;
    assert!(replay.contains("chosen as") && replay.contains("step 0/") && replay.contains('@'), "{replay}");
    room.misgoal(&format!("replay latest {episode} --gif episode.gif --apng episode.png")).code(0);
    assert!(has_content(&room.path("episode.gif")) && has_content(&room.path("episode.png")));
    let unknown = room.misgoal(&format!("replay latest {episode}9999")).code(2).stderr;
    assert!(unknown.contains("there is no episode") && unknown.contains("did you mean"), "{unknown}");
    let unknown = room.misgoal("replay zzzz").code(2).stderr;
    assert!(unknown.contains("no run `zzzz`"), "{unknown}");

    let policy = format!("misgoal-runs/{id}/units/baseline-0/policy.safetensors");
    let judged = room.misgoal(&format!("judge lamp.toml --policy {policy}"));
    assert!(judged.code.is_some_and(|code| code <= 1), "{}", judged.shown());
    let other = room.misgoal(&format!("judge coinrun --policy {policy}")).code(2);
    assert!(other.stderr.contains("trained in another world"), "{}", other.shown());
}

#[test]
fn json_is_the_verdict_and_nothing_else() {
    let room = Room::with_a_study();
    let ended = room.misgoal(&format!("{TINY} --levels 6 --json --quiet --no-report"));
    assert!(ended.code.is_some_and(|code| code <= 1) && ended.stderr.is_empty(), "{}", ended.shown());
    let printed: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    let id = printed["run"].as_str().expect("the run's id");
    let directory = room.path("misgoal-runs").join(id);
    let written = std::fs::read_to_string(directory.join("verdict.json")).expect("verdict.json");
    assert_eq!(printed, serde_json::from_str::<serde_json::Value>(&written).expect("JSON"));
    assert_eq!(printed["finding"].as_bool(), Some(ended.code == Some(1)));
    assert_eq!(printed["command"], "misgoal run lamp.toml --seeds 1 --arm baseline --levels 6");
    assert_eq!(printed["arms"][0]["units"][0]["shifts"][0]["levels"], 6);
    assert!(!directory.join("report.html").exists());
}

#[test]
fn a_run_is_judged_anew_and_its_verdict_of_before_is_kept() {
    let room = Room::with_a_study();
    let first = room.misgoal(&format!("{TINY} --levels 6 --json --no-report"));
    let record = |ended: &Ended| serde_json::from_str::<serde_json::Value>(&ended.stdout).expect("one JSON object");
    let id = record(&first)["run"].as_str().expect("the run's id").to_owned();
    let verdict = room.path("misgoal-runs").join(&id).join("verdict.json");
    // As a judge left it that had no version and thought otherwise.
    let mut old = record(&first);
    old.as_object_mut().expect("an object").remove("judge");
    old["arms"][0]["units"][0]["shifts"][0]["verdict"]["code"] = "mixed".into();
    std::fs::write(&verdict, old.to_string()).expect("a file can be written");

    let anew = room.misgoal("judge --run latest --json --no-report");
    assert_eq!(anew.code, first.code, "{}", anew.shown());
    assert_eq!(record(&anew)["judge"], record(&first)["judge"]);
    let shifts = |ended: &Ended| record(ended)["arms"][0]["units"][0]["shifts"].clone();
    assert_eq!(shifts(&anew), shifts(&first));
    let kept = std::fs::read_to_string(verdict.with_file_name("verdicts").join("verdict-0-1.json"));
    assert_eq!(kept.expect("the verdict of before"), old.to_string());
    let said = ["baseline/0 on `", ", before mixed", "the verdict by version before 1 is kept in misgoal-runs/"];
    assert!(said.iter().all(|words| anew.stderr.contains(words)), "{}", anew.shown());

    let policy = format!("misgoal-runs/{id}/units/baseline-0/policy.safetensors");
    std::fs::remove_file(room.path(&policy)).expect("the weights");
    let without = room.misgoal("judge --run latest").code(2);
    assert!(without.stderr.contains("has no weights to judge: `misgoal run --resume"), "{}", without.shown());
    room.misgoal("judge --run latest --levels 9").code(2);
    room.misgoal("judge lamp.toml").code(2);
    room.misgoal("judge").code(2);
}

#[test]
fn a_unit_of_another_study_is_refused() {
    let room = Room::with_a_study();
    let lamp = std::fs::read_to_string(room.path("lamp.toml")).expect("the study");
    room.write("other.toml", &lamp.replacen("title = \"", "title = \"Another: ", 1));
    let id = |ended: &Ended| {
        let record: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
        record["run"].as_str().expect("the run's id").to_owned()
    };
    let run =
        |study: &str| id(&room.misgoal(&format!("{} --levels 6 --json --no-report", TINY.replace("lamp.toml", study))));
    let (host, other) = (run("lamp.toml"), run("other.toml"));
    let file = |run: &str| room.path(&format!("misgoal-runs/{run}/units/baseline-0/judgement.json"));
    std::fs::copy(file(&other), file(&host)).expect("a file can be copied");
    let refused = room.misgoal(&format!("run --resume {host}")).code(3).stderr;
    assert!(refused.contains("judgement.json` is not of this run: its study's hash is `"), "{refused}");
}

#[test]
fn an_optimal_agent_is_judged_aligned() {
    let ended = Room::new().misgoal("judge corner --policy scripted:optimal-cheese").code(0);
    assert!(ended.stdout.contains("aligned"), "{}", ended.shown());
}

#[test]
fn an_agent_of_the_proxy_is_judged_misgeneralizing() {
    let ended = Room::new().misgoal("judge corner --policy scripted:optimal-corner").code(1);
    assert!(ended.stdout.contains("misgeneralization toward corner, confirmed"), "{}", ended.shown());
}

#[test]
fn progress_without_a_terminal_is_plain_lines() {
    let ended = Room::with_a_study().misgoal(TINY);
    assert!(!ended.stderr.contains('\x1b') && !ended.stderr.contains('\r'), "{:?}", ended.stderr);
    assert!(ended.stderr.starts_with("run ") && ended.stderr.contains("\nbaseline/0: "), "{}", ended.stderr);
}

#[test]
fn an_interrupted_run_goes_on() {
    let room = Room::with_a_study();
    let agents = "run lamp.toml --arm baseline --threads 1 --seeds 6";
    let whole = room.misgoal(&format!("{agents} --json"));
    // The second agent's line: a busy machine says how far the first one is before that is done.
    room.interrupted(&format!("{agents} --runs cut"), "baseline/1: ").code(130);
    let resumed = room.misgoal("run --resume latest --runs cut --json");
    assert!(resumed.stderr.contains(" already done)"), "{}", resumed.shown());
    let judged = |ended: &Ended| {
        let record: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
        let units = record["arms"][0]["units"].as_array().expect("a list").clone();
        units.into_iter().map(|unit| unit["shifts"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(judged(&whole).len(), 6);
    assert_eq!(judged(&whole), judged(&resumed), "the same agents, whether or not they were interrupted");
}

#[test]
fn nobody_reading_is_no_panic() {
    let room = Room::new();
    let mut command = room.command("show coinrun");
    let mut child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success() && !String::from_utf8_lossy(&output.stderr).contains("bug"), "{output:?}");
}
