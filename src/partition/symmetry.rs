//! SYMMETRY: the group that the declared permutations generate, and the least state of an orbit.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::diagnostic::Diagnostic;
use crate::eval::Evaluator;
use crate::resolve::spec::{Named, Symbol};
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{self, Universe, Value, ValueId};

/// Permutations at most; a larger group costs more than it saves.
const GROUP_MAX: usize = 1_000_000;

/// A permutation of model values, as the pairs it moves.
type Permutation = BTreeMap<Symbol, Symbol>;

/// The permutations of a model, without the identity.
pub struct Symmetry {
    permutations: Vec<Permutation>,
}

/// Images of values under permutations, as far as a worker has needed them.
#[derive(Default)]
pub struct Memo {
    images: HashMap<(ValueId, u32), ValueId, rustc_hash::FxBuildHasher>,
}

impl Symmetry {
    /// Evaluates the declared set of permutations and closes it under composition.
    ///
    /// # Errors
    /// When it is not a set of permutations of model values.
    pub fn new(evaluator: &mut Evaluator, named: &Named) -> std::result::Result<Self, Box<Diagnostic>> {
        let evaluated = Self::declared(evaluator, named);
        let generators = match evaluated {
            Ok(generators) => generators,
            Err(fault) => return Err(Box::new(super::formula::fault_diagnostic(&fault))),
        };
        let mut group: BTreeSet<Permutation> = BTreeSet::new();
        let mut waiting: Vec<Permutation> = vec![Permutation::new()];
        group.insert(Permutation::new());
        while let Some(permutation) = waiting.pop() {
            for generator in &generators {
                let product = compose(generator, &permutation);
                if group.insert(product.clone()) {
                    waiting.push(product);
                }
            }
            if group.len() > GROUP_MAX {
                let message = format!("the symmetry group of {} has more than {GROUP_MAX} permutations", named.name);
                return Err(Box::new(Diagnostic::error("symmetry", named.span, message)));
            }
        }
        group.remove(&Permutation::new());
        Ok(Self { permutations: group.into_iter().collect() })
    }

    fn declared(evaluator: &mut Evaluator, named: &Named) -> Result<Vec<Permutation>> {
        let set = evaluator.evaluate_definition(named.operator)?;
        let mut elements = value::elements(evaluator, &set)?;
        let mut permutations = Vec::new();
        while let Some(element) = elements.next(evaluator)? {
            permutations.push(permutation(evaluator, &element)?);
        }
        Ok(permutations)
    }

    /// True if there is nothing to permute.
    pub fn is_trivial(&self) -> bool {
        self.permutations.is_empty()
    }

    /// A warning if the symmetry does nothing.
    pub fn warning(&self, named: &Named) -> Option<Diagnostic> {
        self.is_trivial().then(|| {
            let message =
                format!("the symmetry {} permutes nothing: its sets have fewer than two elements", named.name);
            Diagnostic::warning("symmetry", named.span, message)
        })
    }

    /// The least state of the orbit, variable by variable in the structural order; `None` if it is this one.
    pub(super) fn least(
        &self,
        universe: &'static Universe,
        m: &mut dyn Machine,
        memo: &mut Memo,
        values: &[Value],
    ) -> Result<Option<Vec<Value>>> {
        let own: Vec<ValueId> = values.iter().map(|v| universe.intern(m, v)).collect::<Result<_>>()?;
        let mut best = own.clone();
        let mut image = Vec::with_capacity(own.len());
        for number in 0..self.permutations.len() {
            image.clear();
            let mut undecided = true;
            for (i, id) in own.iter().enumerate() {
                let permuted = self.image(universe, m, memo, *id, number)?;
                if undecided {
                    match universe.compare(permuted, best[i]) {
                        std::cmp::Ordering::Less => undecided = false,
                        std::cmp::Ordering::Greater => break,
                        std::cmp::Ordering::Equal => {}
                    }
                }
                image.push(permuted);
            }
            if !undecided && image.len() == own.len() {
                best.clone_from(&image);
            }
        }
        Ok((best != own).then(|| best.into_iter().map(|id| universe.value(id)).collect()))
    }

    fn image(
        &self,
        universe: &'static Universe,
        m: &mut dyn Machine,
        memo: &mut Memo,
        id: ValueId,
        number: usize,
    ) -> Result<ValueId> {
        if let Some(known) = memo.images.get(&(id, number as u32)) {
            return Ok(*known);
        }
        let permuted = permute(m, &self.permutations[number], &universe.value(id))?;
        let image = universe.intern(m, &permuted)?;
        memo.images.insert((id, number as u32), image);
        Ok(image)
    }
}

fn compose(after: &Permutation, before: &Permutation) -> Permutation {
    let mut product = Permutation::new();
    for symbol in before.keys().chain(after.keys()) {
        let middle = before.get(symbol).unwrap_or(symbol);
        let image = after.get(middle).unwrap_or(middle);
        if image != symbol {
            product.insert(*symbol, *image);
        }
    }
    product
}

fn permutation(m: &mut dyn Machine, value: &Value) -> Result<Permutation> {
    let not = |what: &Value| {
        Fault::new(FaultKind::Type, format!("SYMMETRY needs permutations of model values, but has {}", what.display()))
    };
    let Some((domain, range)) = value::function_pairs(m, value)? else { return Err(not(value)) };
    let mut pairs = Permutation::new();
    let mut images = BTreeSet::new();
    for (from, to) in domain.iter().zip(&range) {
        let (Value::Model(from), Value::Model(to)) = (from, to) else { return Err(not(value)) };
        images.insert(to.symbol);
        if from.symbol != to.symbol {
            pairs.insert(from.symbol, to.symbol);
        }
    }
    if images.len() == domain.len() && pairs.values().all(|to| pairs.contains_key(to)) {
        Ok(pairs)
    } else {
        Err(not(value))
    }
}

/// A listed value with model values replaced.
fn permute(m: &mut dyn Machine, permutation: &Permutation, value: &Value) -> Result<Value> {
    let all = |m: &mut dyn Machine, values: &[Value]| -> Result<Vec<Value>> {
        values.iter().map(|v| permute(m, permutation, v)).collect()
    };
    Ok(match value {
        Value::Model(model) => match permutation.get(&model.symbol) {
            Some(image) => Value::Model(value::ModelValue::new(*image, Universe::current().text(*image))),
            None => value.clone(),
        },
        Value::Tuple(tuple) => Value::tuple(all(m, tuple.items())?),
        Value::Record(record) => Value::record_of(record.shape(), all(m, record.values())?),
        Value::Function(function) => {
            let domain = all(m, function.domain())?;
            let values = all(m, function.values())?;
            Value::function(m, domain, values)?
        }
        Value::Set(set) => {
            let elements = all(m, set.elements())?;
            value::normalize(m, &Value::set_literal(elements))?
        }
        Value::Bool(_) | Value::Int(_) | Value::String(_) | Value::Lazy(_) | Value::Operator(_) => value.clone(),
    })
}
