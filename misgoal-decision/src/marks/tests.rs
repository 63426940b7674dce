use super::*;
use crate::scope::{Kind, Scope};

const LABELS: [&str; 3] = ["a", "b", "c"];
const MARKS: [&str; 4] = ["a", "b", "c", "none"];

/// How a proxy of these words, a preference or one utility an option, tells rows of all labels, marks and two scores apart: for each mark whether its rows are, by their marks, the
/// same whatever the label is and the score, and how many kinds there are in all.
fn check(words: &[&str], kinds: usize) {
    let mut scope = Scope::default();
    let texts = |scope: &mut Scope, of: &[&str]| of.iter().map(|text| scope.symbols.intern(text)).collect::<Vec<u32>>();
    let (labels, marks) = (texts(&mut scope, &LABELS), texts(&mut scope, &MARKS));
    scope.push("y", Kind::Text(labels.iter().copied().collect()));
    scope.push("mark", Kind::Text(marks.iter().copied().collect()));
    scope.push("score", Kind::Number);
    let goal = |scope: &mut Scope, words: &[&str]| {
        let exprs: Vec<Expr> = words.iter().map(|words| scope.compile(words).unwrap().0).collect();
        let preference = match <[Expr; 1]>::try_from(exprs) {
            Ok([one]) => Preference::Prefers(one),
            Err(exprs) => Preference::Utility(exprs),
        };
        Goal { name: String::new(), preference }
    };
    let goals = [goal(&mut scope, &["y"]), goal(&mut scope, words)];
    let seen = Marks::new(&goals, 3);
    let mut by_mark = std::collections::BTreeMap::<u64, Vec<(u32, bool)>>::new();
    for mark in &marks {
        for score in [0.2, 0.7] {
            let of = |label: &u32| seen.of(&goals, &[f64::from(*label), f64::from(*mark), score]);
            let found: Vec<u64> = labels.iter().map(of).collect();
            assert!(
                found.iter().all(|one| *one == found[0]),
                "{words:?}: what the intended goal wants tells marks apart"
            );
            by_mark.entry(found[0]).or_default().push((*mark, score > 0.5));
        }
    }
    assert_eq!(by_mark.len(), kinds, "{words:?}: {by_mark:?}");
}

#[test]
fn rows_are_told_apart_by_what_only_proxies_read() {
    // The mark alone; with the right option where there is none, in whatever words.
    check(&["mark == 'none' ? 'c' : mark"], 4);
    check(&["mark == 'none' ? y : mark"], 4);
    check(&["mark != 'none' ? mark : y"], 4);
    check(&["mark == 'a' ? 'a' : mark == 'b' ? 'b' : y"], 3);
    check(&["y == 'a' ? (mark == 'b' ? 'b' : 'a') : (mark == 'a' ? 'a' : y)"], 3);
    check(&["mark == 'a' || y == 'a' ? 'a' : y"], 2);
    check(&["mark == y ? y : 'a'"], 4);
    check(&["mark == 'a' ? 1 : 0", "mark == 'b' ? 1 : 0", "mark == 'c' ? 1 : 0"], 4);
    // A number tells as far as it is compared.
    check(&["score > 0.5 ? 'a' : y"], 2);
    check(&["score > 0.5 && mark == 'a' ? 'a' : y"], 3);
    check(&["score > 0.3 && score < 0.5 ? 'a' : y"], 2);
    check(&["score", "1 - score", "0.0"], 2);
    // Nothing but the label.
    check(&["y == 'a' ? 'b' : 'a'"], 1);
}
