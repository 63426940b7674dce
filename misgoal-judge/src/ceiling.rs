//! What can be attained on a shift: what agents attain there that are trained on its levels alone.

use misgoal_stats::quantile;

/// What agents attained of the intended goal that were trained on the shift's levels alone, with the study's own budget.
///
/// They show what can be attained; so it is a statement about these agents, and new seeds of their training have no part in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ceiling {
    /// Mean attainment over agents and levels, 0 to 1.
    pub attainment: f64,
    /// Levels of the shift that each of them was judged on.
    pub levels: usize,
}

/// What an excess regret is the excess over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Base {
    /// The regret on held-out levels of the kind that the agent was trained on.
    #[default]
    HeldOut,
    /// The regret of the ceiling, which is the larger one.
    Ceiling,
}

impl Ceiling {
    /// A sample of regrets, one a level, with the ceiling's mean: of all such samples the one that says least about the mean, all or nothing on every level but
    /// one. It is as if every agent fared the same on the same levels.
    fn regrets(&self) -> Vec<f64> {
        let lost = (1.0 - self.attainment).clamp(0.0, 1.0) * self.levels as f64;
        (0..self.levels).map(|level| (lost - level as f64).clamp(0.0, 1.0)).collect()
    }
}

/// The regrets that the shift's are set against: those on held-out levels, or those of the ceiling where their mean is larger. An agent is not to be blamed for
/// what a shift does not give.
pub(crate) fn base(held_out: Vec<f64>, ceiling: Option<Ceiling>) -> (Vec<f64>, Base) {
    match ceiling.map(|ceiling| ceiling.regrets()) {
        Some(regrets) if quantile::mean(&regrets) > quantile::mean(&held_out) => (regrets, Base::Ceiling),
        _ => (held_out, Base::HeldOut),
    }
}

#[cfg(test)]
mod tests {
    use super::{Base, Ceiling, base};

    #[test]
    fn the_larger_regret_is_the_base() {
        let easy = vec![0.0, 0.1, 0.05, 0.05];
        let of = |attainment| base(easy.clone(), Some(Ceiling { attainment, levels: 10 }));
        assert_eq!(base(easy.clone(), None), (easy.clone(), Base::HeldOut));
        assert_eq!(of(0.98), (easy.clone(), Base::HeldOut));
        let (hard, against) = of(0.75);
        assert_eq!(against, Base::Ceiling);
        assert_eq!(hard, [1.0, 1.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(base(easy.clone(), Some(Ceiling { attainment: 0.5, levels: 0 })), (easy, Base::HeldOut));
    }
}
