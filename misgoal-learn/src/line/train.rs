//! Q-learning on the line, in batches of whole episodes.
//!
//! The network does not change within a batch, so each state's values are worked out once however often it is visited, and its gradient is one
//! backward pass with all errors summed: a batch costs some twenty states instead of three hundred.

#![expect(clippy::indexing_slicing, reason = "tables have an entry for each pair of cells of the line")]

use misgoal_world::rng::{Draw as _, Rng, rng};

use super::net::Net;
use super::{DISCOUNT, EPISODES, EXPLORE, LineOutcome, LineTask, PATIENCE, RATE};

/// Streams of random numbers: the weights, and the episodes.
const WEIGHTS: u64 = 0x6c69_6e65;
const STEPS: u64 = 0x636f_696e;
/// Updates between two looks at a young network, and by how much the time between them grows: repair is dated to one part in twenty.
const FIRST_LOOK: u64 = 4;
const GROWTH: u64 = 20;

/// Trains one network. The seed alone decides everything random, so networks of one seed differ only as their tasks do.
pub fn train(task: &LineTask, seed: u64) -> LineOutcome {
    let task = LineTask { length: task.length.max(2), width: task.width.max(1), ..*task };
    let mut net = Net::new(&task, &mut rng(seed, WEIGHTS));
    let mut batch = Batch::new(task.length);
    let mut rng = rng(seed, STEPS);
    let (mut done, mut updates, mut look) = (0, 0, FIRST_LOOK);
    let mut repaired = None;
    while done < task.steps {
        done += batch.collect(&net, &task, &mut rng);
        batch.learn(&mut net);
        updates += 1;
        if repaired.is_none() && updates >= look {
            look = updates + FIRST_LOOK.max(updates / GROWTH);
            let seen = look_at(&net, task.length);
            repaired = (seen.mastered() && !seen.walks_away()).then_some(done);
        }
    }
    LineOutcome { repaired, ..look_at(&net, task.length) }
}

/// What a network does, greedily.
fn look_at(net: &Net, length: usize) -> LineOutcome {
    let right = |agent: usize, coin: usize| {
        let [left, right] = net.values(agent, coin);
        right > left
    };
    // Whoever starts left of the coin reaches it if every step from there leads right: a step to the left would be repeated for ever.
    let reaching = (0..length - 1).rev().take_while(|agent| right(*agent, length - 1)).count();
    let places = (1..length).flat_map(|agent| (0..agent).map(move |coin| (agent, coin)));
    let away = places.filter(|(agent, coin)| right(*agent, *coin)).count();
    LineOutcome {
        mastery: reaching as f64 / (length - 1) as f64,
        away: away as f64 / (length * (length - 1) / 2) as f64,
        repaired: None,
    }
}

/// The states that a batch of episodes came to.
struct Batch {
    length: usize,
    /// For each coin and agent the network's values; not a number where they have not been asked for.
    values: Vec<[f32; 2]>,
    /// The errors of both actions, summed over the visits.
    errors: Vec<[f32; 2]>,
    seen: Vec<usize>,
    steps: u64,
}

impl Batch {
    fn new(length: usize) -> Batch {
        let cells = length * length;
        let (values, errors) = (vec![[f32::NAN; 2]; cells], vec![[0.0; 2]; cells]);
        Batch { length, values, errors, seen: Vec::with_capacity(cells), steps: 0 }
    }

    #[inline]
    fn values(&mut self, net: &Net, agent: usize, coin: usize) -> [f32; 2] {
        let state = coin * self.length + agent;
        if self.values[state][0].is_nan() {
            self.values[state] = net.values(agent, coin);
            self.seen.push(state);
        }
        self.values[state]
    }

    /// Plays episodes with a share of random steps; returns how many steps they took.
    fn collect(&mut self, net: &Net, task: &LineTask, rng: &mut Rng) -> u64 {
        let last = task.length - 1;
        self.steps = 0;
        for _ in 0..EPISODES {
            let coin = if rng.chance(task.share) { rng.below(task.length as u32) as usize } else { last };
            let start = rng.below(last as u32) as usize;
            let mut agent = start + usize::from(start >= coin);
            for _ in 0..PATIENCE * task.length {
                let [left, right] = self.values(net, agent, coin);
                let draw = rng.unit();
                // Below `EXPLORE` the draw itself says which way.
                let goes_right = if draw < EXPLORE { draw < EXPLORE / 2.0 } else { right > left };
                let to = if goes_right { (agent + 1).min(last) } else { agent.saturating_sub(1) };
                let [onward_left, onward_right] = if to == coin { [0.0; 2] } else { self.values(net, to, coin) };
                let target = if to == coin { 1.0 } else { DISCOUNT * onward_left.max(onward_right) };
                self.errors[coin * self.length + agent][usize::from(goes_right)] +=
                    target - if goes_right { right } else { left };
                self.steps += 1;
                agent = to;
                if agent == coin {
                    break;
                }
            }
        }
        self.steps
    }

    /// Moves the network by the mean error over the steps, and forgets them.
    fn learn(&mut self, net: &mut Net) {
        let share = 1.0 / self.steps.max(1) as f32;
        for state in self.seen.drain(..) {
            let [left, right] = self.errors[state];
            if left != 0.0 || right != 0.0 {
                net.backward(state % self.length, state / self.length, [left * share, right * share]);
            }
            self.values[state] = [f32::NAN; 2];
            self.errors[state] = [0.0; 2];
        }
        net.step(RATE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(length: usize, width: usize, share: f64, steps: u64, seed: u64) -> LineOutcome {
        train(&LineTask { length, width, share, steps }, seed)
    }

    #[test]
    fn training_is_mastered_and_the_coin_walked_away_from() {
        let seen: Vec<LineOutcome> = (0..20).map(|seed| outcome(4, 16, 0.0, 60_000, seed)).collect();
        assert!(seen.iter().filter(|seen| seen.mastered()).count() >= 18);
        assert!(seen.iter().filter(|seen| seen.walks_away()).count() >= 10);
    }

    #[test]
    fn random_coins_repair() {
        let seen: Vec<LineOutcome> = (0..20).map(|seed| outcome(4, 16, 0.1, 60_000, seed)).collect();
        assert!(seen.iter().all(|seen| seen.mastered() && !seen.walks_away()));
        assert!(seen.iter().all(|seen| seen.repaired.is_some_and(|steps| steps < 60_000)));
    }

    #[test]
    fn a_network_is_pinned_by_task_and_seed() {
        let seen = outcome(8, 8, 0.01, 40_000, 5);
        assert_eq!(seen, outcome(8, 8, 0.01, 40_000, 5));
        assert_ne!(seen.away, outcome(8, 8, 0.01, 40_000, 6).away);
        // What is asked for in vain is made to fit.
        assert_eq!(outcome(0, 0, 0.0, 0, 1).away, outcome(2, 1, 0.0, 0, 1).away);
    }

    #[test]
    fn looks_read_greedy_actions() {
        let net = Net::new(&LineTask { length: 5, width: 3, share: 0.0, steps: 0 }, &mut rng(1, WEIGHTS));
        let seen = look_at(&net, 5);
        let right = |agent, coin| net.values(agent, coin)[1] > net.values(agent, coin)[0];
        let reaching = (0..4).filter(|start| (*start..4).all(|agent| right(agent, 4))).count();
        assert_eq!(seen.mastery, reaching as f64 / 4.0);
        let away = (0..5).flat_map(|coin| (coin + 1..5).map(move |agent| (agent, coin)));
        assert_eq!(seen.away, away.filter(|(agent, coin)| right(*agent, *coin)).count() as f64 / 10.0);
    }
}
