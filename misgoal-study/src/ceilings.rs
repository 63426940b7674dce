//! The ceilings of the built-in studies: what agents attain that are trained on a shift's levels alone. Measured once, and shipped.

use serde::Deserialize;

/// Remade by `cargo run --release -p misgoal-run --example ceilings`.
const FIGURES: &str = include_str!("../studies/ceilings.toml");

/// What agents of a study attained of its intended goal on a shift on whose levels alone they were trained.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuiltinCeiling {
    /// The study's name.
    pub study: String,
    /// The hash of the study as it was run.
    pub hash: String,
    /// The shift's name.
    pub shift: String,
    /// Environment steps, or presented cases, that each agent was trained for.
    pub steps: u64,
    /// Levels of the shift that each was judged on.
    pub levels: u32,
    /// Mean attainment over these levels, one entry an agent.
    pub attainment: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Figures {
    ceiling: Vec<BuiltinCeiling>,
}

/// The ceilings that were measured of the study of this hash, trained for as many steps: a study that was changed has none.
pub fn builtin_ceilings(hash: &str, steps: u64) -> Vec<BuiltinCeiling> {
    let all = toml::from_str(FIGURES).map_or_else(|_| Vec::new(), |figures: Figures| figures.ceiling);
    all.into_iter().filter(|ceiling| ceiling.hash == hash && ceiling.steps == steps).collect()
}

#[cfg(test)]
mod tests {
    use super::{FIGURES, Figures, builtin_ceilings};
    use crate::{AnyStudy, builtins};

    #[test]
    fn every_built_in_study_ships_a_ceiling_of_each_shift() {
        let all: Figures = toml::from_str(FIGURES).unwrap();
        let mut known = 0;
        for builtin in builtins() {
            let study = AnyStudy::parse(builtin.name, builtin.source).unwrap();
            let study = study.get();
            let shipped = builtin_ceilings(study.hash(), study.steps());
            let has: Vec<&str> = shipped.iter().map(|ceiling| ceiling.shift.as_str()).collect();
            let shifts: Vec<&str> =
                study.shifts().into_iter().filter(|shift| !shift.aligned).map(|shift| shift.name).collect();
            assert_eq!(
                has,
                shifts,
                "study `{}`, hash {}: measure its ceilings, see the first line of studies/ceilings.toml",
                builtin.name,
                study.hash()
            );
            for ceiling in &shipped {
                assert_eq!(ceiling.study, builtin.name);
                assert!(ceiling.attainment.len() >= 2 && ceiling.levels > 0, "{ceiling:?}");
                assert!(ceiling.attainment.iter().all(|attained| (0.0..=1.0).contains(attained)), "{ceiling:?}");
            }
            known += shipped.len();
        }
        assert_eq!(known, all.ceiling.len(), "there are ceilings of studies that there are not");
    }
}
