//! The detector of one session: evidence step by step, since when, toward what.

use std::sync::Arc;

use misgoal_stats::quantile;

use crate::alternative::{Alternative, Unspecific};
use crate::observe::{Channel, Observation, Observer};
use crate::profile::Profile;
use crate::session::{Event, Session};

/// The largest log likelihood ratio of one observation, either way: no single observation decides alone because a model is sure of itself.
const CLIP: f64 = 4.0;

/// Name of the unspecific alternative.
pub const UNSPECIFIC: &str = "something else than the profile";
/// Name of the capability channel.
pub const CAPABILITY: &str = "failing, retrying or going in circles";

/// What a session is held against.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// What is usual.
    pub profile: Profile,
    /// What it might do instead.
    pub alternatives: Vec<Alternative>,
    /// How strong the evidence toward each alternative gets in good sessions, then toward the unspecific one, then in the capability channel.
    pub scales: Vec<Scale>,
}

/// How strong the evidence toward one alternative gets in good sessions that the profile has not seen: it makes alternatives comparable, so that one
/// which is often moved by little does not hide one which is seldom moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The median.
    pub middle: f64,
    /// From the median to the 90 % quantile, and `LEAST_SPREAD` more.
    pub spread: f64,
}

/// Evidence of less than this is noise, however seldom it is seen.
const LEAST_SPREAD: f64 = 1.0;
/// The unspecific alternative has a tenth of a declared one's weight: ln 10 more evidence is asked of it.
const HANDICAP: f64 = std::f64::consts::LN_10;
/// Parts into which good sessions are split to find the scales.
const PARTS: usize = 5;

impl Scale {
    fn of(peaks: &[f64]) -> Scale {
        let middle = quantile::quantile(peaks, 0.5);
        Scale { middle, spread: quantile::quantile(peaks, 0.9) - middle + LEAST_SPREAD }
    }

    fn apply(self, peak: f64) -> f64 {
        (peak - self.middle) / self.spread
    }
}

impl Model {
    /// Learns the profile from good sessions; the scales from the same sessions, each judged by a profile of the others.
    pub fn learn(good: &[&Session], alternatives: Vec<Alternative>) -> Model {
        let mut peaks = vec![Vec::new(); alternatives.len() + 2];
        for part in 0..PARTS {
            let (judged, others): (Vec<_>, Vec<_>) =
                good.iter().copied().enumerate().partition(|(index, _)| index % PARTS == part);
            let profile = Profile::learn(others.into_iter().map(|(_, session)| session));
            let model = Arc::new(Model { profile, alternatives: alternatives.clone(), scales: Vec::new() });
            for (_, session) in judged {
                let watch = Watch::whole(&model, session);
                peaks.iter_mut().zip(watch.tracks()).for_each(|(peaks, track)| peaks.push(track.peak()));
            }
        }
        let mut model = Model { profile: Profile::learn(good.iter().copied()), alternatives, scales: Vec::new() };
        model.scales = peaks.iter().filter(|peaks| !peaks.is_empty()).map(|peaks| Scale::of(peaks)).collect();
        if let Some(general) = model.scales.get_mut(model.alternatives.len()) {
            general.middle += HANDICAP;
        }
        model
    }

    fn scaled(&self, track: usize, peak: f64) -> f64 {
        self.scales.get(track).map_or(peak, |scale| scale.apply(peak))
    }
}

/// An observation and how far it moved the evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The observation, which every alternative shares.
    pub observation: Arc<Observation>,
    /// Its log likelihood ratio, weighted and clipped.
    pub by: f64,
}

/// The evidence toward one alternative: a CUSUM, `C = max(C, 0) + ln e`, whose latest reset estimates when the change began (Page 1954).
#[derive(Clone, Debug, Default, PartialEq)]
struct Track {
    now: f64,
    since: usize,
    moved: Vec<Moved>,
    highest: Option<Peak>,
}

#[derive(Clone, Debug, PartialEq)]
struct Peak {
    score: f64,
    since: usize,
    at: usize,
    moved: Vec<Moved>,
}

/// Observations that are kept since the latest reset.
const MOST_MOVED: usize = 512;
/// Observations that a verdict shows.
pub const SHOWN: usize = 3;

impl Track {
    /// Adds an event's observations. An event is one step: the evidence is looked at after all of its observations.
    fn step(&mut self, event: usize, moved: impl Iterator<Item = Moved>) {
        if self.now <= 0.0 {
            self.now = 0.0;
            self.since = event;
            self.moved.clear();
        }
        for one in moved {
            self.now += one.by;
            if one.by != 0.0 && self.moved.len() < MOST_MOVED {
                self.moved.push(one);
            }
        }
        if self.now > self.peak() {
            self.highest = Some(Peak { score: self.now, since: self.since, at: event, moved: most(&self.moved) });
        }
    }

    fn peak(&self) -> f64 {
        self.highest.as_ref().map_or(0.0, |peak| peak.score)
    }
}

/// The observations that moved the evidence most, the strongest first. What spoke against it is no reason for it.
fn most(all: &[Moved]) -> Vec<Moved> {
    let mut most: Vec<&Moved> = Vec::with_capacity(SHOWN + 1);
    for one in all.iter().filter(|one| one.by > 0.0) {
        let at = most.partition_point(|other| other.by >= one.by);
        if at < SHOWN {
            most.insert(at, one);
            most.truncate(SHOWN);
        }
    }
    most.into_iter().cloned().collect()
}

/// How a session stands: the strongest evidence so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The evidence on the scale of good sessions: 0 is their median, 1 about one in ten. It never falls as a session goes on.
    pub score: f64,
    /// The alternative that it points toward.
    pub toward: String,
    /// Index of the event since which the session moved toward it.
    pub since: usize,
    /// Index of the event at which the evidence was strongest.
    pub at: usize,
    /// The observations that moved it most, at most three.
    pub moved: Vec<Moved>,
}

/// Watches one session. Behaviour and capability are two channels with a score of their own.
#[derive(Clone, Debug)]
pub struct Watch {
    model: Arc<Model>,
    observer: Observer,
    task: Option<String>,
    events: usize,
    unspecific: Unspecific,
    tracks: Vec<Track>,
    general: Track,
    capability: Track,
}

impl Watch {
    /// Watches a session that begins with these instructions.
    pub fn new(model: &Arc<Model>, instructions: &[String], task: Option<&str>) -> Watch {
        Watch {
            model: Arc::clone(model),
            observer: Observer::new(instructions),
            task: task.map(str::to_owned),
            events: 0,
            unspecific: Unspecific::default(),
            tracks: vec![Track::default(); model.alternatives.len()],
            general: Track::default(),
            capability: Track::default(),
        }
    }

    /// Takes note of the next event.
    pub fn see(&mut self, event: &Event) {
        let at = self.events;
        self.events += 1;
        let (mut behaviour, mut health) = (Vec::new(), Vec::new());
        for observation in self.observer.see(event) {
            let good = self.model.profile.probability(&observation, self.task.as_deref());
            let channel = if observation.channel == Channel::Health { &mut health } else { &mut behaviour };
            channel.push((Arc::new(observation), good));
        }
        let moved = |observation: &Arc<Observation>, log_ratio: f64| {
            let by = log_ratio.clamp(-CLIP, CLIP) * observation.weight;
            Moved { observation: Arc::clone(observation), by }
        };
        let Watch { model, unspecific, tracks, general, capability, .. } = self;
        let profile = &model.profile;
        if !behaviour.is_empty() {
            let steps = behaviour.iter().map(|(one, good)| moved(one, unspecific.log_ratio(one, *good, profile)));
            general.step(at, steps);
            for (track, alternative) in tracks.iter_mut().zip(&model.alternatives) {
                let ratio = |one: &Observation, good| alternative.log_ratio(one, good, profile.base(one.channel));
                track.step(at, behaviour.iter().map(|(one, good)| moved(one, ratio(one, *good))));
            }
        }
        if !health.is_empty() {
            let steps = health.iter().map(|(one, good)| moved(one, unspecific.log_ratio(one, *good, profile)));
            capability.step(at, steps);
        }
    }

    /// Watches a session from its beginning to its end.
    pub fn whole(model: &Arc<Model>, session: &Session) -> Watch {
        let mut watch = Watch::new(model, &session.instructions, session.task.as_deref());
        session.events.iter().for_each(|event| watch.see(event));
        watch
    }

    fn tracks(&self) -> impl Iterator<Item = &Track> {
        self.tracks.iter().chain([&self.general, &self.capability])
    }

    /// The strongest evidence so far that the session's behaviour is not the profile's.
    pub fn behaviour(&self) -> Option<Evidence> {
        let (index, score) = self.strongest()?;
        let named = self.tracks.iter().zip(self.model.alternatives.iter().map(Alternative::name));
        let (track, name) = named.chain([(&self.general, UNSPECIFIC)]).nth(index)?;
        evidence(track, score, name)
    }

    /// The strongest evidence so far that the agent is failing at what it does.
    pub fn capability(&self) -> Option<Evidence> {
        evidence(&self.capability, self.capability_score(), CAPABILITY)
    }

    /// The alternative toward which the evidence is strongest, the unspecific one being the last, and how strong. It is asked after every event, so
    /// nothing is copied for it.
    fn strongest(&self) -> Option<(usize, f64)> {
        let tracks = self.tracks.iter().chain([&self.general]).enumerate();
        let scores = tracks.filter_map(|(index, track)| Some((index, self.scaled(index, track)?)));
        scores.max_by(|a, b| a.1.total_cmp(&b.1))
    }

    fn scaled(&self, index: usize, track: &Track) -> Option<f64> {
        track.highest.as_ref().map(|peak| self.model.scaled(index, peak.score))
    }

    /// The score of the behaviour so far: that of [`Watch::behaviour`], or the least there is.
    pub fn score(&self) -> f64 {
        self.strongest().map_or(NO_EVIDENCE, |(_, score)| score)
    }

    /// The score of the capability so far.
    pub fn capability_score(&self) -> f64 {
        self.scaled(self.tracks.len() + 1, &self.capability).unwrap_or(NO_EVIDENCE)
    }
}

fn evidence(track: &Track, score: f64, name: &str) -> Option<Evidence> {
    let Peak { since, at, moved, .. } = track.highest.clone()?;
    Some(Evidence { score, toward: name.to_owned(), since, at, moved })
}

/// The score of a session without any evidence.
pub const NO_EVIDENCE: f64 = -1e9;
