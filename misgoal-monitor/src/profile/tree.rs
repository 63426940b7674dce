//! The sequence model: interpolated Kneser-Ney over a tree of contexts, of whatever order the data reach.
//!
//! With `c(u,w)` the count of symbol w in context u, `c(u)` their sum, `t(u)` the number of different symbols, d the discount of u's depth, θ a constant
//! and π(u) the context with its most specific part dropped:
//!
//! ```text
//! P(w | u) = ( max(c(u,w) - d, 0) + (θ + d t(u)) P(w | π(u)) ) / ( θ + c(u) )
//! ```
//!
//! the predictive of a hierarchical Pitman-Yor process with one table a dish (Teh 2006, "A hierarchical Bayesian language model based on Pitman-Yor
//! processes", eq. 10), which for θ = 0 is interpolated Kneser-Ney (Kneser and Ney 1995). Shorter contexts count in how many longer ones a symbol was seen,
//! not how often; `d = n1 / (n1 + 2 n2)` with n1, n2 the numbers of counts that are 1 and 2 (Ney, Essen and Kneser 1994). A context that was never seen
//! falls back to the longest one that was: the order varies with the data.

use std::collections::BTreeMap;

/// The constant θ: how much of a symbol's probability a context that was seen once leaves to shorter contexts, beside the discounts.
const STRENGTH: f64 = 0.5;

/// Counts of one context.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Counts by symbol.
    pub counts: BTreeMap<String, u32>,
    total: u32,
}

/// Counts of symbols in a tree of contexts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    nodes: BTreeMap<Vec<String>, Node>,
    discounts: Vec<f64>,
}

impl Tree {
    /// Counts `symbol` in `context`, whose most general part comes first.
    pub fn add(&mut self, context: &[String], symbol: &str) {
        for depth in (0..=context.len()).rev() {
            let prefix = context.get(..depth).unwrap_or_default();
            if !self.nodes.contains_key(prefix) {
                self.nodes.insert(prefix.to_vec(), Node::default());
            }
            let Some(node) = self.nodes.get_mut(prefix) else { return };
            node.total = node.total.saturating_add(1);
            if let Some(count) = node.counts.get_mut(symbol) {
                *count = count.saturating_add(1);
                // Seen here before: the shorter contexts know it already.
                return;
            }
            node.counts.insert(symbol.to_owned(), 1);
        }
    }

    /// Estimates the discounts; to be called after the last [`Tree::add`].
    pub fn finish(&mut self) {
        let deepest = self.nodes.keys().map(Vec::len).max().unwrap_or(0);
        let mut ones_twos = vec![(0.0, 0.0); deepest + 1];
        for (context, node) in &self.nodes {
            if let Some((ones, twos)) = ones_twos.get_mut(context.len()) {
                *ones += node.counts.values().filter(|count| **count == 1).count() as f64;
                *twos += node.counts.values().filter(|count| **count == 2).count() as f64;
            }
        }
        self.discounts = ones_twos.iter().map(|(n1, n2): &(f64, f64)| discount(*n1, *n2)).collect();
    }

    /// Probability of `symbol` in `context`; `base` is its probability before any count.
    pub fn probability(&self, context: &[String], symbol: &str, base: f64) -> f64 {
        let mut p = base;
        for depth in 0..=context.len() {
            let Some(node) = self.nodes.get(context.get(..depth).unwrap_or_default()) else { break };
            let discount = self.discounts.get(depth).copied().unwrap_or(0.5);
            let count = node.counts.get(symbol).map_or(0.0, |count| f64::from(*count));
            let kept = (count - discount).max(0.0);
            let left = STRENGTH + discount * node.counts.len() as f64;
            p = (kept + left * p) / (STRENGTH + f64::from(node.total));
        }
        p
    }

    /// How many different symbols were seen.
    pub fn symbols(&self) -> usize {
        self.nodes.get(&[] as &[String]).map_or(0, |root| root.counts.len())
    }

    /// Whether this context was seen.
    pub fn knows(&self, context: &[String]) -> bool {
        self.nodes.contains_key(context)
    }

    /// The contexts with their counts, in order.
    pub fn nodes(&self) -> impl Iterator<Item = (&[String], &Node)> {
        self.nodes.iter().map(|(context, node)| (context.as_slice(), node))
    }

    /// A tree of these contexts and counts, finished.
    pub fn from_nodes(nodes: impl IntoIterator<Item = (Vec<String>, BTreeMap<String, u32>)>) -> Tree {
        let node = |counts: BTreeMap<String, u32>| {
            let total = counts.values().fold(0, |sum: u32, count| sum.saturating_add(*count));
            Node { counts, total }
        };
        let nodes = nodes.into_iter().map(|(context, counts)| (context, node(counts))).collect();
        let mut tree = Tree { nodes, discounts: Vec::new() };
        tree.finish();
        tree
    }
}

/// Half an observation is added to each number, so that a depth with few counts has a discount within (0, 1).
fn discount(ones: f64, twos: f64) -> f64 {
    (ones + 0.5) / (ones + 0.5 + 2.0 * (twos + 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| (*part).to_owned()).collect()
    }

    fn tree(sequences: &[&str]) -> Tree {
        let mut tree = Tree::default();
        for sequence in sequences {
            let symbols: Vec<&str> = sequence.split(' ').collect();
            for (at, symbol) in symbols.iter().enumerate() {
                let history: Vec<&str> = symbols[..at].iter().rev().take(2).copied().collect();
                tree.add(&context(&history), symbol);
            }
        }
        tree.finish();
        tree
    }

    #[test]
    fn probabilities_sum_to_one_in_every_context() {
        let tree = tree(&["a b c", "a b b", "c a b c", "d d d d a"]);
        let base = 1.0 / 5.0;
        for history in [&[][..], &["a"], &["b", "a"], &["d", "d"], &["never"], &["b", "never"]] {
            let sum: f64 = ["a", "b", "c", "d", "unknown"]
                .iter()
                .map(|symbol| tree.probability(&context(history), symbol, base))
                .sum();
            assert!((sum - 1.0).abs() < 1e-12, "{history:?}: {sum}");
        }
    }

    #[test]
    fn shorter_contexts_count_contexts_and_not_times() {
        // "b" is frequent but only ever after "a"; "c" is rarer but follows many things (the example of "San Francisco").
        let tree = tree(&["x a b", "x a b", "x a b", "x a b", "x y c", "x z c", "x w c"]);
        let novel = context(&["never"]);
        assert!(tree.probability(&novel, "c", 0.1) > tree.probability(&novel, "b", 0.1));
        assert!(tree.probability(&context(&["a", "x"]), "b", 0.1) > 0.5);
    }

    #[test]
    fn a_tree_comes_back_from_its_nodes() {
        let tree = tree(&["a b c", "a b b"]);
        let nodes = tree.nodes().map(|(context, node)| (context.to_vec(), node.counts.clone()));
        assert_eq!(Tree::from_nodes(nodes), tree);
    }
}
