//! What ties stored weights to the world that they were trained in: a versioned hash, and the hashes of before.

use misgoal_decision::Encoder;
use misgoal_study::{DecisionStudy, Study};
use misgoal_world::rng::mix;

/// The hash of a world, for weight files: now, and as versions before wrote it.
pub(crate) struct WorldHash {
    now: String,
    before: String,
}

impl WorldHash {
    /// Of a grid.
    pub(crate) fn of_grid(study: &Study) -> WorldHash {
        let spec = study.world.spec();
        WorldHash::new(
            misgoal_world::identity::WORLD_VERSION,
            misgoal_world::identity::world(spec).as_str(),
            &misgoal_world::identity::legacy::world(spec),
        )
    }

    /// Of decisions, as agents see them through `encoder`.
    pub(crate) fn of_decisions(study: &DecisionStudy, encoder: &Encoder) -> WorldHash {
        WorldHash::new(
            misgoal_decision::identity::WORLD_VERSION,
            misgoal_decision::identity::world(&study.world, encoder).as_str(),
            &misgoal_decision::identity::legacy::world(&study.world, encoder),
        )
    }

    fn new(version: &str, text: &str, before: &str) -> WorldHash {
        let hash = blake3::hash(text.as_bytes()).to_hex();
        let before = before.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)));
        WorldHash { now: format!("{version}:{hash}"), before: format!("{before:016x}") }
    }

    /// What is written into weight files: `world-v1:`, then BLAKE3 of the canonical text in hexadecimal.
    pub(crate) fn written(self) -> String {
        self.now
    }

    /// That a file's hash is of this world; `differs` is the clause that says in what it may be another one.
    pub(crate) fn check(&self, stored: &str, differs: &str) -> Result<(), String> {
        if stored == self.now || stored == self.before {
            return Ok(());
        }
        match stored.split_once(':') {
            Some((version, _)) if !KNOWN.contains(&version) => Err(format!(
                "the policy says what world it is of as `{version}`, which this misgoal does not know: use the version that wrote it, or a later one"
            )),
            _ => Err(differs.to_owned()),
        }
    }
}

/// Every way of telling a world that this version knows.
const KNOWN: [&str; 2] = [misgoal_world::identity::WORLD_VERSION, misgoal_decision::identity::WORLD_VERSION];
