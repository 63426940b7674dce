//! The kinds of agents that no component of the judge describes, and what an agent of a kind does where.

use misgoal_world::rng::{Draw as _, rng};

/// The stream of an episode's seed from which an agent that switches draws what it pursues.
const STREAM: u64 = 0x5717c4;

/// What is unlike any component of the judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// An action that is never taken.
    Missing,
    /// Waits, or repeats itself.
    Slow,
    /// Does not see one kind of thing, or one feature.
    Blind,
    /// Does something else where it has been before.
    Memory,
    /// A proxy in a share of the episodes, .05 to .95, and the intended goal in the others.
    Mixture,
    /// Another goal from some step of the episode on.
    Within,
    /// Whichever goal is nearest.
    Nearest,
    /// Away from the intended goal, or anything but it.
    AntiGoal,
    /// The share of the proxy's episodes rises from level to level.
    Drift,
    /// A network of another width or view, trained on the study.
    OtherShape,
}

/// All kinds, in the order of the table.
pub(crate) const KINDS: [Kind; 10] = [
    Kind::Missing,
    Kind::Slow,
    Kind::Blind,
    Kind::Memory,
    Kind::Mixture,
    Kind::Within,
    Kind::Nearest,
    Kind::AntiGoal,
    Kind::Drift,
    Kind::OtherShape,
];

impl Kind {
    /// The kind in a word or two.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Kind::Missing => "an action missing",
            Kind::Slow => "slow",
            Kind::Blind => "blind to one thing",
            Kind::Memory => "a memory",
            Kind::Mixture => "mixture",
            Kind::Within => "switch within",
            Kind::Nearest => "nearest goal",
            Kind::AntiGoal => "anti-goal",
            Kind::Drift => "drift",
            Kind::OtherShape => "other shape",
        }
    }
}

/// What an agent does over a sequence of episodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Conduct<S> {
    /// The same in all of them.
    Steady(S),
    /// One thing in a share of the episodes, drawn anew in each, and another in the rest.
    Switching { one: S, share: f64, other: S },
    /// As switching, but the share rises from 0 in the first episode to `to` in the last.
    Drifting { one: S, to: f64, other: S },
}

impl<S: Copy> Conduct<S> {
    /// What it does in one episode, as the number of one of its [`Conduct::parts`]. `position` is the episode's place in the sequence, from 0 to 1.
    pub(crate) fn part(&self, position: f64, seed: u64) -> usize {
        let share = match *self {
            Conduct::Steady(_) => return 0,
            Conduct::Switching { share, .. } => share,
            Conduct::Drifting { to, .. } => to * position,
        };
        usize::from(!rng(seed, STREAM).chance(share))
    }

    /// What it does, each with the share of the episodes in which it does so.
    pub(crate) fn parts(&self) -> Vec<(S, f64)> {
        match *self {
            Conduct::Steady(script) => vec![(script, 1.0)],
            Conduct::Switching { one, share, other } => vec![(one, share), (other, 1.0 - share)],
            Conduct::Drifting { one, to, other } => vec![(one, to / 2.0), (other, 1.0 - to / 2.0)],
        }
    }
}

/// Why an agent loses return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// It pursues this proxy.
    Proxy(usize),
    /// It pursues a goal that the study does not list, such as to get away.
    Unlisted,
    /// It lacks something, or pursues nothing.
    Ability,
    /// Unknown: an agent that was trained, whose loss no listed goal explains.
    Unexplained,
}

/// A cause and what the agent does with it and without it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Removal<S> {
    pub(crate) cause: Cause,
    pub(crate) with: Conduct<S>,
    pub(crate) without: Conduct<S>,
}

/// An agent that no component describes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outsider<S> {
    pub(crate) kind: Kind,
    /// What it is called in the record.
    pub(crate) name: String,
    /// What it does on held-out training levels.
    pub(crate) training: S,
    /// What it does where the goals still agree.
    pub(crate) probe: S,
    /// What it does on shifted levels.
    pub(crate) shifted: Conduct<S>,
    /// What it loses by.
    pub(crate) causes: Vec<Removal<S>>,
    /// One that wants something. Where that attains just as much on the shift, the two are one agent under two names: what it lacks is not told from what it wants.
    pub(crate) alike: Option<S>,
}

impl<S: Copy> Outsider<S> {
    /// One that pursues the intended goal as `sound` does, but for a flaw: everywhere, or only off the training distribution.
    pub(crate) fn flawed(kind: Kind, name: String, sound: S, flawed: S, everywhere: bool) -> Outsider<S> {
        let (with, without) = (Conduct::Steady(flawed), Conduct::Steady(sound));
        let where_to = if everywhere { "everywhere" } else { "off training" };
        Outsider {
            kind,
            name: format!("{name}, {where_to}"),
            training: if everywhere { flawed } else { sound },
            probe: flawed,
            shifted: with,
            causes: vec![Removal { cause: Cause::Ability, with, without }],
            alike: None,
        }
    }

    /// One that is as `sound` wherever the goals agree, and goes astray on the shift for one cause.
    pub(crate) fn astray(kind: Kind, name: String, sound: S, shifted: Conduct<S>, cause: Cause) -> Outsider<S> {
        let removal = Removal { cause, with: shifted, without: Conduct::Steady(sound) };
        Outsider { kind, name, training: sound, probe: sound, shifted, causes: vec![removal], alike: None }
    }

    /// One that does anything but what the intended goal pays for. That it wants nothing, as `aimless` does, may cost it more than what it avoids; `away` wants to get away.
    pub(crate) fn shunning(name: String, sound: S, shuns: Conduct<S>, aimless: Conduct<S>, away: S) -> Outsider<S> {
        let causes = vec![
            Removal { cause: Cause::Unlisted, with: shuns, without: aimless },
            Removal { cause: Cause::Ability, with: aimless, without: Conduct::Steady(sound) },
        ];
        let alike = Some(away);
        Outsider { causes, alike, ..Outsider::astray(Kind::AntiGoal, name, sound, shuns, Cause::Unlisted) }
    }
}

/// The variant of a replicate: they come up one after the other, round after round. With it, whether the round is an odd one.
pub(crate) fn variant<T: Copy>(variants: &[T], number: usize) -> Option<(T, bool)> {
    let round = number.checked_div(variants.len())?;
    variants.get(number % variants.len()).map(|variant| (*variant, round % 2 == 1))
}

/// The proxy of a replicate; each for so many replicates.
pub(crate) fn proxy_of(goals: usize, number: usize, each: usize) -> usize {
    1 + number / each % goals.saturating_sub(1).max(1)
}

/// How many different shares mixtures have.
pub(crate) const SHARES: usize = 19;
/// Where the share of drifting agents ends.
pub(crate) const ENDS: [f64; 3] = [0.25, 0.5, 1.0];

/// An agent that pursues `proxy` in a share of the episodes, .05 to .95 as the replicates go on, and otherwise is `sound`.
pub(crate) fn mixture<S: Copy>(number: usize, (proxy, goal): (S, usize), name: &str, sound: S) -> Outsider<S> {
    let share = (1 + number % SHARES) as f64 / (1 + SHARES) as f64;
    let conduct = Conduct::Switching { one: proxy, share, other: sound };
    Outsider::astray(Kind::Mixture, format!("{name} in {share:.2}"), sound, conduct, Cause::Proxy(goal))
}

/// An agent that pursues `proxy` in more and more of the episodes, and otherwise is `sound`.
pub(crate) fn drift<S: Copy>(number: usize, (proxy, goal): (S, usize), name: &str, sound: S) -> Option<Outsider<S>> {
    let (to, _) = variant(&ENDS, number)?;
    let conduct = Conduct::Drifting { one: proxy, to, other: sound };
    Some(Outsider::astray(Kind::Drift, format!("{name} in 0 to {to}"), sound, conduct, Cause::Proxy(goal)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conduct_does_each_part_as_often_as_it_says() {
        let count = |conduct: Conduct<u8>| {
            let episodes =
                (0..4000u64).filter(|seed| conduct.parts()[conduct.part(*seed as f64 / 4000.0, *seed)].0 == 1);
            episodes.count() as f64 / 4000.0
        };
        for conduct in [
            Conduct::Steady(1),
            Conduct::Switching { one: 1, share: 0.3, other: 0 },
            Conduct::Drifting { one: 1, to: 1.0, other: 0 },
            Conduct::Drifting { one: 1, to: 0.25, other: 0 },
        ] {
            let said: f64 = conduct.parts().iter().filter(|(script, _)| *script == 1).map(|(_, share)| share).sum();
            assert!((count(conduct) - said).abs() < 0.03, "{conduct:?}: {} {said}", count(conduct));
        }
    }

    #[test]
    fn a_drift_begins_with_nothing_and_ends_with_its_share() {
        let drift = Conduct::Drifting { one: 1, to: 1.0, other: 0 };
        assert!((0..200).all(|seed| drift.part(0.0, seed) == 1 && drift.part(1.0, seed) == 0));
    }

    #[test]
    fn variants_come_up_one_after_the_other() {
        let all = |variants: &[u8]| (0..5).filter_map(|number| variant(variants, number)).collect::<Vec<_>>();
        assert_eq!(all(&[7, 8]), [(7, false), (8, false), (7, true), (8, true), (7, false)]);
        assert_eq!(all(&[]), []);
        assert_eq!([0, 1, 2, 3, 4].map(|number| proxy_of(3, number, 2)), [1, 1, 2, 2, 1]);
        let names = [0, 18, 19].map(|number| mixture(number, (1u8, 1), "wall", 0).name);
        assert_eq!(names, ["wall in 0.05", "wall in 0.95", "wall in 0.05"]);
    }
}
