//! Where training levels come from.

use misgoal_policy::unit;
use misgoal_world::rng::{mix, rng};
use misgoal_world::{Distribution, Level, World, WorldError};

/// A supply of levels: a pure function of a seed, so that a snapshot need not hold levels and threads need not share anything.
pub trait LevelSource: Send + Sync {
    /// The level of this seed.
    ///
    /// # Errors
    /// No level can be drawn.
    fn level(&self, seed: u64) -> Result<Level, WorldError>;
}

/// Says which levels training must not see.
pub type HeldOut = Box<dyn Fn(&Level) -> bool + Send + Sync>;

/// Fresh levels of the training distribution, a share of them of a shift instead, none of them held out.
pub struct FreshLevels {
    world: World,
    training: Distribution,
    randomize: Option<(Distribution, f64)>,
    held_out: Option<HeldOut>,
}

/// The random stream of a level's seed that decides which distribution it is of.
const WHICH: u64 = 0x517;
/// Levels that are drawn in search of one that is not held out.
const ATTEMPTS: u64 = 1000;

impl FreshLevels {
    /// Levels of `training`.
    pub fn new(world: World, training: Distribution) -> FreshLevels {
        FreshLevels { world, training, randomize: None, held_out: None }
    }

    /// Each level is of `shift` with probability `share`.
    #[must_use]
    pub fn randomize(mut self, shift: Distribution, share: f64) -> FreshLevels {
        self.randomize = Some((shift, share));
        self
    }

    /// Levels of which `held_out` is true are replaced.
    #[must_use]
    pub fn hold_out(mut self, held_out: HeldOut) -> FreshLevels {
        self.held_out = Some(held_out);
        self
    }
}

impl LevelSource for FreshLevels {
    fn level(&self, seed: u64) -> Result<Level, WorldError> {
        let distribution = match &self.randomize {
            Some((shift, share)) if f64::from(unit(&mut rng(seed, WHICH))) < *share => shift,
            _ => &self.training,
        };
        let mut level = self.world.generate(distribution, seed)?;
        if let Some(held_out) = &self.held_out {
            let mut attempt = 1;
            while held_out(&level) && attempt <= ATTEMPTS {
                level = self.world.generate(distribution, mix(seed ^ mix(attempt)))?;
                attempt += 1;
            }
            if attempt > ATTEMPTS {
                let message = format!("{ATTEMPTS} training levels in a row are held out: hold out a smaller share");
                return Err(WorldError { part: misgoal_world::Part::Level, message });
            }
        }
        Ok(level)
    }
}

/// A fixed set of levels, for worlds whose levels are slow to draw, and for training on few.
pub struct LevelPool(Vec<Level>);

impl LevelPool {
    /// The first `count` levels of a source, or one if it is 0.
    ///
    /// # Errors
    /// The source cannot draw one.
    pub fn new(source: &dyn LevelSource, seed: u64, count: u64) -> Result<LevelPool, WorldError> {
        (0..count.max(1)).map(|i| source.level(mix(seed ^ mix(i)))).collect::<Result<_, _>>().map(LevelPool)
    }
}

impl LevelSource for LevelPool {
    fn level(&self, seed: u64) -> Result<Level, WorldError> {
        let at = seed % self.0.len().max(1) as u64;
        let none = || WorldError { part: misgoal_world::Part::Level, message: "the pool holds no level".to_owned() };
        self.0.get(at as usize).cloned().ok_or_else(none)
    }
}
