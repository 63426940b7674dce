//! What ties files to a world: texts and hashes that may never change.

use misgoal_world::identity::{self, legacy};
use misgoal_world::{
    Corner, Enter, Goal, Guide, Movement, Mover, Moves, Order, Region, Regrow, ThingSpec, View, WorldSpec, ZoneSpec,
};

/// A declaration with one of everything in it; no world could be made of it.
fn everything(movement: Movement, view: View) -> WorldSpec {
    let catch = |moves, shield, once| Enter::Catch(Mover { moves, shield, erratic: 250, twice: 5, once });
    let guide = |order, looks| Enter::Guide(Guide { order, looks });
    let things = [
        ("plain", 'p', Enter::Collect),
        ("with space, \"quotes\"", '"', Enter::End),
        ("tab\tand \\", '\\', Enter::Hurt),
        ("é", '\'', Enter::Cross),
        ("chest", '\u{1}', Enter::Open { key: 0 }),
        ("berry", 'b', Enter::Regrow(Regrow::Elsewhere)),
        ("tree", 't', Enter::Regrow(Regrow::Rate { thousandths: 300 })),
        ("chaser", 'm', catch(Moves::Chase, Some(0), true)),
        ("wanderer", 'w', catch(Moves::Wander, None, false)),
        ("red", 'r', Enter::Visit { drawn: true }),
        ("blue", 'u', Enter::Visit { drawn: false }),
        ("friend", 'f', guide(Order::InTurn, None)),
        ("foe", 'o', guide(Order::Reverse, Some(11))),
    ];
    let zones = [
        Region::LeftColumn,
        Region::RightColumn,
        Region::Corner(Corner::TopLeft),
        Region::Corner(Corner::TopRight),
        Region::Corner(Corner::BottomLeft),
        Region::Corner(Corner::BottomRight),
        Region::Rect { x0: 1, y0: 2, x1: 3, y1: 4 },
    ];
    let thing = |(name, symbol, enter): (&str, char, Enter)| ThingSpec { name: name.to_owned(), symbol, enter };
    WorldSpec {
        width: 62,
        height: 30,
        movement,
        things: things.map(thing).to_vec(),
        zones: (1..).zip(zones).map(|(number, region)| ZoneSpec { name: format!("zone {number}"), region }).collect(),
        view,
        step_limit: 65535,
        discount: 0.1 + 0.2,
    }
}

/// Goals with numbers that can be written in more than one way.
fn goals() -> Vec<Goal> {
    vec![
        Goal { name: "a \"goal\"".to_owned(), weights: vec![0.0, -0.0, 1.0, -0.5, 1e-5, 2.5e-7, 1e16, 1e21] },
        Goal { name: "none".to_owned(), weights: vec![] },
    ]
}

/// What `Debug` printed when files were tied to it: two declarations with one of everything, then goals.
const DEBUG: &str = include_str!("debug-identity.txt");

fn both() -> [WorldSpec; 2] {
    let around = View::Egocentric { width: 63, height: 7 };
    [everything(Movement::Walk, View::Whole), everything(Movement::Platform { jump: 3 }, around)]
}

#[test]
fn the_text_of_old_files_is_written_out_as_it_was() {
    let [walk, platform] = both();
    let texts = [legacy::spec(&walk), legacy::spec(&platform), legacy::goals(&goals())];
    assert_eq!(texts.join("\n") + "\n", DEBUG);
    // Weight files had a part of it, without the names of the fields.
    let (start, end) = (DEBUG.find("things: ").unwrap() + 8, DEBUG.find(", zones: ").unwrap());
    let things = &DEBUG[start..end];
    assert!(legacy::world(&walk).starts_with(&format!("62 30 Walk {things} [ZoneSpec {{ name: \"zone 1\"")));
}

#[test]
fn the_text_of_new_files_names_everything() {
    let [walk, platform] =
        both().map(|spec| format!("{}\n{}", identity::world(&spec).as_str(), identity::zones(&spec).as_str()));
    insta::assert_snapshot!(format!("{walk}\n{platform}"));
}

#[test]
fn what_no_agent_can_see_or_do_is_no_part_of_a_world() {
    let world = |change: fn(&mut WorldSpec)| {
        let [mut spec, _] = both();
        change(&mut spec);
        String::from(identity::world(&spec))
    };
    let same = world(|_| ());
    let unseen: [fn(&mut WorldSpec); 4] = [
        |spec| spec.things[0].symbol = 'x',
        |spec| spec.zones.clear(),
        |spec| spec.step_limit = 1,
        |spec| spec.discount = 0.5,
    ];
    assert!(unseen.into_iter().all(|change| world(change) == same));
    let seen: [fn(&mut WorldSpec); 7] = [
        |spec| spec.width -= 1,
        |spec| spec.height -= 1,
        |spec| spec.movement = Movement::Platform { jump: 1 },
        |spec| spec.view = View::Egocentric { width: 3, height: 3 },
        |spec| spec.things[0].name = "other".to_owned(),
        |spec| spec.things[0].enter = Enter::End,
        |spec| spec.things.swap(0, 1),
    ];
    assert!(seen.into_iter().all(|change| world(change) != same));
}
