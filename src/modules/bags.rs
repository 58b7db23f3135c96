//! Bags and BagsExt: functions from elements to how often they occur.
//!
//! Counts wrap around silently as TLC's do, instead of faulting as arithmetic does.

use std::cmp::Ordering;

use super::argument::{Call, integer, listed};
use super::native::{Native, pure};
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{self, Value};

pub(super) static NATIVES: &[Native] = &[
    pure("Bags", "EmptyBag", 0, |_, _| Ok(Value::empty_tuple())),
    pure("Bags", "IsABag", 1, is_a_bag),
    pure("Bags", "BagToSet", 1, |machine, arguments| value::domain(machine, &arguments[0])),
    pure("Bags", "SetToBag", 1, set_to_bag),
    pure("Bags", "BagIn", 2, bag_in),
    pure("Bags", "CopiesIn", 2, copies_in),
    pure("Bags", "(+)", 2, add),
    pure("Bags", "(-)", 2, subtract),
    pure("Bags", "\\sqsubseteq", 2, is_sub_bag),
    pure("Bags", "BagUnion", 1, bag_union),
    pure("Bags", "SubBag", 1, sub_bag),
    pure("Bags", "BagOfAll", 2, bag_of_all),
    pure("Bags", "BagCardinality", 1, bag_cardinality),
    pure("BagsExt", "MapThenFoldBag", 5, map_then_fold_bag),
    pure("BagsExt", "FoldBag", 3, fold_bag),
    pure("BagsExt", "SumBag", 1, sum_bag),
    pure("BagsExt", "ProductBag", 1, product_bag),
];

/// Elements in order, each with its number of copies.
type Copies = Vec<(Value, i64)>;

/// The copies of a bag, or `None` if the value is no bag.
fn copies(machine: &mut dyn Machine, bag: &Value) -> Result<Option<Copies>> {
    if matches!(bag, Value::Bool(_) | Value::Int(_) | Value::String(_) | Value::Set(_)) {
        return Ok(None);
    }
    let Some((domain, values)) = value::function_pairs(machine, bag)? else {
        return Ok(None);
    };
    Ok(domain
        .into_iter()
        .zip(values)
        .map(|(element, count)| match count {
            Value::Int(count) => Some((element, count)),
            _ => None,
        })
        .collect())
}

fn bag_argument(machine: &mut dyn Machine, call: &Call<'_>, position: usize) -> Result<Copies> {
    copies(machine, call.value(position))?.ok_or_else(|| call.wrong(position, "a bag"))
}

fn bag(machine: &mut dyn Machine, copies: Copies) -> Result<Value> {
    let (domain, counts) = copies.into_iter().map(|(element, count)| (element, Value::Int(count))).unzip();
    Value::function(machine, domain, counts)
}

fn wrapped(machine: &dyn Machine, count: i64) -> i64 {
    if machine.int32() { i64::from(count as i32) } else { count }
}

fn is_a_bag(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let copies = copies(machine, &arguments[0])?;
    Ok(Value::Bool(copies.is_some_and(|copies| copies.iter().all(|(_, count)| *count > 0))))
}

fn set_to_bag(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let set = Call::new("SetToBag", arguments).set(machine, 0)?;
    let elements = set.elements().to_vec();
    let ones = vec![Value::Int(1); elements.len()];
    Value::function(machine, elements, ones)
}

fn bag_in(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let domain = value::domain(machine, &arguments[1])?;
    value::member(machine, &arguments[0], &domain).map(Value::Bool)
}

fn copies_in(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let domain = value::domain(machine, &arguments[1])?;
    if value::member(machine, &arguments[0], &domain)? {
        return value::apply(machine, &arguments[1], &arguments[0]);
    }
    Ok(Value::Int(0))
}

/// Walks both bags in order and keeps what `count` makes of the two numbers of copies.
fn merge(
    machine: &mut dyn Machine,
    left: Copies,
    right: Copies,
    count: impl Fn(i64, i64) -> Option<i64>,
) -> Result<Copies> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let mut left = left.into_iter().peekable();
    let mut right = right.into_iter().peekable();
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return Ok(merged),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => value::compare(machine, a, b)?,
        };
        let first = if order == Ordering::Greater { None } else { left.next() };
        let second = if order == Ordering::Less { None } else { right.next() };
        let copies =
            count(first.as_ref().map_or(0, |(_, count)| *count), second.as_ref().map_or(0, |(_, count)| *count));
        if let (Some(copies), Some((element, _))) = (copies, first.or(second)) {
            merged.push((element, copies));
        }
    }
}

fn add(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("(+)", arguments);
    let (left, right) = (bag_argument(machine, &call, 0)?, bag_argument(machine, &call, 1)?);
    let int32 = machine.int32();
    let sum = merge(machine, left, right, |a, b| {
        let sum = a.wrapping_add(b);
        Some(if int32 { i64::from(sum as i32) } else { sum })
    })?;
    bag(machine, sum)
}

fn subtract(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("(-)", arguments);
    let (left, right) = (bag_argument(machine, &call, 0)?, bag_argument(machine, &call, 1)?);
    let rest = merge(machine, left, right, |a, b| (a > b).then(|| a.wrapping_sub(b)))?;
    bag(machine, rest.into_iter().filter(|(_, count)| *count > 0).collect())
}

fn is_sub_bag(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("\\sqsubseteq", arguments);
    let (left, right) = (bag_argument(machine, &call, 0)?, bag_argument(machine, &call, 1)?);
    let excess = merge(machine, left, right, |a, b| (a > b).then_some(a))?;
    Ok(Value::Bool(excess.is_empty()))
}

fn bag_union(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let bags = Call::new("BagUnion", arguments).set(machine, 0)?;
    let [first, rest @ ..] = bags.elements() else {
        return Ok(Value::empty_tuple());
    };
    let mut union = first.clone();
    for bag in rest {
        union = add(machine, &[union, bag.clone()])?;
    }
    Ok(union)
}

fn sub_bag(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let whole = bag_argument(machine, &Call::new("SubBag", arguments), 0)?;
    let size = whole
        .iter()
        .fold(1u64, |size, (_, count)| size.saturating_mul(u64::try_from(*count).unwrap_or(0).saturating_add(1)));
    if size > machine.max_set_size() as u64 {
        return Err(Fault::new(
            FaultKind::TooLarge,
            format!("SubBag has {size} elements, more than the limit for one set."),
        ));
    }
    let mut parts: Vec<Copies> = vec![Vec::new()];
    for (element, count) in whole {
        let mut longer = Vec::with_capacity(parts.len());
        for part in parts {
            for copies in 1..=count {
                let mut with = part.clone();
                with.push((element.clone(), copies));
                longer.push(with);
            }
            longer.push(part);
        }
        parts = longer;
    }
    let mut bags = Vec::with_capacity(parts.len());
    for part in parts {
        bags.push(bag(machine, part)?);
    }
    listed(machine, bags)
}

fn bag_of_all(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("BagOfAll", arguments);
    let operator = call.operator(0)?;
    let whole = bag_argument(machine, &call, 1)?;
    let mut images: Copies = Vec::new();
    for (element, count) in whole {
        let image = operator.call(machine, &[element])?;
        let place = place_of(machine, &images, &image)?;
        match place {
            Ok(at) => images[at].1 = wrapped(machine, images[at].1.wrapping_add(count)),
            Err(at) => images.insert(at, (image, count)),
        }
    }
    bag(machine, images)
}

/// Where an element is, or where it belongs.
fn place_of(machine: &mut dyn Machine, copies: &Copies, element: &Value) -> Result<std::result::Result<usize, usize>> {
    let (mut low, mut high) = (0, copies.len());
    while low < high {
        let middle = low.midpoint(high);
        match value::compare(machine, &copies[middle].0, element)? {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Ok(Ok(middle)),
        }
    }
    Ok(Err(low))
}

fn bag_cardinality(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let whole = bag_argument(machine, &Call::new("BagCardinality", arguments), 0)?;
    let size = whole.iter().fold(0i64, |size, (_, count)| size.wrapping_add(*count));
    Ok(Value::Int(wrapped(machine, size)))
}

/// `op(… op(op(base, f(x)), f(x)) …, f(y))`: elements in order, each as often as it occurs.
fn map_then_fold_bag(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("MapThenFoldBag", arguments);
    let (combine, image) = (call.operator(0)?, call.operator(2)?);
    let mut folded = call.value(1).clone();
    for (element, count) in bag_argument(machine, &call, 4)? {
        let mapped = image.call(machine, &[element])?;
        for _ in 0..count {
            folded = combine.call(machine, &[folded, mapped.clone()])?;
        }
    }
    Ok(folded)
}

fn fold_bag(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("FoldBag", arguments);
    let combine = call.operator(0)?;
    let mut folded = call.value(1).clone();
    for (element, count) in bag_argument(machine, &call, 2)? {
        for _ in 0..count {
            folded = combine.call(machine, &[folded, element.clone()])?;
        }
    }
    Ok(folded)
}

fn numbers(machine: &mut dyn Machine, call: &Call<'_>) -> Result<Vec<(i64, i64)>> {
    let whole = bag_argument(machine, call, 0)?;
    whole
        .into_iter()
        .map(|(element, count)| match element {
            Value::Int(number) => Ok((number, count)),
            _ => Err(call.wrong(0, "a bag of integers")),
        })
        .collect()
}

fn sum_bag(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("SumBag", arguments);
    let sum = numbers(machine, &call)?
        .into_iter()
        .try_fold(0i64, |sum, (number, count)| sum.checked_add(number.checked_mul(count)?));
    integer(machine, sum, || format!("SumBag({})", call.value(0).display()))
}

fn product_bag(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("ProductBag", arguments);
    let product = numbers(machine, &call)?.into_iter().try_fold(1i64, |product, (number, count)| {
        product.checked_mul(number.checked_pow(u32::try_from(count).ok()?)?)
    });
    integer(machine, product, || format!("ProductBag({})", call.value(0).display()))
}
