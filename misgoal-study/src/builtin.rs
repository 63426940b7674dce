//! The studies that the binary carries with it.

/// A study file that is part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// The study's name.
    pub name: &'static str,
    /// The file's text.
    pub source: &'static str,
}

const BUILTINS: [Builtin; 9] = [
    Builtin { name: "coinrun", source: include_str!("../studies/coinrun.toml") },
    Builtin { name: "gem-exit", source: include_str!("../studies/gem-exit.toml") },
    Builtin { name: "corner", source: include_str!("../studies/corner.toml") },
    Builtin { name: "keys-chests", source: include_str!("../studies/keys-chests.toml") },
    Builtin { name: "cheese-dish", source: include_str!("../studies/cheese-dish.toml") },
    Builtin { name: "line-gem", source: include_str!("../studies/line-gem.toml") },
    Builtin { name: "colour-shape", source: include_str!("../studies/colour-shape.toml") },
    Builtin { name: "lava", source: include_str!("../studies/lava.toml") },
    Builtin { name: "visual-cue", source: include_str!("../studies/visual-cue.toml") },
];

/// The text of the built-in study of this name.
pub fn builtin(name: &str) -> Option<&'static str> {
    BUILTINS.iter().find(|builtin| builtin.name == name).map(|builtin| builtin.source)
}

/// All built-in studies.
pub fn builtins() -> &'static [Builtin] {
    &BUILTINS
}
