//! Learning to choose: cases whose options' worth is known, in minibatches, with Adam.
//!
//! Read from top to bottom: a [`Chooser`] is a network and its optimiser; [`Chooser::pass`] goes once over a set of cases in random order.
//! Two losses, on the network's option probabilities `p`:
//!
//! - labels: cross-entropy `-sum_a y_a ln p_a`, where `y` is 1 for the option that the training goal prefers (shared between equals);
//!   its derivative with respect to a logit is `p_a - y_a`;
//! - reward: minus the expected value `-sum_a p_a q_a - h H(p)`; its derivative is `-p_a (q_a - sum_b p_b q_b) + h p_a (ln p_a + H)`: the
//!   policy gradient with every option's value known, so without sampling noise.
//!
//! Differences from usual practice: Adam's epsilon is that of this crate (1e-5); gradients are clipped at norm 0.5 as in [`crate::ppo`]; there
//! is no weight decay and no early stopping, because the question is what such a network learns by default.

use misgoal_policy::simd::{Kernel, Simd, UNIT};
use misgoal_policy::{ActiveLists, Architecture, ArchitectureError, BLOCK, Network, OUTPUTS};
use misgoal_world::MAX_ACTIONS;
use misgoal_world::rng::{Draw as _, rng};

use crate::adam::Adam;
use crate::gradient::{Gradient, Head, Transposed};

/// Streams of a unit's seed.
const ORDER: u64 = 0x0bd3;
/// Largest norm of a gradient.
const NORM: f64 = 0.5;

/// What a case teaches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lesson {
    /// The probability that each option should have.
    Label([f32; MAX_ACTIONS]),
    /// The value of each option.
    Value([f32; MAX_ACTIONS]),
}

/// How to learn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChoiceConfig {
    /// Binary inputs.
    pub inputs: usize,
    /// Options.
    pub options: usize,
    /// Units of the two hidden layers.
    pub hidden: [usize; 2],
    /// Cases in a gradient step.
    pub minibatch: usize,
    /// Adam's step size at the start.
    pub learning_rate: f64,
    /// Whether it falls linearly to 0 over `steps`.
    pub anneal: bool,
    /// Cases that training is planned to see.
    pub steps: u64,
    /// Weight of the entropy bonus `h`, for values.
    pub entropy: f64,
}

/// What happened in a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PassReport {
    /// Cases seen.
    pub cases: u64,
    /// Mean loss: cross-entropy, or minus the expected value.
    pub loss: f64,
    /// Mean entropy of the option probabilities, nats.
    pub entropy: f64,
}

/// A network that learns to choose.
#[derive(Debug)]
pub struct Chooser {
    config: ChoiceConfig,
    network: Network,
    adam: Adam,
    gradient: Gradient,
    transposed: Transposed,
    seed: u64,
    seen: u64,
    passes: u64,
}

impl Chooser {
    /// Begins with fresh parameters: the same seed gives the same ones.
    ///
    /// # Errors
    /// The network's shape is out of range.
    pub fn new(config: ChoiceConfig, seed: u64, kernel: Kernel) -> Result<Chooser, ArchitectureError> {
        let shape = Architecture { hidden: config.hidden, ..Architecture::new(config.inputs, config.options) };
        let network = Network::new(shape, seed)?.with_kernel(kernel);
        let (adam, gradient, transposed) = (Adam::new(&network), Gradient::new(&network), Transposed::new(&network));
        Ok(Chooser { config, network, adam, gradient, transposed, seed, seen: 0, passes: 0 })
    }

    /// The network as it stands.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Cases seen so far.
    pub fn steps(&self) -> u64 {
        self.seen
    }

    /// Whether all planned cases were seen.
    pub fn finished(&self) -> bool {
        self.seen >= self.config.steps
    }

    /// One pass over cases in random order, or as much of it as the plan has left. `lessons` has one entry a list; `learned` is told after every
    /// gradient step how the network stands and how many cases it has seen.
    ///
    /// # Panics
    /// When the lists are for another number of inputs than the configuration says.
    pub fn pass(
        &mut self,
        lists: &ActiveLists,
        lessons: &[Lesson],
        learned: &mut dyn FnMut(&Network, u64),
    ) -> PassReport {
        let mut order: Vec<u32> = (0..lists.len().min(lessons.len()) as u32).collect();
        self.passes += 1;
        let mut random = rng(self.seed, ORDER ^ self.passes.rotate_left(32));
        for last in (1..order.len()).rev() {
            order.swap(last, random.below(last as u32 + 1) as usize);
        }
        order.truncate(usize::try_from(self.config.steps.saturating_sub(self.seen)).unwrap_or(usize::MAX));
        let mut report = PassReport::default();
        for batch in order.chunks(self.config.minibatch.max(1)) {
            let mut loss = ChoiceLoss {
                lessons,
                options: self.config.options.min(MAX_ACTIONS),
                entropy: self.config.entropy as f32,
                scale: 1.0 / batch.len() as f32,
                loss: 0.0,
                spread: 0.0,
            };
            self.gradient.add(&self.network, &self.transposed, lists, batch, &mut loss);
            let left = 1.0 - self.seen as f64 / self.config.steps.max(1) as f64;
            let rate = self.config.learning_rate * if self.config.anneal { left } else { 1.0 };
            self.adam.step(&mut self.network, &mut [&mut self.gradient.sum], rate, NORM);
            self.transposed.refresh(&self.network);
            self.seen += batch.len() as u64;
            report.cases += batch.len() as u64;
            report.loss += loss.loss;
            report.entropy += loss.spread;
            learned(&self.network, self.seen);
        }
        let cases = report.cases.max(1) as f64;
        PassReport { cases: report.cases, loss: report.loss / cases, entropy: report.entropy / cases }
    }
}

/// The loss over cases whose lessons are in `lessons`.
struct ChoiceLoss<'a> {
    lessons: &'a [Lesson],
    options: usize,
    entropy: f32,
    scale: f32,
    loss: f64,
    spread: f64,
}

impl Head for ChoiceLoss<'_> {
    #[inline(always)]
    unsafe fn derive<S: Simd>(&mut self, samples: &[u32], outputs: &[f32], derivative: &mut [f32]) {
        derivative.fill(0.0);
        for (place, (sample, row)) in samples.iter().zip(outputs.chunks_exact(OUTPUTS)).enumerate() {
            let Some(lesson) = self.lessons.get(*sample as usize) else { continue };
            let slopes = self.slopes(row, lesson);
            for (option, slope) in slopes.iter().enumerate().take(self.options) {
                // The value head, after the options, learns nothing: there is nothing to predict.
                if let Some(to) = derivative.get_mut(option * BLOCK + place) {
                    *to = slope * self.scale;
                }
            }
        }
        debug_assert!(samples.len() <= BLOCK && BLOCK.is_multiple_of(UNIT));
    }
}

impl ChoiceLoss<'_> {
    /// Derivatives with respect to one case's logits.
    #[inline(always)]
    fn slopes(&mut self, logits: &[f32], lesson: &Lesson) -> [f32; MAX_ACTIONS] {
        let logits = logits.iter().take(self.options);
        let most = logits.clone().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut p = [0.0f32; MAX_ACTIONS];
        p.iter_mut().zip(logits).for_each(|(p, logit)| *p = (logit - most).exp());
        let total: f32 = p.iter().sum();
        p.iter_mut().for_each(|p| *p /= total);
        let log = |p: f32| p.max(f32::MIN_POSITIVE).ln();
        let entropy: f32 = -p.iter().map(|p| p * log(*p)).sum::<f32>();
        self.spread += f64::from(entropy);
        match lesson {
            Lesson::Label(label) => {
                self.loss -= f64::from(label.iter().zip(&p).map(|(y, p)| y * log(*p)).sum::<f32>());
                std::array::from_fn(|option| at(&p, option) - at(label, option))
            }
            Lesson::Value(value) => {
                let mean: f32 = p.iter().zip(value).map(|(p, q)| p * q).sum();
                self.loss -= f64::from(mean);
                std::array::from_fn(|option| {
                    let p = at(&p, option);
                    p * (mean - at(value, option)) + self.entropy * p * (log(p) + entropy)
                })
            }
        }
    }
}

#[inline(always)]
fn at(values: &[f32; MAX_ACTIONS], option: usize) -> f32 {
    values.get(option).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(entropy: f64) -> ChoiceConfig {
        ChoiceConfig {
            inputs: 8,
            options: 3,
            hidden: [16, 16],
            minibatch: 16,
            learning_rate: 1e-2,
            anneal: true,
            steps: 20_000,
            entropy,
        }
    }

    /// Cases of two active inputs; the first decides the option.
    fn cases(lesson: impl Fn(usize) -> Lesson) -> (ActiveLists, Vec<Lesson>) {
        let (mut lists, mut lessons) = (ActiveLists::new(8), Vec::new());
        for n in 0..60u16 {
            lists.push(&[n % 3, 3 + n % 5]).unwrap();
            lessons.push(lesson(usize::from(n % 3)));
        }
        (lists, lessons)
    }

    fn one(at: usize, worth: f32) -> [f32; MAX_ACTIONS] {
        let mut row = [0.0; MAX_ACTIONS];
        row[at] = worth;
        row
    }

    #[track_caller]
    fn check(lesson: impl Fn(usize) -> Lesson) {
        let (lists, lessons) = cases(lesson);
        let mut chooser = Chooser::new(config(0.0), 1, Kernel::best()).unwrap();
        let first = chooser.pass(&lists, &lessons, &mut |_, _| ());
        let mut last = first;
        while !chooser.finished() {
            last = chooser.pass(&lists, &lessons, &mut |_, _| ());
        }
        assert_eq!(chooser.steps(), 20_000);
        assert!(last.loss < first.loss && last.entropy < 0.1, "{first:?}, {last:?}");
        let mut out = Vec::new();
        let mut scratch = misgoal_policy::Scratch::new(chooser.network().architecture());
        chooser.network().forward_batch(&lists, &mut scratch, &mut out);
        for (n, row) in out.chunks(OUTPUTS).enumerate() {
            assert_eq!(usize::from(misgoal_policy::greedy(&row[..3])), n % 3);
        }
    }

    #[test]
    fn labels_and_rewards_teach_the_same() {
        check(|right| Lesson::Label(one(right, 1.0)));
        check(|right| Lesson::Value(one(right, 3.0)));
    }

    #[test]
    fn slopes_are_the_derivatives_of_the_loss() {
        let logits = [0.3f32, -0.8, 1.1];
        for lesson in [Lesson::Label([0.5, 0.5, 0.0, 0.0, 0.0, 0.0]), Lesson::Value([2.0, -1.0, 0.5, 0.0, 0.0, 0.0])] {
            let total = |logits: &[f32]| {
                let mut head =
                    ChoiceLoss { lessons: &[], options: 3, entropy: 0.2, scale: 1.0, loss: 0.0, spread: 0.0 };
                let slopes = head.slopes(logits, &lesson);
                let bonus = if matches!(lesson, Lesson::Value(_)) { 0.2 * head.spread } else { 0.0 };
                (head.loss - bonus, slopes)
            };
            let (_, slopes) = total(&logits);
            for option in 0..3 {
                let moved = |by: f32| {
                    let mut moved = logits;
                    moved[option] += by;
                    total(&moved).0
                };
                let numeric = (moved(1e-2) - moved(-1e-2)) / 2e-2;
                assert!(
                    (numeric - f64::from(slopes[option])).abs() < 1e-3,
                    "{lesson:?} {option}: {numeric} {slopes:?}"
                );
            }
        }
    }

    #[test]
    fn the_same_seed_learns_the_same() {
        let (lists, lessons) = cases(|right| Lesson::Label(one(right, 1.0)));
        let learned = |seed| {
            let mut chooser = Chooser::new(config(0.0), seed, Kernel::best()).unwrap();
            for _ in 0..5 {
                chooser.pass(&lists, &lessons, &mut |_, _| ());
            }
            chooser.network().params().to_vec()
        };
        assert_eq!(learned(4), learned(4));
        assert_ne!(learned(4), learned(5));
    }
}
