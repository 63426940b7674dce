//! `misgoal replay`: an episode of a run, in the terminal or as a moving picture.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use misgoal_report::{Playback, picture, terminal};
use misgoal_run::read::Run;
use misgoal_run::record::EpisodeRecord;
use misgoal_study::{AnyStudy, DecisionStudy};

use super::runs::Where;
use crate::album::{self, pictured};
use crate::exit::{Exit, Failure};
use crate::output::{Console, Table, figure};
use crate::suggest;

/// Arguments of `misgoal replay`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run's id, enough of it to be unique, or `latest`
    run: String,
    /// The episode's id; without it, the run's episodes are listed
    episode: Option<String>,
    /// Write the episode as a GIF
    #[arg(long, value_name = "FILE", requires = "episode")]
    gif: Option<PathBuf>,
    /// Write the episode as an animated PNG
    #[arg(long, value_name = "FILE", requires = "episode")]
    apng: Option<PathBuf>,
    /// Time between two steps
    #[arg(long, value_name = "MS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(20..=5000))]
    delay: u64,
    #[command(flatten)]
    place: Where,
}

/// Lists a run's episodes, or shows one.
///
/// # Errors
/// When there is no such run or episode, or the episode does not replay.
pub fn replay(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let run = Run::open(&args.place.runs, &args.run)?;
    let mut episodes = Vec::new();
    for unit in run.units() {
        episodes.extend(run.episodes(&unit)?);
    }
    let Some(wanted) = &args.episode else { return list(args, &run, &episodes, console) };
    let found = episodes.iter().find(|episode| episode.id == *wanted);
    let episode = found.cloned().ok_or_else(|| {
        let known = episodes.iter().map(|episode| episode.id.as_str());
        suggest::unknown("episode", wanted, known, &format!("`misgoal replay {}` lists the run's episodes", args.run))
    })?;
    let study = match album::study(&run)? {
        AnyStudy::Grid(study) => study,
        AnyStudy::Decision(study) => return case(args, &study, &episode, console),
    };
    let pictured = pictured(&study, episode)?;
    let options = picture::Options {
        speed: u16::try_from(1000 / args.delay).unwrap_or(50).clamp(1, 50),
        caption: caption(&pictured.record),
        ..picture::Options::default()
    };
    type Draw = fn(
        &Playback,
        Option<&misgoal_report::Parting>,
        &picture::Options,
    ) -> Result<Vec<u8>, misgoal_report::ReportError>;
    let files: [(&Option<PathBuf>, Draw); 2] = [(&args.gif, picture::gif), (&args.apng, picture::apng)];
    for (path, draw) in files.into_iter().filter_map(|(path, draw)| Some((path.as_ref()?, draw))) {
        let bytes = draw(&pictured.playback, pictured.parting.as_ref(), &options)
            .map_err(|error| Failure::usage(error.to_string()))?;
        super::replace_file(path, &bytes)?;
        console.line(format_args!("wrote {}", path.display()))?;
    }
    if args.gif.is_none() && args.apng.is_none() {
        console.line(caption(&pictured.record))?;
        show(&pictured.playback, Duration::from_millis(args.delay), console)?;
        console.hint(format_args!(
            "`misgoal replay {} {wanted} --gif episode.gif{}` writes it as a picture",
            args.run,
            args.place.told()
        ));
    }
    Ok(Exit::Fine)
}

fn list(args: &Args, run: &Run, episodes: &[EpisodeRecord], console: &Console) -> Result<Exit, Failure> {
    let Some(first) = episodes.first() else {
        console.note(format_args!("run `{}` has kept no episodes yet", run.id()));
        return Ok(Exit::Fine);
    };
    let study = album::study(run)?;
    let goals = study.get().goals().into_iter().map(|(name, _)| name);
    let attained = goals.map(|goal| format!("{goal} attained"));
    let head = ["episode", "chosen as", "steps", "first reached"].map(str::to_owned).into_iter();
    let mut table = Table::new(head.chain(attained));
    for episode in episodes {
        let reached = episode.first.clone().unwrap_or_else(|| "-".into());
        let figures =
            [episode.id.clone(), episode.label.clone(), episode.actions.len().to_string(), reached].into_iter();
        table.row(figures.chain(episode.attainment.iter().map(|attained| figure::share(*attained))));
    }
    console.data(table.render(console.width()))?;
    console.hint(format_args!("watch one with `misgoal replay {} {}{}`", args.run, first.id, args.place.told()));
    Ok(Exit::Fine)
}

/// A case of a study of decisions: its features, what each goal prefers and what the agent chose, turn after turn.
fn case(args: &Args, study: &DecisionStudy, record: &EpisodeRecord, console: &Console) -> Result<Exit, Failure> {
    if args.gif.is_some() || args.apng.is_some() {
        return Err(Failure::usage(format!("`{}` is a case of decisions: there is nothing to film", record.id))
            .hint(format!("`misgoal replay {} {}` shows it", args.run, record.id)));
    }
    let played = misgoal_run::played(study, record).map_err(|error| Failure::data(error.to_string()))?;
    console.line(caption(record))?;
    for (turn, choice) in played.choices.iter().enumerate() {
        let mut table = Table::new(["", ""]);
        for (name, value, observed) in &choice.features {
            let hidden = if *observed { "" } else { " (the agent does not see it)" };
            table.row([name.clone(), format!("{value}{hidden}")]);
        }
        for (goal, options) in &choice.preferred {
            let all = options.len() == study.world.options().len();
            let words = if all { "no option to another".to_owned() } else { options.join(" or ") };
            table.row([format!("{goal} prefers"), words]);
        }
        table.row(["the agent chose", &choice.chosen]);
        if played.choices.len() > 1 {
            console.line(format_args!("turn {}", turn + 1))?;
        }
        console.data(table.render(console.width()))?;
    }
    Ok(Exit::Fine)
}

/// What an episode is, and why it is shown.
fn caption(episode: &EpisodeRecord) -> String {
    let judged = match episode.judged {
        true => "",
        false if episode.shift == "training" => ", held out from training",
        false => ", filtered out and not judged",
    };
    format!("{}, chosen as {}{judged}", episode.id, episode.label)
}

/// Frame after frame: over each other at a terminal, below each other elsewhere.
fn show(playback: &Playback, delay: Duration, console: &Console) -> Result<(), Failure> {
    let drawn = std::io::stdout().is_terminal();
    for step in 0..=playback.steps() {
        let frame = terminal::frame(playback, step, true);
        if drawn && step > 0 {
            std::thread::sleep(delay);
            // Up over the last frame and its step line, which may have been longer.
            console.data(format_args!("\x1b[{}A\x1b[J", frame.lines().count()))?;
        }
        console.data(if drawn { frame } else { format!("{frame}\n") })?;
    }
    Ok(())
}
