//! Operators of ONNX itself: those that exported classifiers are made of.

use crate::ModelError;
use crate::proto::{Attributes, Node};
use crate::tensor::{Data, Tensor, kind};

fn shape(why: impl Into<String>) -> ModelError {
    ModelError::Shape(why.into())
}

/// The shape that two shapes are repeated to, as in numpy.
fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>, ModelError> {
    let sides = a.len().max(b.len());
    let side =
        |of: &[usize], at: usize| (at + of.len()).checked_sub(sides).and_then(|at| of.get(at)).copied().unwrap_or(1);
    (0..sides)
        .map(|at| match (side(a, at), side(b, at)) {
            (a, b) if a == b || b == 1 => Ok(a),
            (1, b) => Ok(b),
            _ => Err(shape(format!("{a:?} and {b:?} do not go together"))),
        })
        .collect()
}

/// For every element of the repeated shape, the element of this one that stands there.
fn places(from: &[usize], to: &[usize]) -> Vec<usize> {
    let count: usize = to.iter().product();
    (0..count)
        .map(|place| {
            let (mut rest, mut at, mut stride) = (place, 0, 1);
            for (back, side) in to.iter().rev().enumerate() {
                let own = from.len().checked_sub(back + 1).and_then(|at| from.get(at)).copied().unwrap_or(1);
                let digit = rest % side.max(&1);
                rest /= side.max(&1);
                if own > 1 {
                    at += digit * stride;
                }
                stride *= own;
            }
            at
        })
        .collect()
}

fn repeated(tensor: &Tensor, to: &[usize]) -> Result<Data, ModelError> {
    tensor.data.pick(&places(&tensor.shape, to)).ok_or_else(|| shape("an element outside"))
}

/// What has two inputs, element by element. Results are rounded to 32 bits where both are.
pub(crate) fn binary(name: &str, a: &Tensor, b: &Tensor) -> Result<Tensor, ModelError> {
    let to = broadcast(&a.shape, &b.shape)?;
    let (x, y) =
        (Tensor { shape: to.clone(), data: repeated(a, &to)? }, Tensor { shape: to.clone(), data: repeated(b, &to)? });
    let truth = |holds: bool| i64::from(holds);
    if let (Data::Text(x), Data::Text(y)) = (&x.data, &y.data) {
        let same = x.iter().zip(y).map(|(x, y)| truth(x == y)).collect();
        return if name == "Equal" { Tensor::ints(to, same) } else { Err(ModelError::Texts) };
    }
    let compare = |holds: fn(f64, f64) -> bool| -> Result<Tensor, ModelError> {
        let (x, y) = (x.as_doubles()?, y.as_doubles()?);
        Tensor::ints(to.clone(), x.iter().zip(&y).map(|(x, y)| truth(holds(*x, *y))).collect())
    };
    match name {
        "Equal" => return compare(|x, y| x == y),
        "Greater" => return compare(|x, y| x > y),
        "GreaterOrEqual" => return compare(|x, y| x >= y),
        "Less" => return compare(|x, y| x < y),
        "LessOrEqual" => return compare(|x, y| x <= y),
        "And" => return compare(|x, y| x != 0.0 && y != 0.0),
        "Or" => return compare(|x, y| x != 0.0 || y != 0.0),
        _ => {}
    }
    match (&x.data, &y.data) {
        (Data::Int(x), Data::Int(y)) => {
            let of = |(x, y): (&i64, &i64)| {
                match name {
                    "Add" | "Sum" => x.checked_add(*y),
                    "Sub" => x.checked_sub(*y),
                    "Mul" => x.checked_mul(*y),
                    "Div" => x.checked_div(*y),
                    "Max" => Some(*x.max(y)),
                    "Min" => Some(*x.min(y)),
                    "Pow" => u32::try_from(*y).ok().and_then(|y| x.checked_pow(y)),
                    _ => None,
                }
                .ok_or_else(|| shape(format!("{name} of {x} and {y}")))
            };
            Tensor::ints(to, x.iter().zip(y).map(of).collect::<Result<_, _>>()?)
        }
        (Data::Double(_), _) | (_, Data::Double(_)) => {
            let of = arithmetic(name)?;
            let data = x.as_doubles()?.iter().zip(&y.as_doubles()?).map(|(x, y)| of(*x, *y)).collect();
            Tensor::new(to, Data::Double(data))
        }
        _ => {
            let of = arithmetic(name)?;
            let both = x.as_floats()?.into_iter().zip(y.as_floats()?);
            Tensor::floats(to, both.map(|(x, y)| of(f64::from(x), f64::from(y)) as f32).collect())
        }
    }
}

fn arithmetic(name: &str) -> Result<fn(f64, f64) -> f64, ModelError> {
    Ok(match name {
        "Add" | "Sum" => |x, y| x + y,
        "Sub" => |x, y| x - y,
        "Mul" => |x, y| x * y,
        "Div" => |x, y| x / y,
        "Pow" => f64::powf,
        "Max" => f64::max,
        "Min" => f64::min,
        other => return Err(ModelError::Operator(other.to_owned())),
    })
}

/// What has one input, element by element.
pub(crate) fn unary(name: &str, input: &Tensor) -> Result<Tensor, ModelError> {
    if name == "Not" {
        return Tensor::ints(input.shape.clone(), input.as_ints()?.iter().map(|x| i64::from(*x == 0)).collect());
    }
    let of: fn(f64) -> f64 = match name {
        "Relu" => |x| x.max(0.0),
        "Sigmoid" => |x| 1.0 / (1.0 + (-x).exp()),
        "Tanh" => f64::tanh,
        "Exp" => f64::exp,
        "Log" => f64::ln,
        "Sqrt" => f64::sqrt,
        "Abs" => f64::abs,
        "Neg" => |x| -x,
        "Floor" => f64::floor,
        "Ceil" => f64::ceil,
        "Reciprocal" => |x| 1.0 / x,
        other => return Err(ModelError::Operator(other.to_owned())),
    };
    let data = match &input.data {
        Data::Double(data) => Data::Double(data.iter().map(|x| of(*x)).collect()),
        Data::Int(data) if matches!(name, "Abs" | "Neg") => {
            Data::Int(data.iter().map(|x| of(*x as f64) as i64).collect())
        }
        _ => Data::Float(input.as_floats()?.iter().map(|x| of(f64::from(*x)) as f32).collect()),
    };
    Tensor::new(input.shape.clone(), data)
}

/// To another type.
pub(crate) fn cast(node: &Node, input: &Tensor) -> Result<Tensor, ModelError> {
    let to = i32::try_from(Attributes::of(node).int("to", 0)).unwrap_or(0);
    let read = |text: &String| text.trim().parse::<f64>().map_err(|_| shape(format!("`{text}` is no number")));
    let data = match (&input.data, to) {
        (Data::Text(texts), kind::FLOAT) => {
            Data::Float(texts.iter().map(|text| read(text).map(|x| x as f32)).collect::<Result<_, _>>()?)
        }
        (Data::Text(texts), kind::INT64) => {
            Data::Int(texts.iter().map(|text| read(text).map(|x| x as i64)).collect::<Result<_, _>>()?)
        }
        (_, kind::FLOAT) => Data::Float(input.as_floats()?),
        (_, kind::DOUBLE) => Data::Double(input.as_doubles()?),
        (_, kind::INT32 | kind::INT64) => Data::Int(input.as_ints()?),
        (_, kind::TRUTH) => Data::Int(input.as_doubles()?.iter().map(|x| i64::from(*x != 0.0)).collect()),
        (_, kind::TEXT) => Data::Text(input.as_texts()),
        (_, other) => return Err(ModelError::Type(other)),
    };
    Tensor::new(input.shape.clone(), data)
}

/// Matrix product of two matrices; a vector on the right is a column.
pub(crate) fn product(a: &Tensor, b: &Tensor) -> Result<Tensor, ModelError> {
    let (rows, inner) = a.rows();
    let (other, columns) = if b.shape.len() == 1 { (b.data.len(), 1) } else { b.rows() };
    if inner != other || a.shape.len() > 2 || b.shape.len() > 2 {
        return Err(shape(format!("a product of {:?} and {:?}", a.shape, b.shape)));
    }
    let (x, y) = (a.as_doubles()?, b.as_doubles()?);
    let double = matches!((&a.data, &b.data), (Data::Double(_), _) | (_, Data::Double(_)));
    let mut out = Vec::with_capacity(rows * columns);
    for row in x.chunks_exact(inner.max(1)) {
        let mut sums = vec![0.0; columns];
        for (x, weights) in row.iter().zip(y.chunks_exact(columns.max(1))) {
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += x * weight);
        }
        out.extend(sums);
    }
    let to = if b.shape.len() == 1 { vec![rows] } else { vec![rows, columns] };
    Tensor::new(to, if double { Data::Double(out) } else { Data::Float(out.iter().map(|x| *x as f32).collect()) })
}

/// alpha A B + beta C, with A and B transposed where asked.
pub(crate) fn gemm(node: &Node, a: &Tensor, b: &Tensor, c: Option<&Tensor>) -> Result<Tensor, ModelError> {
    let attributes = Attributes::of(node);
    let turned =
        |tensor: &Tensor, name: &str| if attributes.int(name, 0) == 0 { Ok(tensor.clone()) } else { transpose(tensor) };
    let scaled = |tensor: &Tensor, name: &str| {
        let by = Tensor::floats(vec![], vec![attributes.float(name, 1.0)])?;
        binary("Mul", tensor, &by)
    };
    let out = scaled(&product(&turned(a, "transA")?, &turned(b, "transB")?)?, "alpha")?;
    match c {
        Some(c) => binary("Add", &out, &scaled(c, "beta")?),
        None => Ok(out),
    }
}

/// A matrix turned over.
pub(crate) fn transpose(input: &Tensor) -> Result<Tensor, ModelError> {
    let (rows, columns) = input.rows();
    if input.shape.len() != 2 {
        return Err(shape(format!("a transpose of {:?}", input.shape)));
    }
    let places: Vec<usize> = (0..columns).flat_map(|column| (0..rows).map(move |row| row * columns + column)).collect();
    let data = input.data.pick(&places).ok_or_else(|| shape("an element outside"))?;
    Tensor::new(vec![columns, rows], data)
}

/// Outer size, the axis's size and inner size.
fn split(tensor: &Tensor, axis: usize) -> (usize, usize, usize) {
    let of = |sides: &[usize]| sides.iter().product::<usize>();
    let (before, rest) = tensor.shape.split_at(axis.min(tensor.shape.len()));
    (of(before), rest.first().copied().unwrap_or(1), of(rest.get(1..).unwrap_or(&[])))
}

/// Tensors one behind the other along an axis.
pub(crate) fn concat(node: &Node, inputs: &[&Tensor]) -> Result<Tensor, ModelError> {
    let first = inputs.first().ok_or_else(|| shape("nothing to join"))?;
    let axis = first.axis(Attributes::of(node).int("axis", 1))?;
    let (outer, ..) = split(first, axis);
    let (mut places, mut before, mut sum) = (Vec::new(), 0, 0);
    let mut blocks = Vec::new();
    for tensor in inputs {
        let (rows, size, inner) = split(tensor, axis);
        if rows != outer || tensor.shape.len() != first.shape.len() {
            return Err(shape(format!("{:?} beside {:?}", tensor.shape, first.shape)));
        }
        blocks.push((before, size * inner));
        before += tensor.data.len();
        sum += size;
    }
    for row in 0..outer {
        blocks.iter().for_each(|(start, width)| places.extend((0..*width).map(|at| start + row * width + at)));
    }
    let joined = if inputs.iter().any(|tensor| matches!(tensor.data, Data::Text(_))) {
        Data::Text(inputs.iter().flat_map(|tensor| tensor.as_texts()).collect())
    } else if inputs.iter().all(|tensor| matches!(tensor.data, Data::Int(_))) {
        Data::Int(each(inputs, Tensor::as_ints)?)
    } else if inputs.iter().any(|tensor| matches!(tensor.data, Data::Double(_))) {
        Data::Double(each(inputs, Tensor::as_doubles)?)
    } else {
        Data::Float(each(inputs, Tensor::as_floats)?)
    };
    let mut to = first.shape.clone();
    if let Some(side) = to.get_mut(axis) {
        *side = sum;
    }
    Tensor::new(to, joined.pick(&places).ok_or_else(|| shape("an element outside"))?)
}

fn each<T>(inputs: &[&Tensor], of: impl Fn(&Tensor) -> Result<Vec<T>, ModelError>) -> Result<Vec<T>, ModelError> {
    let parts: Vec<Vec<T>> = inputs.iter().map(|tensor| of(tensor)).collect::<Result<_, _>>()?;
    Ok(parts.into_iter().flatten().collect())
}

/// Elements along an axis by number.
pub(crate) fn gather(node: &Node, input: &Tensor, indices: &Tensor) -> Result<Tensor, ModelError> {
    let axis = input.axis(Attributes::of(node).int("axis", 0))?;
    let (outer, size, inner) = split(input, axis);
    let mut places = Vec::new();
    let wanted = indices.as_ints()?;
    for block in 0..outer {
        for index in &wanted {
            let at = if *index < 0 { index + size as i64 } else { *index };
            let at =
                usize::try_from(at).ok().filter(|at| *at < size).ok_or_else(|| shape(format!("no element {index}")))?;
            places.extend((0..inner).map(|element| (block * size + at) * inner + element));
        }
    }
    let to =
        input.shape.iter().take(axis).chain(&indices.shape).chain(input.shape.iter().skip(axis + 1)).copied().collect();
    Tensor::new(to, input.data.pick(&places).ok_or_else(|| shape("an element outside"))?)
}

/// The same elements in another shape.
pub(crate) fn reshape(input: &Tensor, to: &[i64]) -> Result<Tensor, ModelError> {
    let size = input.data.len();
    let kept =
        |(at, side): (usize, &i64)| if *side == 0 { input.shape.get(at).copied().unwrap_or(0) as i64 } else { *side };
    let sides: Vec<i64> = to.iter().enumerate().map(kept).collect();
    let known: usize = sides.iter().filter_map(|side| usize::try_from(*side).ok()).product();
    let filled = |side: &i64| usize::try_from(*side).unwrap_or(size / known.max(1));
    Tensor::new(sides.iter().map(filled).collect(), input.data.clone())
}

/// The place of the largest along an axis.
pub(crate) fn arg_max(node: &Node, input: &Tensor) -> Result<Tensor, ModelError> {
    let attributes = Attributes::of(node);
    let axis = input.axis(attributes.int("axis", 0))?;
    let (outer, size, inner) = split(input, axis);
    let data = input.as_doubles()?;
    let last = attributes.int("select_last_index", 0) != 0;
    let at = |block: usize, element: usize, place: usize| {
        data.get((block * size + place) * inner + element).copied().unwrap_or(f64::NAN)
    };
    let most = |block: usize, element: usize| {
        (1..size).fold(0, |best, place| {
            let (x, top) = (at(block, element, place), at(block, element, best));
            if x > top || (last && x == top) { place } else { best }
        })
    };
    let out = (0..outer)
        .flat_map(|block| (0..inner).map(move |element| (block, element)))
        .map(|(block, element)| most(block, element) as i64);
    Tensor::ints(reduced(input, axis, attributes.int("keepdims", 1) != 0), out.collect())
}

fn reduced(input: &Tensor, axis: usize, keep: bool) -> Vec<usize> {
    let side = |(at, side): (usize, &usize)| if at == axis { keep.then_some(1) } else { Some(*side) };
    input.shape.iter().enumerate().filter_map(side).collect()
}

/// Sums, means and the like along one axis, or over everything.
pub(crate) fn reduce(node: &Node, input: &Tensor, axes: Option<Vec<i64>>) -> Result<Tensor, ModelError> {
    let attributes = Attributes::of(node);
    let keep = attributes.int("keepdims", 1) != 0;
    let axes = axes.unwrap_or_else(|| attributes.ints("axes"));
    let flat = Tensor { shape: vec![input.data.len()], data: input.data.clone() };
    let (tensor, axis, to) = match axes.as_slice() {
        [] => (&flat, 0, if keep { vec![1; input.shape.len()] } else { vec![] }),
        [axis] => (input, input.axis(*axis)?, reduced(input, input.axis(*axis)?, keep)),
        more => return Err(ModelError::Operator(format!("{} over {} axes", node.op_type, more.len()))),
    };
    let (outer, size, inner) = split(tensor, axis);
    let data = tensor.as_doubles()?;
    let mut out = Vec::with_capacity(outer * inner);
    for block in 0..outer {
        for element in 0..inner {
            let values = || (0..size).filter_map(|place| data.get((block * size + place) * inner + element).copied());
            let top = values().fold(f64::NEG_INFINITY, f64::max);
            out.push(match node.op_type.as_str() {
                "ReduceSum" => values().sum(),
                "ReduceMean" => values().sum::<f64>() / size.max(1) as f64,
                "ReduceMax" => top,
                "ReduceMin" => values().fold(f64::INFINITY, f64::min),
                "ReduceSumSquare" => values().map(|x| x * x).sum(),
                "ReduceLogSumExp" => top + values().map(|x| (x - top).exp()).sum::<f64>().ln(),
                other => return Err(ModelError::Operator(other.to_owned())),
            });
        }
    }
    Tensor::new(
        to,
        match &input.data {
            Data::Int(_) => Data::Int(out.iter().map(|x| *x as i64).collect()),
            Data::Double(_) => Data::Double(out),
            _ => Data::Float(out.iter().map(|x| *x as f32).collect()),
        },
    )
}

/// Along an axis: exponentials as shares of their sum.
pub(crate) fn softmax(node: &Node, input: &Tensor) -> Result<Tensor, ModelError> {
    let axis = input.axis(Attributes::of(node).int("axis", -1))?;
    let (_, size, inner) = split(input, axis);
    if inner != 1 {
        return Err(ModelError::Operator("Softmax along an inner axis".to_owned()));
    }
    let mut data = input.as_floats()?;
    data.chunks_exact_mut(size.max(1)).for_each(|row| crate::scores::Post::Softmax.apply(row));
    Tensor::floats(input.shape.clone(), data)
}

/// The second where the first holds, and the third elsewhere.
pub(crate) fn choose(holds: &Tensor, yes: &Tensor, no: &Tensor) -> Result<Tensor, ModelError> {
    let to = broadcast(&broadcast(&holds.shape, &yes.shape)?, &no.shape)?;
    let [holds, yes, no] = [holds, yes, no]
        .map(|tensor| places(&tensor.shape, &to).into_iter().zip(std::iter::repeat(tensor)).collect::<Vec<_>>());
    let truth = holds.first().map_or_else(|| Ok(Vec::new()), |(_, tensor)| tensor.as_ints())?;
    let (a, b) = (yes.first().map(|(_, tensor)| *tensor), no.first().map(|(_, tensor)| *tensor));
    let (Some(a), Some(b)) = (a, b) else { return Tensor::ints(to, Vec::new()) };
    let flat = |tensor: &Tensor| Tensor { shape: vec![tensor.data.len()], data: tensor.data.clone() };
    let both = concat(
        &Node {
            attribute: vec![crate::proto::Attribute { name: "axis".to_owned(), ..Default::default() }],
            ..Default::default()
        },
        &[&flat(a), &flat(b)],
    )?;
    let pick = holds.iter().zip(&yes).zip(&no).map(|(((at, _), (yes, _)), (no, _))| {
        if truth.get(*at).copied().unwrap_or(0) != 0 { *yes } else { a.data.len() + no }
    });
    let pick: Vec<usize> = pick.collect();
    Tensor::new(to, both.data.pick(&pick).ok_or_else(|| shape("an element outside"))?)
}
