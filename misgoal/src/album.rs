//! A run's directory as a report needs it: its record, curves, splays, and its kept episodes played again.

use misgoal_report::{Curve, Parting, PicturedChange, PicturedEpisode, Progress, ReportInput, Square};
use misgoal_run::read::Run;
use misgoal_run::record::{EpisodeRecord, RunRecord, SplayRecord};
use misgoal_run::search::CounterexampleRecord;
use misgoal_run::{PlayedCase, Replay};
use misgoal_study::{AnyStudy, Evaluation, Study};
use misgoal_world::{Level, Oracle, State};

use crate::exit::Failure;
use crate::film::Film;
use crate::studies;

/// Everything that a report shows, in memory.
pub struct Album {
    record: RunRecord,
    curves: Vec<Curve>,
    episodes: Vec<PicturedEpisode>,
    cases: Vec<PlayedCase>,
    splays: Vec<SplayRecord>,
    settings: Vec<(String, String)>,
    progress: Option<Progress>,
}

impl Album {
    /// Reads a run, complete or not.
    ///
    /// # Errors
    /// When a file of the run is damaged, or an episode does not replay to its recorded end.
    pub fn open(run: &Run) -> Result<Album, Failure> {
        let study = study(run)?;
        let (mut curves, mut splays) = (Vec::new(), Vec::new());
        let (mut episodes, mut cases) = (Vec::new(), Vec::new());
        let (mut done, units) = (0, run.units());
        for unit in &units {
            done += usize::from(run.judgement(unit)?.is_some());
            let rows = run.metrics(unit)?;
            if !rows.is_empty() {
                curves.push(Curve { arm: unit.arm.clone(), seed: unit.seed, rows });
            }
            for record in run.episodes(unit)? {
                match &study {
                    AnyStudy::Grid(study) => episodes.push(pictured(study, record)?),
                    AnyStudy::Decision(study) => cases.push(misgoal_run::played(study, &record).map_err(changed)?),
                }
            }
            splays.extend(run.splay(unit)?);
        }
        let progress = (done < units.len()).then_some(Progress { done, planned: units.len() });
        let record = run.record_so_far(&study)?;
        let settings = settings(study.get().evaluation(), study.get().kind());
        Ok(Album { record, curves, episodes, cases, splays, settings, progress })
    }

    /// What `misgoal-report` draws.
    pub fn input(&self) -> ReportInput<'_> {
        ReportInput {
            record: &self.record,
            curves: &self.curves,
            episodes: &self.episodes,
            cases: &self.cases,
            splays: &self.splays,
            settings: &self.settings,
            progress: self.progress,
            notices: &[],
        }
    }
}

/// The study of a run, as it was when the run began.
///
/// # Errors
/// When this version of misgoal does not accept it any more.
pub fn study(run: &Run) -> Result<AnyStudy, Failure> {
    studies::parse(&run.dir().path().join("study.toml").display().to_string(), run.study_text())
}

/// An episode played again, checked against its recorded end.
///
/// # Errors
/// When it ends otherwise: the study or the episode is not the one that was recorded.
pub fn pictured(study: &Study, record: EpisodeRecord) -> Result<PicturedEpisode, Failure> {
    let replay = misgoal_run::replay(study, &record).map_err(changed)?;
    let mut film = Film::new(study, &replay.level);
    replay.actions.iter().for_each(|action| film.step(*action));
    let parting = parting(study, &replay);
    Ok(PicturedEpisode { record, playback: film.into_playback(), parting })
}

fn changed(error: misgoal_run::RunError) -> Failure {
    Failure::data(error.to_string())
        .hint("the run's files were changed, or another version made them: run the study again")
}

/// The first step at which the best actions for the intended goal and for a proxy differ and the agent took one of the proxy's; none for an
/// episode in which there is no such step, or on a level that the oracle refuses.
fn parting(study: &Study, replay: &Replay) -> Option<Parting> {
    let oracle = Oracle::solve(&study.world, &replay.level, &study.goals).ok()?;
    let takes = |goal: usize, state: &State, action: u8| {
        oracle.advantages(goal, state).get(usize::from(action)).is_some_and(|advantage| *advantage == 0.0)
    };
    let parts = |(state, action): (&State, &u8)| {
        let proxy = (1..study.goals.len()).any(|proxy| takes(proxy, state, *action));
        proxy && !takes(0, state, *action)
    };
    let step = replay.states.iter().zip(&replay.actions).position(parts)?;
    Some(Parting { step, way: way(study, &replay.level, &oracle, *replay.states.get(step)?) })
}

/// The squares of an optimal episode for the intended goal from here on.
fn way(study: &Study, level: &Level, oracle: &Oracle, mut state: State) -> Vec<Square> {
    let mut squares = vec![Square::at(state.cell.x(), state.cell.y())];
    while !state.done && oracle.value(0, &state) > 0.0 {
        let advantages = oracle.advantages(0, &state);
        let Some(action) = (0u8..).zip(advantages).find(|(_, advantage)| *advantage == 0.0) else { break };
        study.world.step(level, &mut state, action.0);
        squares.push(Square::at(state.cell.x(), state.cell.y()));
    }
    squares
}

/// How the evaluation was set up.
fn settings(evaluation: &Evaluation, kind: &str) -> Vec<(String, String)> {
    let options = &evaluation.options;
    let (levels, held_out) = match kind {
        "decision" => ("cases a shift", "held-out training cases"),
        _ => ("levels a shift", "held-out training levels"),
    };
    let pairs = [
        (levels, options.levels.to_string()),
        (held_out, options.holdout_levels.to_string()),
        ("confidence that a verdict needs", format!("{:.2}", options.conf)),
        ("excess regret that counts as a loss", format!("{:.2}", options.loss)),
        ("share of the loss that names a goal", format!("{:.2}", options.share)),
        ("share of episodes for `aligned`", format!("{:.2}", options.aligned)),
        ("level of the discordance test, over all proxies", format!("{:.2}", options.alpha)),
        ("margin of the test of comparisons", format!("{:.2}", options.accident)),
        ("posterior draws", options.draws.to_string()),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

/// A counterexample of a search as pictures: the agent's way on the training level and on the changed one. `None` where a level cannot be read,
/// which is a mistake.
pub fn change(study: &Study, number: usize, one: &CounterexampleRecord) -> Option<PicturedChange> {
    let playback = |drawn: &str, actions: &str| {
        let level = study.world.parse(drawn).ok()?;
        let mut film = Film::new(study, &level);
        actions.bytes().filter(u8::is_ascii_digit).for_each(|digit| film.step(digit - b'0'));
        Some(film.into_playback())
    };
    let squares = |cells: &[[u8; 2]]| cells.iter().map(|[x, y]| Square::at(*x, *y)).collect();
    Some(PicturedChange {
        number,
        before: playback(&one.before, &one.actions_before)?,
        after: playback(&one.after, &one.actions)?,
        left: squares(&one.changed_before),
        entered: squares(&one.changed_after),
    })
}
