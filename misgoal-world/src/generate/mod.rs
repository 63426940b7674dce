//! Drawing levels from a distribution, each of them playable.
//!
//! A level is drawn in two stages with random streams of their own. The layout comes first and knows nothing of the things: whether it
//! is accepted depends on the layout only, so that a training distribution and a shift that differ in placements alone have the same
//! distribution of layouts, and the same seed has the same layout in both. The start and the things are placed second, again and again
//! on the same layout, and only a layout that resists every attempt is replaced.

mod layout;
mod maze;
mod place;
mod platforms;

use crate::rng::rng;
use crate::{Distribution, Level, Part, World, WorldError, check};

pub(crate) use layout::Terrain;

/// Layouts that are tried before a seed is given up.
const LAYOUTS: u64 = 256;
/// Times that things are placed on one layout.
const PLACINGS: u64 = 16;
/// The random streams of placing; those of layouts are the numbers below.
const PLACING: u64 = 1 << 32;

impl World {
    /// Checks a distribution against this world, and that levels can be drawn from it.
    ///
    /// # Errors
    /// Names the part that is out of range or contradicts another, or says why no level came about.
    pub fn check_distribution(&self, distribution: &Distribution) -> Result<(), WorldError> {
        (0..8).try_for_each(|seed| self.generate(distribution, seed).map(|_| ()))
    }

    /// The level of this seed: start and things are on cells that the agent can reach without passing through what ends an episode.
    ///
    /// # Errors
    /// The distribution is wrong (see [`World::check_distribution`]), or no attempt of a bounded number had room for everything.
    pub fn generate(&self, distribution: &Distribution, seed: u64) -> Result<Level, WorldError> {
        check::distribution(self.spec(), distribution)?;
        let mut obstacle = None;
        for attempt in 0..LAYOUTS {
            let Some(terrain) = self.terrain(&distribution.layout, &mut rng(seed, attempt)) else { continue };
            for again in 0..PLACINGS {
                let stream = PLACING + attempt * PLACINGS + again;
                match self.place(distribution, &terrain, &mut rng(seed, stream)) {
                    Ok((items, start, turns)) => {
                        let steps = distribution.steps.unwrap_or(self.spec().step_limit);
                        return Ok(self.assemble(terrain.walls, terrain.hazards, items, start, (steps, turns)));
                    }
                    Err(part) => obstacle = Some(part),
                }
            }
        }
        Err(self.gave_up(distribution, obstacle))
    }

    fn gave_up(&self, distribution: &Distribution, obstacle: Option<Part>) -> WorldError {
        let Some(part) = obstacle else {
            let message = format!("none of {LAYOUTS} layouts is connected: make the walls sparser");
            return WorldError { part: Part::Layout, message };
        };
        let placement = match part {
            Part::Placement(index) => distribution.placements.get(index),
            _ => None,
        };
        let what = placement
            .and_then(|placement| self.spec().things.get(placement.thing))
            .map_or("the start", |thing| &thing.name);
        let message = format!(
            "no level of {LAYOUTS} layouts has a cell for `{what}` that its placement allows and the agent can reach: place fewer \
             things, or give `{what}` more room"
        );
        WorldError { part, message }
    }
}
