//! The structural hash: of what a value is, not of ids, symbol numbers, threads or runs.

use super::Value;
use super::lazy::Shape;
use super::order::equal_listed;
use super::universe::Universe;

const BOOL: u64 = 0x9ae1_6a3b_2f90_404f;
const INT: u64 = 0xc3a5_c85c_97cb_3127;
const STRING: u64 = 0xb492_b66f_be98_f273;
const MODEL: u64 = 0x9e37_79b9_7f4a_7c15;
const TUPLE: u64 = 0xd6e8_feb8_6659_fd93;
const RECORD: u64 = 0xa076_1d64_78bd_642f;
const FUNCTION: u64 = 0xe703_7ed1_a0b4_28db;
const SET: u64 = 0x8ebc_6af0_9c88_c6e3;

/// Mixes two words: a 128-bit product folded.
#[inline(always)]
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0x2d35_8dcc_aa6c_78a5) * u128::from(b ^ 0x8bb8_4b93_962e_acc9);
    (product as u64) ^ ((product >> 64) as u64)
}

/// Hash of a text.
pub(super) fn text_hash(text: &str) -> u64 {
    let mut hash = text.len() as u64;
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0_u8; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = mix(hash, u64::from_le_bytes(word));
    }
    hash
}

/// Hash of a value that is to be found again: of listed values and of intervals. What was listed before counts
/// as listed.
pub fn key_hash(value: &Value) -> Option<u64> {
    if let Value::Lazy(lazy) = value
        && let Shape::Interval(low, high) = lazy.shape()
    {
        return Some(mix(*low as u64 ^ SET, *high as u64));
    }
    hash_listed(value)
}

/// True if two values with the same [`key_hash`] are equal.
pub fn same_key(a: &Value, b: &Value) -> bool {
    if let (Value::Lazy(x), Value::Lazy(y)) = (a, b)
        && let (Shape::Interval(low, high), Shape::Interval(least, most)) = (x.shape(), y.shape())
    {
        return low == least && high == most;
    }
    equal_listed(a, b) == Ok(true)
}

/// Hash of a value with nothing lazy in it; `None` for others. Structural: the same in every universe and run.
#[inline]
pub fn hash_listed(value: &Value) -> Option<u64> {
    Some(match value {
        Value::Int(number) => mix(INT, *number as u64),
        Value::Bool(truth) => mix(BOOL, u64::from(*truth)),
        Value::String(symbol) => mix(STRING, Universe::current().symbol_hash(*symbol)),
        Value::Model(model) => mix(MODEL, Universe::current().symbol_hash(model.symbol)),
        Value::Tuple(tuple) => match tuple.hash() {
            Some(hash) => hash,
            None => tuple.keep_hash(tuple_hash(tuple.items())?),
        },
        Value::Set(set) => match set.hash() {
            Some(hash) => hash,
            None => set.keep_hash(set_hash(set.elements())?),
        },
        Value::Record(record) => match record.hash() {
            Some(hash) => hash,
            None => record.keep_hash(record_hash(record.names(), record.values())?),
        },
        Value::Function(function) => match function.hash() {
            Some(hash) => hash,
            None => function.keep_hash(function_hash(function.domain(), function.values())?),
        },
        Value::Lazy(lazy) => hash_listed(lazy.known()?)?,
        Value::Operator(_) => return None,
    })
}

pub(super) fn tuple_hash(items: &[Value]) -> Option<u64> {
    let mut hash = mix(TUPLE, items.len() as u64);
    for item in items {
        hash = mix(hash, hash_listed(item)?);
    }
    Some(hash)
}

/// Commutative: the order of elements depends on symbol numbers.
pub(super) fn set_hash(elements: &[Value]) -> Option<u64> {
    let mut sum = 0_u64;
    for element in elements {
        sum = sum.wrapping_add(mix(SET, hash_listed(element)?));
    }
    Some(mix(sum, SET ^ elements.len() as u64))
}

/// Commutative, as the order of fields is.
pub(super) fn record_hash(names: &[crate::resolve::spec::Symbol], values: &[Value]) -> Option<u64> {
    let universe = Universe::current();
    let mut sum = 0_u64;
    for (name, value) in names.iter().zip(values) {
        sum = sum.wrapping_add(mix(universe.symbol_hash(*name), hash_listed(value)?));
    }
    Some(mix(sum, RECORD ^ names.len() as u64))
}

/// Commutative, as the order of the domain is.
pub(super) fn function_hash(domain: &[Value], values: &[Value]) -> Option<u64> {
    let mut sum = 0_u64;
    for (argument, value) in domain.iter().zip(values) {
        sum = sum.wrapping_add(mix(hash_listed(argument)?, hash_listed(value)?));
    }
    Some(mix(sum, FUNCTION ^ domain.len() as u64))
}
