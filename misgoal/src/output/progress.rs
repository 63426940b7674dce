//! What a run shows while it works, on stderr: a bar for each running unit on a terminal, plain lines every few seconds elsewhere.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use misgoal_run::event::{Event, Progress, Sink, UnitId};
use misgoal_run::record::UnitRecord;

use super::{Console, Tone, figure, verdict};

/// Between two plain lines.
const EVERY: Duration = Duration::from_secs(3);

/// How a unit's bar is drawn, and the line below all bars.
const UNIT: &str = "{prefix} {bar:10} {wide_msg}";
const WHOLE: &str = "{msg}, {elapsed}";

/// A sink that shows a run's events.
pub struct Show {
    console: Console,
    /// The intended goal, then the proxies.
    goals: Vec<String>,
    /// The bars, where stderr is a terminal.
    bars: Option<MultiProgress>,
    /// All units together.
    whole: Whole,
    running: BTreeMap<UnitId, ProgressBar>,
    /// Without bars: each running unit's last line.
    lines: BTreeMap<UnitId, String>,
    last_line: Instant,
}

/// How far the run is.
#[derive(Default)]
struct Whole {
    units: usize,
    complete: usize,
    /// Columns of the longest unit's name.
    width: usize,
    bar: Option<ProgressBar>,
}

impl Show {
    /// Shows a run of a study with these goals.
    pub fn new(console: Console, goals: Vec<String>) -> Show {
        let bars = console.draws().then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(12)));
        Show {
            console,
            goals,
            bars,
            whole: Whole::default(),
            running: BTreeMap::new(),
            lines: BTreeMap::new(),
            last_line: Instant::now(),
        }
    }

    /// A lasting line, above the bars where there are some.
    fn say(&self, line: &str) {
        match &self.bars {
            Some(bars) => bars.suspend(|| self.console.note(line)),
            None => self.console.note(line),
        }
    }

    fn start(&mut self, units: &[UnitId], complete: usize) {
        let width = units.iter().map(|unit| unit.to_string().len()).max().unwrap_or(0);
        let units = units.len();
        self.whole = Whole { units, complete, width, bar: None };
        if let Some(bars) = &self.bars {
            let bar = bars.add(ProgressBar::new(units as u64));
            bar.set_style(style(WHOLE));
            bar.enable_steady_tick(Duration::from_millis(500));
            self.whole.bar = Some(bar);
            self.tell_whole();
        }
    }

    fn tell_whole(&self) {
        if let Some(bar) = &self.whole.bar {
            bar.set_message(format!("{} of {} done", self.whole.complete, figure::plural(self.whole.units, "agent")));
        }
    }

    fn unit(&mut self, unit: &UnitId, total: u64) -> Option<&ProgressBar> {
        let bars = self.bars.as_ref()?;
        let (whole, width) = (self.whole.bar.as_ref(), self.whole.width);
        Some(self.running.entry(unit.clone()).or_insert_with(|| {
            let new = ProgressBar::new(total);
            let bar = whole.map_or_else(|| bars.add(new.clone()), |whole| bars.insert_before(whole, new.clone()));
            bar.set_style(style(UNIT));
            bar.set_prefix(format!("{:<width$}", unit.to_string()));
            bar
        }))
    }

    fn forget(&mut self, unit: &UnitId) {
        self.lines.remove(unit);
        if let Some(bar) = self.running.remove(unit) {
            bar.finish_and_clear();
        }
    }

    /// Without bars: where every running unit stands, from time to time.
    fn tell_running(&mut self) {
        if self.last_line.elapsed() >= EVERY {
            self.last_line = Instant::now();
            for (unit, line) in &self.lines {
                self.console.note(format_args!("{unit}: {line}"));
            }
        }
    }
}

impl Sink for Show {
    fn on(&mut self, event: &Event) {
        match event {
            Event::RunStarted { id, study, units, complete, threads, kernel, .. } => {
                let done = if *complete > 0 { format!(" ({complete} already done)") } else { String::new() };
                self.say(&format!(
                    "run {id}: {study}, {}{done}, {} side by side, {kernel} kernel",
                    figure::plural(units.len(), "agent"),
                    threads.min(&units.len()),
                ));
                self.start(units, *complete);
            }
            Event::Lint(lint) => {
                if !lint.discriminates {
                    self.say(&format!("{}: {}", Tone::Unsure.paint("lint"), lint.sentence));
                }
            }
            Event::UnitStarted { unit, resumed_at, total } => {
                if *resumed_at > 0 {
                    self.say(&format!("{unit}: goes on at {} steps", figure::count(*resumed_at)));
                }
                self.unit(unit, *total);
            }
            Event::Progress(progress) => {
                let line = training(progress, &self.goals);
                if let Some(bar) = self.unit(&progress.unit, progress.total) {
                    bar.set_position(progress.steps);
                    bar.set_message(line);
                } else {
                    self.lines.insert(progress.unit.clone(), line);
                    self.tell_running();
                }
            }
            Event::Evaluating { unit, episodes, total } => {
                if let Some(bar) = self.unit(unit, *total) {
                    bar.set_length(*total);
                    bar.set_position(*episodes);
                    bar.set_message(format!("judging, episode {episodes} of {total}"));
                }
            }
            Event::UnitJudged { record } => {
                self.forget(&UnitId { arm: record.arm.clone(), seed: record.seed });
                self.whole.complete += 1;
                self.say(&judged(record));
                self.tell_whole();
            }
            Event::UnitStopped { unit, steps } => {
                self.forget(unit);
                self.say(&format!("{unit}: stopped at {} steps, checkpoint written", figure::count(*steps)));
            }
            Event::RunFinished { .. } => {
                if let Some(bar) = self.whole.bar.take() {
                    bar.finish_and_clear();
                }
            }
            Event::Warning { message } => match &self.bars {
                Some(bars) => bars.suspend(|| self.console.warn(message)),
                None => self.console.warn(message),
            },
            Event::Checkpoint { .. } => {}
        }
    }
}

/// A bar's style; a template that indicatif refuses (a bug that the test below would show) falls back to its default.
fn style(template: &str) -> ProgressStyle {
    let plain = ProgressStyle::default_bar();
    plain.template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

/// `512k/1.0M steps, coin 0.98, wall 0.99, 3.1 s left, 310k/s (env 41, forward 22, update 37 %)`: what is cut off first on a narrow
/// terminal comes last.
fn training(progress: &Progress, goals: &[String]) -> String {
    let percent = |share: f64| (100.0 * share).round();
    let success =
        goals.iter().zip(&progress.row.success).map(|(goal, share)| format!("{goal} {}, ", figure::share(*share)));
    format!(
        "{}/{} steps, {}{} left, {}/s (env {}, forward {}, update {} %)",
        figure::count(progress.steps),
        figure::count(progress.total),
        success.collect::<String>(),
        figure::duration(progress.seconds_left),
        figure::count(progress.steps_per_second as u64),
        percent(progress.time.environment),
        percent(progress.time.forward),
        percent(progress.time.update),
    )
}

/// `baseline/0: misgeneralization toward wall, confirmed (anywhere); 4.2 s`.
fn judged(record: &UnitRecord) -> String {
    let verdicts = record.shifts.iter().map(|shift| {
        let words = verdict::short(&shift.verdict);
        format!("{} ({})", verdict::tone(&shift.verdict.code).paint(words), shift.shift)
    });
    let verdicts = verdicts.collect::<Vec<_>>().join(", ");
    format!("{}/{}: {verdicts}; {}", record.arm, record.seed, figure::duration(record.seconds))
}

#[cfg(test)]
mod tests {
    use misgoal_run::event::TimeSplit;
    use misgoal_run::record::MetricRow;

    use super::*;

    #[test]
    fn a_line_says_how_far_how_fast_and_what_for() {
        let row = MetricRow {
            steps: 512_000,
            seconds: 1.65,
            returns: vec![0.97, 0.99],
            success: vec![0.975, 0.99],
            episodes: 400,
            mean_length: 40.0,
            entropy: 0.6,
            value_loss: 0.01,
            clip_fraction: 0.1,
        };
        let progress = Progress {
            unit: UnitId { arm: "baseline".into(), seed: 0 },
            steps: 512_000,
            total: 1_000_000,
            steps_per_second: 310_123.4,
            time: TimeSplit { environment: 0.41, forward: 0.22, update: 0.368 },
            seconds_left: 1.57,
            row,
        };
        assert_eq!(
            training(&progress, &["coin".into(), "wall".into()]),
            "512k/1.0M steps, coin 0.97, wall 0.99, 1.6 s left, 310k/s (env 41, forward 22, update 37 %)"
        );
    }

    #[test]
    fn the_bars_templates_are_well_formed() {
        for template in [WHOLE, UNIT] {
            assert!(ProgressStyle::default_bar().template(template).is_ok(), "{template}");
        }
    }
}
