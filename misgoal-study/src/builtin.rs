//! The studies that the binary carries with it.

/// A study file that is part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// The study's name.
    pub name: &'static str,
    /// The file's text.
    pub source: &'static str,
}

const BUILTINS: [Builtin; 20] = [
    Builtin { name: "coinrun", source: include_str!("../studies/coinrun.toml") },
    Builtin { name: "gem-exit", source: include_str!("../studies/gem-exit.toml") },
    Builtin { name: "corner", source: include_str!("../studies/corner.toml") },
    Builtin { name: "keys-chests", source: include_str!("../studies/keys-chests.toml") },
    Builtin { name: "cheese-dish", source: include_str!("../studies/cheese-dish.toml") },
    Builtin { name: "line-gem", source: include_str!("../studies/line-gem.toml") },
    Builtin { name: "colour-shape", source: include_str!("../studies/colour-shape.toml") },
    Builtin { name: "lava", source: include_str!("../studies/lava.toml") },
    Builtin { name: "visual-cue", source: include_str!("../studies/visual-cue.toml") },
    Builtin { name: "monsters", source: include_str!("../studies/monsters.toml") },
    Builtin { name: "trees", source: include_str!("../studies/trees.toml") },
    Builtin { name: "follow", source: include_str!("../studies/follow.toml") },
    Builtin { name: "agree", source: include_str!("../studies/agree.toml") },
    Builtin { name: "keyword", source: include_str!("../studies/keyword.toml") },
    Builtin { name: "satisfaction", source: include_str!("../studies/satisfaction.toml") },
    Builtin { name: "fraud", source: include_str!("../studies/fraud.toml") },
    Builtin { name: "driving", source: include_str!("../studies/driving.toml") },
    Builtin { name: "triage", source: include_str!("../studies/triage.toml") },
    Builtin { name: "market", source: include_str!("../studies/market.toml") },
    Builtin { name: "expressions", source: include_str!("../studies/expressions.toml") },
];

/// The text of the built-in study of this name.
pub fn builtin(name: &str) -> Option<&'static str> {
    BUILTINS.iter().find(|builtin| builtin.name == name).map(|builtin| builtin.source)
}

/// All built-in studies.
pub fn builtins() -> &'static [Builtin] {
    &BUILTINS
}
