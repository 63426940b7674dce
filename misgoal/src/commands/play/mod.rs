//! `misgoal play`: a person plays a level and sees what each goal would have paid.

mod keys;
mod screen;

use std::io::{BufRead as _, IsTerminal as _};

use misgoal_study::Study;
use misgoal_world::{Level, Movement, Oracle};

use self::keys::{Wish, legend, wish};
use crate::exit::{Exit, Failure};
use crate::film::Film;
use crate::output::{Cell, Console, Table, Tone, figure};
use crate::{studies, suggest};

/// Arguments of `misgoal play`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
At a terminal a key is a step. Otherwise stdin is read as words: names of actions (`right`, `jump-left`) or their keys,
in any number of lines, `q` to stop.")]
pub struct Args {
    /// A built-in study's name or the path of a study file
    study: String,
    /// Play a level of this shift instead of a training level
    #[arg(long)]
    shift: Option<String>,
    /// The level's seed; another level each time without it
    #[arg(long)]
    seed: Option<u64>,
}

/// Plays one level.
///
/// # Errors
/// When there is no such study or shift, when no level can be made, when the player writes something that is no action.
pub fn play(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let study = studies::grid(&args.study, "play")?;
    let distribution = match &args.shift {
        None => &study.training,
        Some(name) => &suggest::shift(&study, name)?.distribution,
    };
    let seed = args.seed.unwrap_or_else(any_seed);
    let level = study.world.generate(distribution, seed).map_err(|error| Failure::usage(error.to_string()))?;
    let mut film = Film::new(&study, &level);
    let place = args.shift.as_ref().map_or_else(String::new, |shift| format!(" --shift {shift}"));
    let command = format!("misgoal play {}{place} --seed {seed}", args.study);
    let actions = study.world.action_names();
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        let goals: Vec<String> =
            study.goals.iter().zip(&study.goal_words).map(|(goal, words)| format!("{}: {words}", goal.name)).collect();
        let heading = format!("{command}\n{}", goals.join("; "));
        screen::play(&mut film, actions, &heading, &format!("{}\n{}", symbols(&study), legend(actions)))?;
        console.line(film.frame())?;
    } else {
        console.line(film.frame())?;
        read_words(&mut film, actions, console)?;
    }
    console.data(returns(&study, &level, &film)?.render(console.width()))?;
    console.hint(format_args!("play this level again with `{command}`"));
    Ok(Exit::Fine)
}

/// Plays what stdin says, a frame a line.
fn read_words(film: &mut Film<'_>, actions: &[&str], console: &Console) -> Result<(), Failure> {
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| Failure::data(format!("cannot read stdin: {error}")))?;
        for word in line.split_whitespace() {
            match wish(word, actions) {
                Some(Wish::Act(action)) => film.step(action),
                Some(Wish::Quit) => return Ok(()),
                None => {
                    let known = actions.iter().copied();
                    return Err(suggest::unknown(
                        "action",
                        word,
                        known,
                        &format!("the actions are {}", legend(actions)),
                    ));
                }
            }
        }
        console.line(film.frame())?;
        if film.state().done {
            break;
        }
    }
    Ok(())
}

/// What the characters of a level stand for.
fn symbols(study: &Study) -> String {
    let things = study.world.spec().things.iter().map(|thing| format!("{} {}", thing.symbol, thing.name));
    let zones: Vec<&str> = study.world.spec().zones.iter().map(|zone| zone.name.as_str()).collect();
    let zones = (!zones.is_empty()).then(|| format!(": {}", zones.join(" or ")));
    let deadly = matches!(study.world.spec().movement, Movement::Platform { .. }).then(|| "^ deadly".to_owned());
    let all = ["@ you".to_owned(), "# wall".to_owned()].into_iter().chain(deadly).chain(things).chain(zones);
    all.collect::<Vec<_>>().join(", ")
}

/// The episode's return under every goal, beside the best and the random policy's, and what that attains.
fn returns(study: &Study, level: &Level, film: &Film<'_>) -> Result<Table, Failure> {
    let oracle = Oracle::solve(&study.world, level, &study.goals).map_err(|error| Failure::usage(error.to_string()))?;
    let mut table = Table::new(["goal", "", "your return", "best", "random", "attained"]);
    for (number, goal) in study.goals.iter().enumerate() {
        let own = goal.discounted(film.events(), study.world.spec().discount);
        let (best, random) = (oracle.best(number), oracle.random(number));
        let attained = misgoal_judge::attainment(own, oracle.baseline(number), best);
        let role = if number == 0 { "intended" } else { "proxy" };
        let tone = if attained >= 0.5 { Tone::Good } else { Tone::Plain };
        table.row([
            Cell::from(goal.name.as_str()),
            role.into(),
            figure::share(own).into(),
            figure::share(best).into(),
            figure::share(random).into(),
            Cell::new(figure::share(attained), tone),
        ]);
    }
    Ok(table)
}

/// A seed that differs each time; printed, so that the level can be played again.
fn any_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    misgoal_world::rng::mix(now.as_nanos() as u64) % 100_000
}
