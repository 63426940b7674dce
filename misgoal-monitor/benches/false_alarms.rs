//! False alarms over 20,000 sessions with the promise of at most one in 1000. `cargo bench -p misgoal-monitor --bench false_alarms -- [DATA]`
//!
//! 1. Held-out good traces of tau-bench's airline agent, resampled in random order: the profile and the calibration come from other tasks.
//! 2. Scores that are never met twice, good ones and then changed ones: resampled traces repeat, and repetition makes single sessions unremarkable.

#![expect(clippy::print_stdout, reason = "an evaluation prints its figures")]

#[path = "common/folder.rs"]
mod folder;
#[path = "common/sessions.rs"]
mod sessions;

use misgoal_monitor::trace::Format;
use misgoal_monitor::{Monitor, Session};
use misgoal_stats::conformal::{Bag, Detector};
use misgoal_stats::{beta, draw};
use rand_pcg::Pcg64Mcg;

const SESSIONS: usize = 20_000;
const PROMISE: f64 = 1000.0;

fn main() {
    recorded();
    fresh();
}

fn recorded() {
    let path = folder::folder().join("tau-airline/gpt-4o-airline.json.gz");
    let Some(sessions) = sessions::sessions(&path, Format::Tau) else { return };
    let good = |session: &Session| session.reward == Some(1.0) && session.calls().next().is_some();
    let task = |session: &Session| session.task.as_deref().and_then(|task| task.parse::<usize>().ok()).unwrap_or(0);
    let sessions: Vec<Session> = sessions.into_iter().filter(good).collect();
    let (train, test): (Vec<Session>, Vec<Session>) = sessions.into_iter().partition(|session| task(session) % 2 == 0);
    let train: Vec<Session> = train.into_iter().map(|session| Session { task: None, ..session }).collect();
    println!("profile and calibration from {} good episodes, {} of other tasks resampled", train.len(), test.len());
    for promise in [20.0, 100.0, PROMISE] {
        let Ok(monitor) = Monitor::learn(&train, Vec::new(), promise) else {
            println!("skipped: too few good episodes");
            return;
        };
        let scores: Vec<[f64; 2]> = test.iter().map(|session| monitor.replay(session).0.scores()).collect();
        let mut rng = Pcg64Mcg::new(1);
        let (mut behaviour, mut capability) = (monitor.behaviour.clone(), monitor.capability.clone());
        let mut alarms = [0; 2];
        for _ in 0..SESSIONS {
            let Some([moved, failing]) = scores.get(draw::below(scores.len(), &mut rng)) else { return };
            for (count, ground) in alarms.iter_mut().zip([behaviour.end(*moved), capability.end(*failing)]) {
                *count += usize::from(ground.is_some());
            }
        }
        let [one, two] = alarms.map(|count| beta::clopper_pearson(count, SESSIONS, 0.9));
        println!(
            "  promise 1 in {promise}: behaviour {} alarms in {SESSIONS}, {one:.5}; capability {}, {two:.5}",
            alarms[0], alarms[1]
        );
    }
}

fn fresh() {
    for calibration in [30u32, 100, 1000, 4000] {
        let mut alarms = 0;
        let mut rng = Pcg64Mcg::new(calibration.into());
        let bag: Vec<f64> = (0..calibration).map(|_| draw::normal(&mut rng)).collect();
        let mut detector = Detector::new(Bag::new(&bag), PROMISE);
        for _ in 0..SESSIONS {
            alarms += usize::from(detector.end(draw::normal(&mut rng)).is_some());
        }
        let rate = beta::clopper_pearson(alarms, SESSIONS, 0.9);
        let delays: Vec<f64> = (0..200)
            .map(|_| {
                let mut detector = Detector::new(Bag::new(&bag), PROMISE);
                (1..1000).find(|_| detector.end(4.0 + draw::normal(&mut rng)).is_some()).map_or(1000.0, f64::from)
            })
            .collect();
        let quantile = |q| misgoal_stats::quantile::quantile(&delays, q);
        println!(
            "fresh scores, {calibration} to calibrate: {alarms} false alarms in {SESSIONS}, {rate:.5}; a change by four standard deviations is seen \
             after {:.0} sessions (median; 90 %: {:.0})",
            quantile(0.5),
            quantile(0.9)
        );
    }
}
