//! The first levels of every layout, pinned, and what holds of all levels.
#![cfg(test)]

mod common;

use common::{coinrun, corner, gem_exit, keys_chests};
use misgoal_world::{Distribution, World};

fn check((world, train, shift): &(World, Distribution, Distribution), expect: &mut dyn FnMut(String)) {
    let mut text = String::new();
    for (name, levels) in [("train", train), ("shift", shift)] {
        for seed in 0..2 {
            let level = world.generate(levels, seed).unwrap();
            let hash = level.hash();
            text += &format!("{name} {seed} {hash:016x}\n{}", world.render(&level, &world.start(&level)));
        }
    }
    expect(text);
}

#[test]
fn first_levels_of_coinrun() {
    check(&coinrun(), &mut |text| insta::assert_snapshot!(text));
}

#[test]
fn first_levels_of_corner() {
    check(&corner(), &mut |text| insta::assert_snapshot!(text));
}

#[test]
fn first_levels_of_gem_exit() {
    check(&gem_exit(), &mut |text| insta::assert_snapshot!(text));
}

#[test]
fn first_levels_of_keys_chests() {
    check(&keys_chests(), &mut |text| insta::assert_snapshot!(text));
}
