//! The network: `values = B + V relu(A[agent] + C[coin] + b)`, its gradient and Adam.
//!
//! Rows are padded to whole vectors of eight. The padding is 0 and stays 0: a unit whose inputs and outputs are 0 has no gradient.

#![expect(clippy::indexing_slicing, reason = "rows are cut from tables of `length` rows of `stride` units")]

use crate::line::LineTask;
use misgoal_world::rng::{Draw as _, Rng};

const LANES: usize = 8;
/// Adam's decay rates and the constant beside the root, as its authors have them.
const BETA: (f32, f32) = (0.9, 0.999);
const EPSILON: f32 = 1e-8;

/// Parameters, or one number for each: a gradient, a moment.
#[derive(Clone, Debug)]
pub(super) struct Table {
    stride: usize,
    length: usize,
    /// A row for every cell of the agent, one for every cell of the coin, the hidden biases, the weights to both values.
    rows: Vec<f32>,
    /// The values' biases.
    offset: [f32; 2],
}

impl Table {
    fn zeros(length: usize, width: usize) -> Table {
        let stride = width.next_multiple_of(LANES);
        Table { stride, length, rows: vec![0.0; (2 * length + 3) * stride], offset: [0.0; 2] }
    }

    fn row(&self, number: usize) -> &[[f32; LANES]] {
        self.rows[number * self.stride..(number + 1) * self.stride].as_chunks().0
    }

    fn row_mut(&mut self, number: usize) -> &mut [[f32; LANES]] {
        self.rows[number * self.stride..(number + 1) * self.stride].as_chunks_mut().0
    }
}

/// A network and its optimizer.
#[derive(Clone, Debug)]
pub(super) struct Net {
    params: Table,
    grad: Table,
    first: Table,
    second: Table,
    /// The decay rates to the power of the number of steps.
    faded: (f32, f32),
}

impl Net {
    /// Weights and biases uniform within one over the root of the layer's inputs (`2 * length`, `width`), PyTorch's default.
    pub fn new(task: &LineTask, rng: &mut Rng) -> Net {
        let (length, width) = (task.length, task.width);
        let mut params = Table::zeros(length, width);
        let mut even = |bound: f64| ((2.0 * rng.unit() - 1.0) * bound) as f32;
        let (inputs, units) = (1.0 / ((2 * length) as f64).sqrt(), 1.0 / (width as f64).sqrt());
        let stride = params.stride;
        for (number, row) in params.rows.chunks_exact_mut(stride).enumerate() {
            let bound = if number <= 2 * length { inputs } else { units };
            row.iter_mut().take(width).for_each(|weight| *weight = even(bound));
        }
        params.offset = [even(units), even(units)];
        let zeros = Table::zeros(length, width);
        Net { params, grad: zeros.clone(), first: zeros.clone(), second: zeros, faded: (1.0, 1.0) }
    }

    /// The values of left and right.
    pub fn values(&self, agent: usize, coin: usize) -> [f32; 2] {
        let Table { length, ref offset, .. } = self.params;
        let (a, c, b) = (self.params.row(agent), self.params.row(length + coin), self.params.row(2 * length));
        let (left, right) = (self.params.row(2 * length + 1), self.params.row(2 * length + 2));
        let mut sums = [[0.0f32; LANES]; 2];
        for ((((a, c), b), left), right) in a.iter().zip(c).zip(b).zip(left).zip(right) {
            for lane in 0..LANES {
                let unit = (a[lane] + c[lane] + b[lane]).max(0.0);
                sums[0][lane] += unit * left[lane];
                sums[1][lane] += unit * right[lane];
            }
        }
        [total(sums[0]) + offset[0], total(sums[1]) + offset[1]]
    }

    /// Adds to the gradient what moves the two values of a state by `push`.
    pub fn backward(&mut self, agent: usize, coin: usize, push: [f32; 2]) {
        let Net { params, grad, .. } = self;
        let length = params.length;
        let (a, c, b) = (params.row(agent), params.row(length + coin), params.row(2 * length));
        let (left, right) = (params.row(2 * length + 1), params.row(2 * length + 2));
        for at in 0..b.len() {
            // The gradient of the units, and how much each unit's output pushes its two weights.
            let (mut inner, mut outer) = ([0.0f32; LANES], [[0.0f32; LANES]; 2]);
            for lane in 0..LANES {
                let unit = (a[at][lane] + c[at][lane] + b[at][lane]).max(0.0);
                let through = push[0] * left[at][lane] + push[1] * right[at][lane];
                inner[lane] = if unit > 0.0 { through } else { 0.0 };
                outer[0][lane] = push[0] * unit;
                outer[1][lane] = push[1] * unit;
            }
            for (row, change) in [
                (agent, inner),
                (length + coin, inner),
                (2 * length, inner),
                (2 * length + 1, outer[0]),
                (2 * length + 2, outer[1]),
            ] {
                let lanes = &mut grad.row_mut(row)[at];
                lanes.iter_mut().zip(change).for_each(|(sum, change)| *sum += change);
            }
        }
        grad.offset[0] += push[0];
        grad.offset[1] += push[1];
    }

    /// One step of Adam (Kingma and Ba 2015) up the gradient, which is then 0 again.
    pub fn step(&mut self, rate: f32) {
        self.faded = (self.faded.0 * BETA.0, self.faded.1 * BETA.1);
        let (rate, correction) = (rate / (1.0 - self.faded.0), 1.0 / (1.0 - self.faded.1));
        let Net { params, grad, first, second, .. } = self;
        let each = |param: &mut f32, grad: &mut f32, first: &mut f32, second: &mut f32| {
            *first = BETA.0 * *first + (1.0 - BETA.0) * *grad;
            *second = BETA.1 * *second + (1.0 - BETA.1) * *grad * *grad;
            *param += rate * *first / ((correction * *second).sqrt() + EPSILON);
            *grad = 0.0;
        };
        let moments = first.rows.iter_mut().zip(&mut second.rows);
        for ((param, grad), (first, second)) in params.rows.iter_mut().zip(&mut grad.rows).zip(moments) {
            each(param, grad, first, second);
        }
        for value in 0..2 {
            let (first, second) = (&mut first.offset[value], &mut second.offset[value]);
            each(&mut params.offset[value], &mut grad.offset[value], first, second);
        }
    }
}

/// The sum of eight lanes, always in the same order.
fn total(lanes: [f32; LANES]) -> f32 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

#[cfg(test)]
mod tests {
    use super::*;
    use misgoal_world::rng::rng;

    fn net(length: usize, width: usize) -> Net {
        Net::new(&LineTask { length, width, share: 0.0, steps: 0 }, &mut rng(3, 0))
    }

    #[test]
    fn the_gradient_is_that_of_differences() {
        let mut net = net(4, 11);
        let push = [0.7, -0.3];
        net.backward(2, 3, push);
        let worth = |net: &Net| f64::from(push[0] * net.values(2, 3)[0] + push[1] * net.values(2, 3)[1]);
        for at in 0..net.params.rows.len() {
            if at % net.params.stride >= 11 {
                assert_eq!((net.grad.rows[at], net.params.rows[at]), (0.0, 0.0), "padding");
                continue;
            }
            let moved = |by: f32| {
                let mut net = net.clone();
                net.params.rows[at] += by;
                worth(&net)
            };
            let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            assert!((slope - f64::from(net.grad.rows[at])).abs() < 1e-3, "{at}: {slope} {}", net.grad.rows[at]);
        }
        assert_eq!(net.grad.offset, push);
    }

    #[test]
    fn a_first_step_of_adam_is_one_rate_up_the_gradient() {
        let mut net = net(3, 4);
        net.backward(0, 2, [1.0, 0.0]);
        let (before, pushed) = (net.params.rows.clone(), net.grad.rows.clone());
        net.step(0.01);
        for ((before, after), grad) in before.iter().zip(&net.params.rows).zip(pushed) {
            let expected = if grad == 0.0 { 0.0 } else { 0.01 * grad.signum() };
            assert!((after - before - expected).abs() < 1e-5, "{before} {after} {grad}");
        }
        assert!(net.grad.rows.iter().all(|grad| *grad == 0.0));
    }
}
