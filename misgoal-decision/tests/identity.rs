//! What ties files to a world of decisions: the text that may never change, and what is no part of it.
#![cfg(test)]

mod lab;

use lab::shop;
use misgoal_decision::{DecisionWorld, Encoder, Expr, Feature, Kind, Parts, Scope, Source, identity};

fn text(world: &DecisionWorld, days: &Vec<Source>) -> String {
    identity::world(world, &Encoder::new(world, days).unwrap()).into()
}

#[test]
fn the_text_names_what_is_seen_and_what_choices_do() {
    let shop = shop(3);
    let text = text(&shop.world, &shop.days);
    assert!(shop.goals.iter().all(|goal| !text.contains(&goal.name)), "goals are no part of it");
    insta::assert_snapshot!(text.replace(",{", ",\n{").replace("],\"", "],\n\""));
}

/// Frozen: it knows features by their places and texts by their numbers, and does not know what choices do.
#[test]
fn the_text_of_old_files_is_written_out_as_it_was() {
    let shop = shop(1);
    let encoder = Encoder::new(&shop.world, &shop.days).unwrap();
    insta::assert_snapshot!(identity::legacy::world(&shop.world, &encoder));
}

/// A world of one expression, `x` seen and `hidden` not; `stray` is a text that nothing uses and that takes a number.
fn world(stray: Option<&str>, update: &str, hidden: &str, x: &str) -> String {
    let mut scope = Scope::default();
    let options: Vec<String> = ["a", "b"].map(str::to_owned).to_vec();
    let symbols = options.iter().map(|option| scope.symbols.intern(option)).collect();
    stray.map(|text| scope.symbols.intern(text));
    let (red, blue) = (scope.symbols.intern("red"), scope.symbols.intern("blue"));
    scope.push(hidden, Kind::Number);
    scope.push(x, Kind::Text([red, blue].into()));
    scope.push("choice", Kind::Text(symbols));
    let becomes = scope.compile(update).unwrap().0;
    let feature = |name: &str, kind, observed| Feature { name: name.to_owned(), kind, observed };
    let features = vec![feature(hidden, Kind::Number, false), feature(x, Kind::Text([red, blue].into()), true)];
    let parts = Parts { scope, features, options, turns: 2, update: vec![(1, becomes)], done: None };
    let one = || Expr::constant(1.0);
    let days = vec![Source::Is(one()), Source::Choose(vec![(red, one()), (blue, one())])];
    text(&DecisionWorld::new(parts).unwrap(), &days)
}

#[test]
fn names_count_and_numbers_of_texts_do_not() {
    let same = world(None, "'blue'", "h", "x");
    assert_eq!(world(Some("nobody says this"), "'blue'", "h", "x"), same);
    assert_eq!(world(None, "'blue'", "another name", "x"), same, "no agent sees it");
    assert_eq!(world(None, " (\"blue\") ", "h", "x"), same, "how an expression is written is nothing");
    assert_ne!(world(None, "'red'", "h", "x"), same);
    assert_ne!(world(None, "'blue'", "h", "y"), same);
}

#[test]
fn every_expression_has_its_text() {
    for (update, expected) in [
        ("!(1 < 2) ? 'red' : x", r#"["if",["not",["<",1,2]],["text","red"],["feature","x"]]"#),
        (
            "x in ['red', 'blue'] ? x : 'red'",
            r#"["if",["in",["feature","x"],[["text","red"],["text","blue"]]],["feature","x"],["text","red"]]"#,
        ),
        (
            "-h + 0.5 >= math.least(h, 2, h % 3) ? x : x",
            r#"["if",[">=",["+",["negative",["feature","h"]],0.5],["least",["feature","h"],2,["%",["feature","h"],3]]],["feature","x"],["feature","x"]]"#,
        ),
        (
            "choice == 'a' && true || h != 2 / h * 3 - 1 ? x : x",
            r#"["if",["||",["&&",["==",["feature","choice"],["text","a"]],1],["!=",["feature","h"],["-",["*",["/",2,["feature","h"]],3],1]]],["feature","x"],["feature","x"]]"#,
        ),
    ] {
        let text = world(None, update, "h", "x");
        assert!(text.contains(&format!("\"becomes\":{expected}}}")), "{update}: {text}");
    }
}
