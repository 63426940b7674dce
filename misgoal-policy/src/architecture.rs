//! The shape of a network and where each of its parameters is.

use std::ops::Range;

use crate::simd::UNIT;

/// Floats in a row of head outputs: the policy's logits, then the value, then zeros.
pub const OUTPUTS: usize = UNIT;
/// Most actions: one output is the value.
pub const MAX_ACTIONS: usize = OUTPUTS - 1;
const MAX_HIDDEN: usize = 1024;

/// What a hidden unit does with its sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Activation {
    /// `max(x, 0)`: the fast one.
    #[default]
    Relu,
    /// Hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// The name in weight files and studies.
    pub const fn name(self) -> &'static str {
        match self {
            Activation::Relu => "relu",
            Activation::Tanh => "tanh",
        }
    }

    /// The activation of this name.
    pub fn named(name: &str) -> Option<Activation> {
        [Activation::Relu, Activation::Tanh].into_iter().find(|activation| activation.name() == name)
    }
}

/// The shape: sparse binary inputs, two hidden layers, a policy head and a value head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Architecture {
    /// How many binary inputs there are, 1 to 65,536.
    pub inputs: usize,
    /// Units of the two hidden layers, multiples of 16 up to 1024.
    pub hidden: [usize; 2],
    /// How many actions there are, 1 to [`MAX_ACTIONS`].
    pub actions: usize,
    /// Of both hidden layers.
    pub activation: Activation,
}

/// Why a shape is not one that the kernels can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchitectureError(String);

impl std::fmt::Display for ArchitectureError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ArchitectureError {}

impl Architecture {
    /// The default network: 64 and 64 ReLU units.
    pub const fn new(inputs: usize, actions: usize) -> Architecture {
        Architecture { inputs, hidden: [64, 64], actions, activation: Activation::Relu }
    }

    /// Checks the sizes.
    ///
    /// # Errors
    /// Names the size that is out of range, and the range.
    pub fn validate(&self) -> Result<(), ArchitectureError> {
        let wrong = |what: &str, n: usize, range: &str| {
            Err(ArchitectureError(format!("a network cannot have `{n}` {what}: give {range}")))
        };
        if !(1..=1 << 16).contains(&self.inputs) {
            return wrong("inputs", self.inputs, "1 to 65536");
        }
        for hidden in self.hidden {
            if !(UNIT..=MAX_HIDDEN).contains(&hidden) || !hidden.is_multiple_of(UNIT) {
                return wrong("hidden units in a layer", hidden, "a multiple of 16, up to 1024");
            }
        }
        if !(1..=MAX_ACTIONS).contains(&self.actions) {
            return wrong("actions", self.actions, "1 to 15");
        }
        Ok(())
    }

    /// Where each parameter is in the flat vector.
    pub fn layout(&self) -> Layout {
        let [h1, h2] = self.hidden;
        let mut end = 0;
        let mut take = |len: usize| {
            let start = end;
            end += len;
            start..end
        };
        Layout {
            w1: take(h1 / UNIT * self.inputs * UNIT),
            b1: take(h1),
            w2: take(h1 * h2),
            b2: take(h2),
            w3: take((self.actions + 1) * h2),
            b3: take(self.actions + 1),
            total: end.next_multiple_of(UNIT),
        }
    }
}

/// The flat parameter vector, in this order. Every part but `b3` is a whole number of 64-byte lines, so every row is aligned.
///
/// | part | shape | meaning |
/// | --- | --- | --- |
/// | `w1` | hidden 1 / 16 x inputs x 16 | in panels of 16 units; panel `p`'s row `f` is added to the sums of units `16 p..` when input `f` is active |
/// | `b1` | hidden 1 | |
/// | `w2` | hidden 1 x hidden 2 | row `k` is what unit `k` of the first layer contributes |
/// | `b2` | hidden 2 | |
/// | `w3` | (actions + 1) x hidden 2 | row `a` gives action `a`'s logit, the last row the value |
/// | `b3` | actions + 1 | |
/// | | up to 15 | zeros to the end of the line |
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table above documents the fields together")]
pub struct Layout {
    pub w1: Range<usize>,
    pub b1: Range<usize>,
    pub w2: Range<usize>,
    pub b2: Range<usize>,
    pub w3: Range<usize>,
    pub b3: Range<usize>,
    /// Floats in the vector, the padding included.
    pub total: usize,
}

impl Architecture {
    /// Where the weight from input `input` to unit `unit` of the first layer is in the flat vector.
    pub const fn first_weight(&self, input: usize, unit: usize) -> usize {
        (unit / UNIT * self.inputs + input) * UNIT + unit % UNIT
    }
}
