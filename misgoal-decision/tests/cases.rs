//! Cases, what agents see of them, and rows that come from elsewhere.
#![cfg(test)]

mod lab;

use std::collections::BTreeMap;

use lab::shop;
use misgoal_decision::{Encoder, Expr, Given, Kind, RowError, Scope, Source, hash};

#[test]
fn draws_are_pinned() {
    let shop = shop(3);
    let days: Vec<String> =
        (0..3).map(|seed| shop.world.describe(&shop.world.draw(&shop.days, seed).unwrap().row)).collect();
    insta::assert_snapshot!(days.join("\n"), @r#"
rain = false, price = 4.2903, place = shade, stock = 0, queue = 0
rain = false, price = 6.9663, place = sun, stock = 0, queue = 3
rain = true, price = 1.8717, place = sun, stock = 0, queue = 4
"#);
    let first = shop.world.draw(&shop.days, 0).unwrap();
    insta::assert_snapshot!(format!("{:016x}", hash(&first.row)), @r#"f32dae2d346a76ef"#);
}

#[test]
fn features_follow_their_distributions() {
    let shop = shop(3);
    let rows: Vec<Vec<f64>> = (0..4000).map(|seed| shop.world.draw(&shop.days, seed).unwrap().row).collect();
    let mean = |column: usize, keep: &dyn Fn(&[f64]) -> bool| {
        let kept: Vec<f64> = rows.iter().filter(|row| keep(row)).map(|row| row[column]).collect();
        kept.iter().sum::<f64>() / kept.len() as f64
    };
    let all = |_: &[f64]| true;
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 0.1, "{found} for {expected}");
    near(mean(0, &all), 0.25);
    near(mean(1, &|row| row[0] == 1.0), 2.0);
    near(mean(1, &|row| row[0] == 0.0), 5.0);
    let sun = f64::from(shop.world.scope().symbols.find("sun").unwrap());
    near(rows.iter().filter(|row| row[2] == sun).count() as f64 / 4000.0, 0.75);
    near(mean(3, &all), 1.0);
    near(mean(4, &all), 1.5);
}

/// A shift of one feature leaves the others of the same seed as they were.
#[test]
fn a_shift_changes_what_it_declares() {
    let shop = shop(3);
    let mut shifted = shop.days.clone();
    shifted[2] = Source::Is(Expr::constant(f64::from(shop.world.scope().symbols.find("shade").unwrap())));
    for seed in 0..50 {
        let (one, other) = (shop.world.draw(&shop.days, seed).unwrap(), shop.world.draw(&shifted, seed).unwrap());
        assert_eq!(shop.world.words(2, other.row[2]), "shade");
        for column in [0, 1, 3, 4] {
            assert_eq!(one.row[column], other.row[column]);
        }
    }
}

#[test]
fn numbers_are_ladders_and_texts_are_words() {
    let shop = shop(3);
    let encoder = Encoder::new(&shop.world, &shop.days).unwrap();
    let see = |row: &[f64]| {
        let mut active = Vec::new();
        encoder.encode(row, &mut active);
        active
    };
    let row = shop.world.draw(&shop.days, 1).unwrap().row;
    let with = |column: usize, value: f64| {
        let mut row = row.clone();
        row[column] = value;
        see(&row)
    };
    // A hidden feature changes nothing.
    assert_eq!(with(0, 0.0), with(0, 1.0));
    // A larger number has all the inputs of a smaller one.
    let (low, high, far) = (with(1, 2.0), with(1, 6.0), with(1, 60.0));
    assert!(low.len() < high.len() && low.iter().all(|input| high.contains(input)));
    assert!(
        high.len() <= far.len() && far == with(1, 600.0),
        "beyond training everything looks like its largest number"
    );
    assert_ne!(with(2, row[2]), with(2, 7.0 - row[2]));
    assert!(far.iter().all(|input| usize::from(*input) < encoder.inputs()));
    assert_eq!(encoder, Encoder::new(&shop.world, &shop.days).unwrap());
}

fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, Given> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Given::Text((*value).to_owned()))).collect()
}

#[test]
fn a_tables_row_has_utilities() {
    let shop = shop(3);
    let of = |pairs: &[(&str, &str)]| {
        let row = given(pairs);
        shop.world.row(&shop.goals, |name| row.get(name)).and_then(|row| shop.world.utilities_of(&shop.goals, &row))
    };
    let found = of(&[("price", "4.5"), ("stock", "1"), ("queue", "2")]).unwrap();
    assert_eq!(found[0][..3], [-0.1, 4.5, 0.0]);
    assert_eq!(found[1][..3], [0.0, 1.0, -2.0]);
    // What no goal reads may be missing or strange.
    assert!(of(&[("price", "4.5"), ("stock", "1"), ("queue", "2"), ("place", "moon")]).is_ok());
    let missing = of(&[("price", "4.5"), ("queue", "2")]).unwrap_err();
    assert_eq!(missing, RowError::Missing { feature: "stock".to_owned() });
    insta::assert_snapshot!(missing, @r#"there is no column `stock`, which the study's goals read"#);
    insta::assert_snapshot!(of(&[("price", "cheap"), ("stock", "1"), ("queue", "2")]).unwrap_err(), @r#"`cheap` is no value of `price`: expected a number"#);
}

#[test]
fn expressions_have_values() {
    let mut scope = Scope::default();
    let red = scope.symbols.intern("red");
    let blue = scope.symbols.intern("blue");
    scope.push("x", Kind::Number);
    scope.push("yes", Kind::Truth);
    scope.push("colour", Kind::Text([red, blue].into()));
    let row = [2.5, 1.0, f64::from(blue)];
    for (text, expected) in [
        ("1 + 2 * 3 - 4 / 8", 6.5),
        ("-x % 2", -0.5),
        ("x > 2 && !(x >= 3) || false ? 1 : 0", 1.0),
        ("colour == 'blue' ? 1 : 0", 1.0),
        ("colour in ['red', 'blue'] && colour != 'red' ? 1 : 0", 1.0),
        ("x in [1, 2.5] ? 1 : 0", 1.0),
        ("math.greatest(1, x, -3) + math.least(4, x)", 5.0),
        ("math.abs(-x) + math.floor(x) + math.ceil(x) + math.round(x)", 10.5),
        ("yes == true ? 3 : 4", 3.0),
        ("2u + 0x10", 18.0),
    ] {
        let (expr, kind) = scope.compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((expr.value(&row), kind), (expected, Kind::Number), "{text}");
    }
}
