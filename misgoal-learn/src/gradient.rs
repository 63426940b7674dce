//! Gradients of a loss over the network's flat parameter vector, written by hand.
//!
//! Blocks of 64 samples go forward and at once backward, so that activations never leave the cache. A loss is a [`Head`]: it sees head
//! outputs and answers with their derivatives; the rest is the chain rule through two dense layers and the sparse first one.
//!
//! What limits the speed, for 40 active inputs, 64 and 64 units, 6 actions, in AVX-512 instructions per sample: 888 multiply-adds (256
//! each for the second layer forward, its weights' and its inputs' gradient, 120 for the heads) at two a cycle are 444 cycles; the
//! first layer's 160 loads forward and 160 read-modify-writes backward are at least 80 and 160 more. That is 4.4M samples a second at
//! 3 GHz if nothing else cost anything. `benches/update.rs` measures; docs/algorithms/ppo.md has the figures.

use misgoal_policy::simd::gemm::{Init, Product};
use misgoal_policy::simd::{Aligned, Operation, Simd, UNIT, sparse};
use misgoal_policy::{Activation, ActiveLists, BLOCK, Block, Network, OUTPUTS, Picked};

/// A loss on head outputs.
pub trait Head {
    /// Reads the outputs of a block's samples (`samples.len()` rows of [`OUTPUTS`]) and writes the loss's derivative with respect to
    /// output `a` of sample `i` to `derivative[a * BLOCK + i]`, zeros up to the next whole group of [`UNIT`] samples.
    ///
    /// # Safety
    /// The contract of [`Simd`]; `outputs` and `derivative` hold a whole block.
    unsafe fn derive<S: Simd>(&mut self, samples: &[u32], outputs: &[f32], derivative: &mut [f32]);
}

/// A gradient that adds up over calls, and the memory that computing it takes.
#[derive(Clone, Debug)]
pub struct Gradient {
    /// In the layout of the network's parameters.
    pub sum: Aligned,
    block: Block,
    /// Derivatives of head outputs, [`OUTPUTS`] rows of [`BLOCK`] samples.
    outputs: Aligned,
    /// Derivatives of the second and first layer's sums, [`BLOCK`] rows.
    z2: Aligned,
    z1: Aligned,
    /// The heads' biases, not yet summed over lanes: [`OUTPUTS`] rows of [`UNIT`].
    bias: Aligned,
    order: ByLength,
}

impl Gradient {
    /// Zero, for this network's shape.
    pub fn new(network: &Network) -> Gradient {
        let [h1, h2] = network.architecture().hidden;
        Gradient {
            sum: Aligned::zeros(network.layout().total),
            block: Block::new([h1, h2]),
            outputs: Aligned::zeros(OUTPUTS * BLOCK),
            z2: Aligned::zeros(BLOCK * h2),
            z1: Aligned::zeros(BLOCK * h1),
            bias: Aligned::zeros(OUTPUTS * UNIT),
            order: ByLength::default(),
        }
    }

    /// Adds the gradient of the loss over `samples`, indices into `lists`.
    ///
    /// # Panics
    /// When `lists`, the network and this gradient are not of one shape.
    pub fn add<H: Head>(
        &mut self,
        network: &Network,
        transposed: &Transposed,
        lists: &ActiveLists,
        samples: &[u32],
        head: &mut H,
    ) {
        assert!(self.sum.len() == network.layout().total && transposed.shape == network.architecture().hidden);
        let [h1, h2] = network.architecture().hidden;
        assert!(self.z1.len() == BLOCK * h1 && self.z2.len() == BLOCK * h2);
        let mut order = std::mem::take(&mut self.order);
        let samples = order.sort(lists, samples);
        network.kernel().run(Backward { gradient: self, network, transposed, lists, samples, head });
        self.order = order;
        let biases = self.sum.get_mut(network.layout().b3.clone()).unwrap_or_default();
        for (bias, lanes) in biases.iter_mut().zip(self.bias.chunks_exact_mut(UNIT)) {
            *bias += lanes.iter().sum::<f32>();
            lanes.fill(0.0);
        }
    }
}

/// Samples in order of how many inputs are active in them. Next to each other they make loops over active inputs end where the
/// processor expects it: a mispredicted end costs as much as ten inputs, and every sample has eight such loops.
#[derive(Clone, Debug, Default)]
struct ByLength {
    ends: Vec<usize>,
    sorted: Vec<u32>,
}

impl ByLength {
    /// A stable counting sort; lists of 255 and more active inputs count as equal.
    fn sort(&mut self, lists: &ActiveLists, samples: &[u32]) -> &[u32] {
        let length = |sample: &u32| lists.get(*sample as usize).len().min(255);
        self.ends.clear();
        self.ends.resize(257, 0);
        for sample in samples {
            if let Some(count) = self.ends.get_mut(length(sample) + 1) {
                *count += 1;
            }
        }
        let mut end = 0;
        for count in &mut self.ends {
            end += *count;
            *count = end;
        }
        self.sorted.resize(samples.len(), 0);
        for sample in samples {
            let Some(at) = self.ends.get_mut(length(sample)) else { continue };
            if let Some(to) = self.sorted.get_mut(*at) {
                *to = *sample;
            }
            *at += 1;
        }
        &self.sorted
    }
}

/// The second layer's weights transposed, hidden 2 rows of hidden 1: what carries derivatives back to the first layer.
#[derive(Clone, Debug)]
pub struct Transposed {
    shape: [usize; 2],
    weights: Aligned,
}

impl Transposed {
    /// Of this network.
    pub fn new(network: &Network) -> Transposed {
        let shape = network.architecture().hidden;
        let mut transposed = Transposed { shape, weights: Aligned::zeros(shape[0] * shape[1]) };
        transposed.refresh(network);
        transposed
    }

    /// Follows the network's parameters.
    pub fn refresh(&mut self, network: &Network) {
        let [h1, h2] = self.shape;
        let rows = network.params().get(network.layout().w2.clone()).unwrap_or_default().chunks_exact(h2);
        for (k, row) in rows.enumerate() {
            for (to, w) in self.weights.iter_mut().skip(k).step_by(h1).zip(row) {
                *to = *w;
            }
        }
    }
}

struct Backward<'a, H> {
    gradient: &'a mut Gradient,
    network: &'a Network,
    transposed: &'a Transposed,
    lists: &'a ActiveLists,
    samples: &'a [u32],
    head: &'a mut H,
}

impl<H: Head> Operation for Backward<'_, H> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "ranges of a layout that `Gradient::add` checked against the buffers")]
    unsafe fn run<S: Simd>(self) {
        let Backward { gradient, network, transposed, lists, samples, head } = self;
        let Gradient { sum, block, outputs, z2, z1, bias, .. } = gradient;
        let (shape, at) = (network.architecture(), network.layout());
        let ([h1, h2], heads) = (shape.hidden, shape.actions + 1);
        let relu = shape.activation == Activation::Relu;
        let w3 = network.params()[at.w3.clone()].as_ptr();
        for chunk in samples.chunks(BLOCK) {
            let count = chunk.len();
            let picked = Picked::new(lists, chunk.iter().map(|sample| *sample as usize));
            // SAFETY: `Kernel::run` vouches for the features, `Gradient::add` checked that all buffers are of the network's shape,
            // and list indices are below the number of inputs by the invariant of `ActiveLists`.
            unsafe {
                network.forward_block::<S>(&picked, block);
                head.derive::<S>(chunk, &block.out, outputs);
                for a in 0..heads {
                    let lanes = bias.as_mut_ptr().add(a * UNIT);
                    for i in (0..count.next_multiple_of(UNIT)).step_by(S::LANES) {
                        let to = lanes.add(i % UNIT);
                        S::store(to, S::add(S::load(to), S::load(outputs.as_ptr().add(a * BLOCK + i))));
                    }
                }
                let (d, h) = (outputs.as_ptr(), block.h2.as_ptr());
                let heads_back = Product {
                    m: count,
                    n: h2,
                    k: heads,
                    a: d,
                    a_row: 1,
                    a_step: BLOCK,
                    b: w3,
                    b_row: h2,
                    c: z2.as_mut_ptr(),
                    c_row: h2,
                    init: Init::Zero,
                };
                heads_back.run::<S, false>();
                let heads_weights = Product {
                    m: heads,
                    n: h2,
                    k: count,
                    a: d,
                    a_row: BLOCK,
                    a_step: 1,
                    b: h,
                    b_row: h2,
                    c: sum[at.w3.clone()].as_mut_ptr(),
                    c_row: h2,
                    init: Init::Keep,
                };
                heads_weights.run::<S, false>();
                through::<S>(relu, h2, count, h, z2.as_mut_ptr(), sum[at.b2.clone()].as_mut_ptr());

                let (d, h) = (z2.as_ptr(), block.h1.as_ptr());
                let back = Product {
                    m: count,
                    n: h1,
                    k: h2,
                    a: d,
                    a_row: h2,
                    a_step: 1,
                    b: transposed.weights.as_ptr(),
                    b_row: h1,
                    c: z1.as_mut_ptr(),
                    c_row: h1,
                    init: Init::Zero,
                };
                back.run::<S, false>();
                let weights = Product {
                    m: h1,
                    n: h2,
                    k: count,
                    a: h,
                    a_row: 1,
                    a_step: h1,
                    b: d,
                    b_row: h2,
                    c: sum[at.w2.clone()].as_mut_ptr(),
                    c_row: h2,
                    init: Init::Keep,
                };
                weights.run::<S, false>();
                through::<S>(relu, h1, count, h, z1.as_mut_ptr(), sum[at.b1.clone()].as_mut_ptr());

                let table = sum[at.w1.clone()].as_mut_ptr();
                sparse::scatter_rows::<S>(table, shape.inputs, h1, picked.lists(), z1.as_ptr());
            }
        }
    }
}

/// Takes derivatives `d` (rows of `width`) back through the activation, whose results are `h`, and adds them up into `bias`.
///
/// # Safety
/// The contract of [`Simd`]; `d` and `h` hold `count` rows, `bias` one.
#[inline(always)]
unsafe fn through<S: Simd>(relu: bool, width: usize, count: usize, h: *const f32, d: *mut f32, bias: *mut f32) {
    for j in (0..width).step_by(S::LANES) {
        // SAFETY: column `j` of each of the `count` rows is within the buffers.
        unsafe {
            let zero = S::splat(0.0);
            let mut sum = S::load(bias.add(j));
            for i in 0..count {
                let (y, at) = (S::load(h.add(i * width + j)), d.add(i * width + j));
                let dy = S::load(at);
                // tanh' = 1 - tanh^2; ReLU' = 1 where the result is positive.
                let dz = if relu { S::if_greater(y, zero, dy, zero) } else { S::sub(dy, S::mul(dy, S::mul(y, y))) };
                S::store(at, dz);
                sum = S::add(sum, dz);
            }
            S::store(bias.add(j), sum);
        }
    }
}
