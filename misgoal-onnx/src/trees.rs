//! Ensembles of trees (`ai.onnx.ml`: TreeEnsembleClassifier, TreeEnsembleRegressor).
//!
//! Sums are of 32-bit numbers in the order of the trees, as in ONNX Runtime: a forest's votes may be tied to the last bit.

use std::collections::BTreeMap;

use crate::ModelError;
use crate::proto::{Attributes, Node};
use crate::scores::{Labels, Post};
use crate::tensor::Tensor;

/// Deepest way through a tree.
const DEEPEST: usize = 10_000;

#[derive(Clone, Copy)]
enum Branch {
    Leaf,
    AtMost,
    Under,
    AtLeast,
    Over,
    Equal,
    NotEqual,
}

struct Split {
    branch: Branch,
    feature: usize,
    value: f32,
    yes: usize,
    no: usize,
    /// Whether a missing value goes the way of `yes`.
    missing: bool,
    /// What a leaf adds: class or target, and weight.
    adds: Vec<(usize, f32)>,
}

/// How the trees' values become a score.
#[derive(Clone, Copy, PartialEq)]
enum Aggregate {
    Sum,
    Average,
    Least,
    Most,
}

/// An ensemble.
pub(crate) struct Trees {
    nodes: Vec<Split>,
    roots: Vec<usize>,
    base: Vec<f32>,
    /// Classes of a classifier; none of a regressor.
    labels: Option<Labels>,
    scores: usize,
    /// A classifier of two classes whose trees weigh one of them alone.
    binary: Option<BinaryCase>,
    post: Post,
    aggregate: Aggregate,
}

/// What ONNX Runtime makes of one score for two classes.
#[derive(Clone, Copy)]
struct BinaryCase {
    /// Whether all weights are positive: then the score is a probability, and else a margin.
    positive: bool,
}

impl Trees {
    pub(crate) fn read(node: &Node) -> Result<Trees, ModelError> {
        let attributes = Attributes::of(node);
        let classifier = node.op_type == "TreeEnsembleClassifier";
        if attributes.has("nodes_values_as_tensor") {
            return Err(ModelError::Operator(format!("{} in 64-bit numbers", node.op_type)));
        }
        let (trees, ids) = (attributes.ints("nodes_treeids"), attributes.ints("nodes_nodeids"));
        let places: BTreeMap<(i64, i64), usize> =
            trees.iter().zip(&ids).enumerate().map(|(at, (tree, id))| ((*tree, *id), at)).collect();
        let place = |tree: i64, id: i64| {
            places.get(&(tree, id)).copied().ok_or_else(|| ModelError::Shape(format!("tree {tree} has no node {id}")))
        };
        let (features, values) = (attributes.ints("nodes_featureids"), attributes.floats("nodes_values"));
        let (yes, no) = (attributes.ints("nodes_truenodeids"), attributes.ints("nodes_falsenodeids"));
        let (modes, missing) = (attributes.texts("nodes_modes"), attributes.ints("nodes_missing_value_tracks_true"));
        let mut nodes = Vec::with_capacity(trees.len());
        let mut inner = vec![false; trees.len()];
        for (at, tree) in trees.iter().enumerate() {
            let branch = branch(modes.get(at).map_or("", String::as_str))?;
            let leaf = matches!(branch, Branch::Leaf);
            let mut next = |ids: &[i64]| -> Result<usize, ModelError> {
                if leaf {
                    return Ok(0);
                }
                let to = place(*tree, ids.get(at).copied().unwrap_or(-1))?;
                if let Some(inner) = inner.get_mut(to) {
                    *inner = true;
                }
                Ok(to)
            };
            nodes.push(Split {
                branch,
                feature: features.get(at).and_then(|one| usize::try_from(*one).ok()).unwrap_or(0),
                value: values.get(at).copied().unwrap_or(0.0),
                yes: next(&yes)?,
                no: next(&no)?,
                missing: missing.get(at).is_some_and(|one| *one != 0),
                adds: Vec::new(),
            });
        }
        let roots = inner.iter().enumerate().filter(|(_, inner)| !**inner).map(|(at, _)| at).collect();
        let name = if classifier { "class" } else { "target" };
        let weights = attributes.floats(&format!("{name}_weights"));
        let (of_tree, of_node, to) = (
            attributes.ints(&format!("{name}_treeids")),
            attributes.ints(&format!("{name}_nodeids")),
            attributes.ints(&format!("{name}_ids")),
        );
        for (((tree, id), to), weight) in of_tree.iter().zip(&of_node).zip(&to).zip(&weights) {
            let to = usize::try_from(*to).map_err(|_| ModelError::Shape(format!("class {to}")))?;
            if let Some(node) = nodes.get_mut(place(*tree, *id)?) {
                node.adds.push((to, *weight));
            }
        }
        let labels = if classifier { Some(Labels::read(&attributes)?) } else { None };
        let targets = usize::try_from(attributes.int("n_targets", 1)).unwrap_or(1);
        let scores = labels.as_ref().map_or(targets, Labels::len);
        let alone = scores == 2 && to.iter().all(|one| to.first() == Some(one)) && !to.is_empty();
        let binary =
            (classifier && alone).then(|| BinaryCase { positive: weights.iter().all(|weight| *weight >= 0.0) });
        Ok(Trees {
            nodes,
            roots,
            base: attributes.floats("base_values"),
            labels,
            scores,
            binary,
            post: Post::read(&attributes)?,
            aggregate: match attributes.text("aggregate_function", "SUM").as_str() {
                "AVERAGE" => Aggregate::Average,
                "MIN" => Aggregate::Least,
                "MAX" => Aggregate::Most,
                _ => Aggregate::Sum,
            },
        })
    }

    /// Labels and scores of a classifier; scores of a regressor.
    pub(crate) fn run(&self, input: &Tensor) -> Result<Vec<Tensor>, ModelError> {
        let (rows, columns) = input.rows();
        let data = input.as_floats()?;
        let mut all = Vec::with_capacity(rows * self.scores);
        let mut chosen = Vec::with_capacity(rows);
        for row in data.chunks_exact(columns.max(1)) {
            let mut scores = self.score(row)?;
            chosen.push(self.decide(&mut scores));
            self.post.apply(&mut scores);
            all.extend(scores);
        }
        let scores = Tensor::floats(vec![rows, self.scores], all)?;
        Ok(match &self.labels {
            Some(labels) => vec![labels.tensor(&chosen)?, scores],
            None => vec![scores],
        })
    }

    fn score(&self, row: &[f32]) -> Result<Vec<f32>, ModelError> {
        let mut sums: Vec<Option<f32>> = vec![None; self.scores];
        for root in &self.roots {
            for (to, weight) in self.leaf(*root, row)? {
                let Some(sum) = sums.get_mut(*to) else { return Err(ModelError::Shape(format!("class {to}"))) };
                *sum = Some(match (self.aggregate, *sum) {
                    (_, None) => *weight,
                    (Aggregate::Least, Some(sum)) => sum.min(*weight),
                    (Aggregate::Most, Some(sum)) => sum.max(*weight),
                    (_, Some(sum)) => sum + weight,
                });
            }
        }
        let mean = if self.aggregate == Aggregate::Average { self.roots.len().max(1) as f32 } else { 1.0 };
        let base = |at: usize| self.base.get(at).copied().unwrap_or(0.0);
        Ok(sums.iter().enumerate().map(|(at, sum)| sum.unwrap_or(0.0) / mean + base(at)).collect())
    }

    fn leaf(&self, root: usize, row: &[f32]) -> Result<&[(usize, f32)], ModelError> {
        let mut at = root;
        for _ in 0..DEEPEST {
            let Some(node) = self.nodes.get(at) else { break };
            let x = match node.branch {
                Branch::Leaf => return Ok(&node.adds),
                _ => *row.get(node.feature).ok_or_else(|| ModelError::Shape(format!("no column {}", node.feature)))?,
            };
            let yes = match node.branch {
                Branch::Leaf | Branch::AtMost => x <= node.value,
                Branch::Under => x < node.value,
                Branch::AtLeast => x >= node.value,
                Branch::Over => x > node.value,
                Branch::Equal => x == node.value,
                Branch::NotEqual => x != node.value,
            };
            at = if yes || (node.missing && x.is_nan()) { node.yes } else { node.no };
        }
        Err(ModelError::Shape("a tree without an end".to_owned()))
    }

    /// The class of these scores. With one score for two classes the other's is made up as in ONNX Runtime.
    fn decide(&self, scores: &mut [f32]) -> usize {
        if let (Some(case), [first, second]) = (self.binary, &mut *scores) {
            // The one weighed class may have either number: it stands for the second, the positive one.
            let score = *first + *second;
            let limit = if case.positive { 0.5 } else { 0.0 };
            (*first, *second) = if case.positive { (1.0 - score, score) } else { (-score, score) };
            return usize::from(score > limit);
        }
        most(scores)
    }
}

/// The first of the largest.
pub(crate) fn most(scores: &[f32]) -> usize {
    let mut best = 0;
    for (at, score) in scores.iter().enumerate() {
        if scores.get(best).is_none_or(|top| score > top) {
            best = at;
        }
    }
    best
}

fn branch(mode: &str) -> Result<Branch, ModelError> {
    Ok(match mode {
        "LEAF" => Branch::Leaf,
        "BRANCH_LEQ" => Branch::AtMost,
        "BRANCH_LT" => Branch::Under,
        "BRANCH_GTE" => Branch::AtLeast,
        "BRANCH_GT" => Branch::Over,
        "BRANCH_EQ" => Branch::Equal,
        "BRANCH_NEQ" => Branch::NotEqual,
        other => return Err(ModelError::Operator(format!("a tree that branches by `{other}`"))),
    })
}
