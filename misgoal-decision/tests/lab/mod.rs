//! A world for tests, written out as its parts.

use misgoal_decision::{DecisionWorld, Distribution, Expr, Feature, Goal, Kind, Parts, Preference, Scope, Source};

/// A shop of three turns: `wait` costs a little and brings the stock up, `sell` pays for it, `leave` ends the day.
pub struct Shop {
    pub world: DecisionWorld,
    pub goals: Vec<Goal>,
    pub days: Distribution,
}

pub fn shop(turns: usize) -> Shop {
    let mut scope = Scope::default();
    let options: Vec<String> = ["wait", "sell", "leave"].map(str::to_owned).to_vec();
    let symbols = options.iter().map(|option| scope.symbols.intern(option)).collect();
    let number = Expr::constant;
    let mut days: Distribution = Vec::new();
    let mut features = Vec::new();
    let mut feature = |scope: &mut Scope, name: &str, kind: Kind, source: Source| {
        scope.push(name, kind.clone());
        features.push(Feature { name: name.to_owned(), kind, observed: name != "rain" });
        days.push(source);
    };
    feature(&mut scope, "rain", Kind::Truth, Source::Chance(number(0.25)));
    let price = scope.compile("rain ? 2 : 5").unwrap().0;
    feature(&mut scope, "price", Kind::Number, Source::Normal(price, number(1.0)));
    let (sun, shade) = (scope.symbols.intern("sun"), scope.symbols.intern("shade"));
    let sky = Source::Choose(vec![(sun, number(3.0)), (shade, number(1.0))]);
    feature(&mut scope, "place", Kind::Text([sun, shade].into()), sky);
    feature(&mut scope, "stock", Kind::Number, Source::Whole(number(0.0), number(2.0)));
    feature(&mut scope, "queue", Kind::Number, Source::Poisson(number(1.5)));
    let utility = |scope: &mut Scope, wait: &str, sell: &str, leave: &str| {
        Preference::Utility([wait, sell, leave].map(|text| scope.compile_as(text, &Kind::Number).unwrap()).to_vec())
    };
    let earn = utility(&mut scope, "-0.1", "stock > 0 ? price : -1", "0");
    let please = utility(&mut scope, "0", "queue > 0 ? 1 : 0", "-queue");
    let goals = vec![
        Goal { name: "earn".to_owned(), preference: earn },
        Goal { name: "please".to_owned(), preference: please },
    ];
    scope.push("choice", Kind::Text(symbols));
    let stock = scope.compile("choice == 'wait' ? stock + 1 : choice == 'sell' ? math.greatest(0, stock - 1) : stock");
    let queue = scope.compile("choice == 'sell' ? math.greatest(0, queue - 1) : queue + 1");
    let done = scope.compile_as("choice == 'leave'", &Kind::Truth).unwrap();
    let update = vec![(3, stock.unwrap().0), (4, queue.unwrap().0)];
    let parts = Parts { scope, features, options, turns, update, done: Some(done) };
    Shop { world: DecisionWorld::new(parts).unwrap(), goals, days }
}
