//! What ties files to a world: texts and hashes that may never change.

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

#[test]
#[ignore = "wrote the fixture"]
#[expect(clippy::disallowed_methods, reason = "writes a fixture")]
fn write() {
    let mut text = String::new();
    for (movement, view) in
        [(Movement::Walk, View::Whole), (Movement::Platform { jump: 3 }, View::Egocentric { width: 63, height: 7 })]
    {
        let spec = everything(movement, view);
        text += &format!("{spec:?}\n");
    }
    text += &format!("{:?}\n", goals());
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/world/debug-identity.txt"), text).unwrap();
}
