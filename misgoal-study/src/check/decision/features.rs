//! `[world.features]`, and what shifts declare otherwise.

use std::collections::BTreeSet;

use misgoal_decision::{Distribution, Expr, Feature, Kind, Scope, Source};

use super::super::unknown;
use super::Text;
use crate::decision_file::{DecisionFile, ExpressionFile, FeatureFile};
use crate::diagnostic::Diagnostic;
use crate::span::{At, Named, Span};

/// The features and how they are drawn.
pub(super) struct Drawn {
    pub features: Vec<Feature>,
    pub training: Distribution,
    /// One a shift.
    pub shifts: Vec<Distribution>,
}

/// Words that CEL keeps for itself, and `choice` and `math`, which mean something else here.
const TAKEN: [&str; 24] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
    "choice",
    "math",
    "has",
];

pub(super) fn features(
    file: &DecisionFile,
    text: Text<'_>,
    scope: &mut Scope,
    found: &mut Vec<Diagnostic>,
) -> Option<Drawn> {
    let before = found.len();
    let names = file.world.features.names();
    for (_, shift) in file.shifts.iter() {
        for (name, feature) in shift.features.iter() {
            if !names.contains(&**name) {
                found.push(unknown("feature", name, &names));
            }
            if let Some(observed) = &feature.observed {
                let message = "what an agent sees is the same everywhere";
                found.push(
                    Diagnostic::new("stray-key", observed.span(), message)
                        .help("`observed` stands where the feature is declared, in `[world.features]`"),
                );
            }
        }
    }
    let mut drawn = Drawn { features: Vec::new(), training: Vec::new(), shifts: vec![Vec::new(); file.shifts.len()] };
    for (name, feature) in file.world.features.iter() {
        feature_name(name, found);
        // Without it the features after it would be told what is not their fault.
        let (mut kind, declared) = source(text, scope, &name.span(), feature, found)?;
        for ((_, shift), to) in file.shifts.iter().zip(&mut drawn.shifts) {
            let other = shift.features.iter().find(|(other, _)| ***other == **name);
            let source = other.and_then(|(other, feature)| {
                let (other_kind, source) = source(text, scope, &other.span(), feature, found)?;
                kind = join(kind.clone(), other_kind, (name, other), found);
                Some(source)
            });
            to.push(source.unwrap_or_else(|| declared.clone()));
        }
        drawn.training.push(declared);
        let observed = feature.observed.as_ref().is_none_or(|observed| **observed);
        scope.push(name, kind.clone());
        drawn.features.push(Feature { name: name.to_string(), kind, observed });
    }
    if found.len() == before && !drawn.features.iter().any(|feature| feature.observed) {
        let message = "the agent sees no feature";
        found.push(
            Diagnostic::new("empty", file.world.features.span(), message).help("leave one without `observed = false`"),
        );
    }
    (found.len() == before).then_some(drawn)
}

/// A feature's name is a name of CEL too.
fn feature_name(name: &At<String>, found: &mut Vec<Diagnostic>) {
    let plain = name.len() <= 40
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !plain || TAKEN.contains(&name.as_str()) {
        let message = format!("`{name}` cannot be the name of a feature");
        let label = match plain {
            true => "expressions use this word for something else",
            false => "expected lower-case letters, digits and `_`, a letter first, at most 40 in all",
        };
        found.push(Diagnostic::new("bad-name", name.span(), message).label(label));
    }
}

/// A feature is of one type; a text may be any that it is somewhere.
fn join(kind: Kind, other: Kind, (name, at): (&At<String>, &At<String>), found: &mut Vec<Diagnostic>) -> Kind {
    match (kind, other) {
        (Kind::Text(texts), Kind::Text(more)) => Kind::Text(texts.union(&more).copied().collect()),
        (kind, other) => {
            if kind != other {
                let message = format!("`{name}` is of another type here than in training");
                found.push(Diagnostic::new("wrong-type", at.span(), message).note(name.span(), "as it is declared"));
            }
            kind
        }
    }
}

/// A feature's source and type.
fn source(
    text: Text<'_>,
    scope: &mut Scope,
    at: &Span,
    feature: &At<FeatureFile>,
    found: &mut Vec<Diagnostic>,
) -> Option<(Kind, Source)> {
    let before = found.len();
    let mut sources: Vec<(Kind, Source)> = Vec::new();
    let mut said = 0;
    let number = |scope: &mut Scope, value: &At<ExpressionFile>, found: &mut Vec<Diagnostic>| {
        text.compile(scope, value, &Kind::Number, found)
    };
    if let Some(chance) = &feature.chance {
        said += 1;
        sources.extend(number(scope, chance, found).map(|p| (Kind::Truth, Source::Chance(p))));
    }
    if let Some(entries) = &feature.choose {
        said += 1;
        sources.extend(choose(text, scope, entries, found));
    }
    if let Some(mean) = &feature.poisson {
        said += 1;
        sources.extend(number(scope, mean, found).map(|mean| (Kind::Number, Source::Poisson(mean))));
    }
    type Make = fn(Expr, Expr) -> Source;
    type Pair = Option<At<[At<ExpressionFile>; 2]>>;
    let pairs: [(&Pair, Make); 4] = [
        (&feature.normal, Source::Normal),
        (&feature.lognormal, Source::Lognormal),
        (&feature.uniform, Source::Uniform),
        (&feature.whole, Source::Whole),
    ];
    for (pair, make) in pairs {
        let Some([one, other]) = pair.as_deref() else { continue };
        said += 1;
        let (one, other) = (number(scope, one, found), number(scope, other, found));
        sources.extend(one.zip(other).map(|(one, other)| (Kind::Number, make(one, other))));
    }
    if let Some(value) = &feature.is {
        said += 1;
        sources.extend(match &**value {
            ExpressionFile::Number(_) => number(scope, value, found).map(|expr| (Kind::Number, Source::Is(expr))),
            ExpressionFile::Text(expression) => scope
                .compile(expression)
                .map_err(|error| found.push(text.error(&value.span(), expression, &error)))
                .map(|(expr, kind)| (kind, Source::Is(expr)))
                .ok(),
        });
    }
    if said != 1 {
        let message = match said {
            0 => "this feature says not how it is drawn",
            _ => "this feature says more than one way in which it is drawn",
        };
        let label = "expected one of `chance`, `choose`, `normal`, `lognormal`, `uniform`, `whole`, `poisson`, `is`";
        found.push(Diagnostic::new("bad-feature", at.clone(), message).label(label));
    }
    (found.len() == before).then(|| sources.pop()).flatten()
}

fn choose(
    text: Text<'_>,
    scope: &mut Scope,
    entries: &At<Named<ExpressionFile>>,
    found: &mut Vec<Diagnostic>,
) -> Option<(Kind, Source)> {
    if entries.len() == 0 {
        found.push(Diagnostic::new("empty", entries.span(), "there is no text to choose from"));
        return None;
    }
    let (mut texts, mut weighted) = (BTreeSet::new(), Vec::new());
    for (name, weight) in entries.iter() {
        let symbol = scope.symbols.intern(name);
        texts.insert(symbol);
        weighted.push((symbol, text.compile(scope, weight, &Kind::Number, found)?));
    }
    Some((Kind::Text(texts), Source::Choose(weighted)))
}
