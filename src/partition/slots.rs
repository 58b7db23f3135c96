//! States as rows: which variable has which slots, and the dictionary of each slot.
//!
//! A variable that is a function with the same domain in every initial state has a slot for each
//! element, recursively; any other variable has one. Should such a function ever have another domain, its
//! first slot holds the whole value and the others nothing: every value has exactly one encoding, so
//! nothing needs to be proved in advance.
//!
//! A dictionary gives the values seen in a slot dense ids, in the order in which they are first met; it
//! is shared by all workers behind a lock, and each worker keeps what it has looked up.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::resolve::spec::Symbol;
use crate::value::machine::Machine;
use crate::value::{self, Universe, Value, ValueId};

use crate::eval::Members;

use super::atoms::AtomSet;
use super::uses::Paths;

/// How a variable is laid out.
#[derive(Clone, Debug)]
pub enum Shape {
    /// One slot.
    Whole,
    /// A set that is kept by its elements.
    Atoms {
        /// Which one: see [`Slots::atoms`].
        set: usize,
        /// Slots in all.
        slots: usize,
    },
    /// One part for each element of the domain.
    Split {
        /// The domain.
        domain: Domain,
        /// Layout of each element.
        parts: Vec<Shape>,
        /// Where the slots of each begin, counted from those of all.
        offsets: Vec<usize>,
        /// Slots in all.
        slots: usize,
    },
}

/// The domain that a split function has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Domain {
    /// `1..n`.
    Tuple(usize),
    /// Field names.
    Record(Vec<Symbol>),
    /// Anything else, sorted.
    Function(Vec<ValueId>),
}

impl Domain {
    /// Where an index leads to, if it is in the domain.
    pub(super) fn position(&self, index: &Value) -> Option<usize> {
        match (self, index) {
            (Domain::Tuple(len), Value::Int(i)) => usize::try_from(*i - 1).ok().filter(|i| i < len),
            (Domain::Record(names), Value::String(name)) => names.iter().position(|n| n == name),
            (Domain::Function(ids), index) => match index.interned_id() {
                Some(id) => ids.iter().position(|known| *known == id),
                None => Universe::current().place(ids, index),
            },
            _ => None,
        }
    }

    /// The domain itself.
    pub(super) fn value(&self, m: &mut dyn Machine, universe: &'static Universe) -> Option<Value> {
        let elements = match self {
            Domain::Tuple(len) => (1..=*len as i64).map(Value::Int).collect(),
            Domain::Record(names) => names.iter().map(|name| Value::String(*name)).collect(),
            Domain::Function(ids) => ids.iter().map(|id| universe.value(*id)).collect(),
        };
        value::normalize(m, &Value::set_literal(elements)).ok()
    }

    fn len(&self) -> usize {
        match self {
            Domain::Tuple(len) => *len,
            Domain::Record(names) => names.len(),
            Domain::Function(elements) => elements.len(),
        }
    }

    /// The elements of a listed function if this is its domain.
    pub(super) fn elements_of<'v>(&self, value: &'v Value) -> Option<&'v [Value]> {
        match (self, value) {
            (Domain::Tuple(len), Value::Tuple(tuple)) => (tuple.items().len() == *len).then(|| tuple.items()),
            (Domain::Record(names), Value::Record(record)) => (record.names() == names).then(|| record.values()),
            (Domain::Function(ids), Value::Function(function)) => {
                let domain = function.domain();
                let same =
                    domain.len() == ids.len() && domain.iter().zip(ids).all(|(e, id)| e.interned_id() == Some(*id));
                same.then(|| function.values())
            }
            _ => None,
        }
    }
}

/// Slots of one variable at most: larger functions stay whole.
const SLOTS_MAX: usize = 256;
/// Atoms of a set that is kept by its elements.
const ATOMS: usize = 63;

impl Shape {
    /// Slots it takes.
    pub fn slots(&self) -> usize {
        match self {
            Shape::Whole => 1,
            Shape::Split { slots, .. } | Shape::Atoms { slots, .. } => *slots,
        }
    }

    /// True if sets in it are kept by their elements.
    pub(super) fn has_atoms(&self) -> bool {
        match self {
            Shape::Whole => false,
            Shape::Atoms { .. } => true,
            Shape::Split { parts, .. } => parts.iter().any(Shape::has_atoms),
        }
    }

    /// The layout that fits all of some interned values; with `atoms`, sets are kept by their elements.
    pub(super) fn of(values: &[Value], atoms: bool) -> Shape {
        let Some((first, others)) = values.split_first() else { return Shape::Whole };
        if atoms && values.iter().all(|v| matches!(v, Value::Set(set) if set.elements().len() <= ATOMS)) {
            return Shape::Atoms { set: 0, slots: 1 + ATOMS };
        }
        let Some((domain, elements)) = function(first) else { return Shape::Whole };
        if domain.len() == 0 || domain.len() > SLOTS_MAX {
            return Shape::Whole;
        }
        let mut columns: Vec<Vec<Value>> = elements.into_iter().map(|e| vec![e]).collect();
        for other in others {
            match function(other) {
                Some((other_domain, elements)) if other_domain == domain => {
                    columns.iter_mut().zip(elements).for_each(|(column, e)| column.push(e));
                }
                _ => return Shape::Whole,
            }
        }
        let parts: Vec<Shape> = columns.iter().map(|column| Shape::of(column, atoms)).collect();
        let slots: usize = parts.iter().map(Shape::slots).sum();
        if slots > SLOTS_MAX && atoms {
            return Shape::of(values, false);
        }
        if slots > SLOTS_MAX {
            let parts = vec![Shape::Whole; domain.len()];
            return Shape::split(domain, parts);
        }
        Shape::split(domain, parts)
    }

    fn split(domain: Domain, parts: Vec<Shape>) -> Shape {
        let mut slots = 0;
        let mut offsets = Vec::with_capacity(parts.len());
        for part in &parts {
            offsets.push(slots);
            slots += part.slots();
        }
        Shape::Split { domain, parts, offsets, slots }
    }
}

impl Shape {
    /// Numbers the sets that are kept by their elements.
    fn number_atoms(&mut self, start: usize, paths: &Paths, atoms: &mut Vec<AtomSet>) {
        match self {
            Shape::Whole => {}
            Shape::Atoms { set, slots } => {
                *set = atoms.len();
                atoms.push(AtomSet::new(start, *slots, paths.clone()));
            }
            Shape::Split { parts, .. } => {
                let mut start = start;
                for part in parts {
                    part.number_atoms(start, paths, atoms);
                    start += part.slots();
                }
            }
        }
    }
}

impl Shape {
    fn names(&self, universe: &'static Universe, prefix: &str, names: &mut Vec<String>) {
        match self {
            Shape::Whole => names.push(prefix.to_owned()),
            Shape::Atoms { slots, .. } => {
                names.push(format!("{prefix}{{rest}}"));
                names.extend((1..*slots).map(|class| format!("{prefix}{{{class}}}")));
            }
            Shape::Split { domain, parts, .. } => {
                for (place, part) in parts.iter().enumerate() {
                    let index = match domain {
                        Domain::Tuple(_) => format!("[{}]", place + 1),
                        Domain::Record(fields) => format!(".{}", universe.text(fields[place])),
                        Domain::Function(ids) => format!("[{}]", universe.value(ids[place]).display()),
                    };
                    part.names(universe, &format!("{prefix}{index}"), names);
                }
            }
        }
    }
}

/// Domain and elements of an interned function.
fn function(value: &Value) -> Option<(Domain, Vec<Value>)> {
    match value {
        Value::Tuple(tuple) => Some((Domain::Tuple(tuple.items().len()), tuple.items().to_vec())),
        Value::Record(record) => Some((Domain::Record(record.names().to_vec()), record.values().to_vec())),
        Value::Function(function) => {
            let domain = function.domain().iter().map(Value::interned_id).collect::<Option<_>>()?;
            Some((Domain::Function(domain), function.values().to_vec()))
        }
        _ => None,
    }
}

/// What a slot holds: an interned value, a whole variable in a slot meant for a part, or nothing because
/// a slot before it holds the whole.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Entry(u64);

impl Entry {
    /// Nothing: a slot before this one holds the whole value.
    pub const ABSENT: Entry = Entry(u64::MAX);

    /// The value of this slot.
    pub fn part(id: ValueId) -> Entry {
        Entry(u64::from(id.0))
    }

    /// A value that does not fit the layout of a part at this depth (0: the variable itself), in the
    /// first slot of the part.
    pub fn whole(id: ValueId, depth: u32) -> Entry {
        Entry(u64::from(id.0) | u64::from(depth + 1) << 32)
    }

    /// The value held, if any.
    pub fn value(self) -> Option<ValueId> {
        (self != Entry::ABSENT).then_some(ValueId(self.0 as u32))
    }

    /// Distinguishes parts from wholes of each depth.
    pub fn depth(self) -> u64 {
        self.0 >> 32
    }

    /// True for a value of this slot itself.
    #[inline]
    pub(super) fn is_part(self) -> bool {
        self.depth() == 0
    }

    /// True if the value stands for all slots of its part at this depth.
    pub fn is_whole(self, depth: u32) -> bool {
        self.0 >> 32 == u64::from(depth + 1)
    }
}

/// The values seen in one slot.
#[derive(Default)]
struct Dictionary {
    len: AtomicU32,
    entries: Mutex<Entries>,
}

impl Dictionary {
    fn add(&self, entry: Entry) -> u32 {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = entries.ids.get(&entry) {
            return *id;
        }
        let id = entries.list.len() as u32;
        entries.list.push(entry);
        entries.ids.insert(entry, id);
        self.len.store(id + 1, Ordering::Release);
        id
    }
}

#[derive(Default)]
struct Entries {
    ids: FxHashMap<Entry, u32>,
    list: Vec<Entry>,
}

/// The layout of all variables, with the dictionaries of their slots.
pub struct Slots {
    /// Layout of each variable.
    pub shapes: Vec<Shape>,
    /// First slot of each variable.
    pub starts: Vec<usize>,
    /// Slots in all.
    pub count: usize,
    dictionaries: Vec<Dictionary>,
    atoms: Vec<AtomSet>,
    /// Variables that once had a value which does not fit their layout.
    irregular: Vec<AtomicBool>,
    /// How often the meaning of slots has changed.
    epoch: AtomicU32,
    /// The level being expanded, and one more than that in which the epoch began; 0 for the first.
    level: AtomicU32,
    epoch_level: AtomicU32,
}

impl Slots {
    /// A layout; slots before the first variable's are `reserved` (for a view).
    /// Sets of a variable that are kept by their elements are told apart by its paths. `empty` is the empty set.
    pub(super) fn new(mut shapes: Vec<Shape>, paths: &[Paths], reserved: usize, empty: ValueId) -> Self {
        let mut starts = Vec::with_capacity(shapes.len());
        let mut count = reserved;
        let mut atoms = Vec::new();
        for (shape, paths) in shapes.iter_mut().zip(paths) {
            starts.push(count);
            shape.number_atoms(count, paths, &mut atoms);
            count += shape.slots();
        }
        let irregular = shapes.iter().map(|_| AtomicBool::new(false)).collect();
        let dictionaries: Vec<Dictionary> = (0..count).map(|_| Dictionary::default()).collect();
        // A slot that holds nothing has id 0.
        for set in &atoms {
            for dictionary in &dictionaries[set.start..set.start + set.slots] {
                dictionary.add(Entry::part(empty));
            }
        }
        Self {
            shapes,
            starts,
            count,
            dictionaries,
            atoms,
            irregular,
            epoch: AtomicU32::new(0),
            level: AtomicU32::new(0),
            epoch_level: AtomicU32::new(0),
        }
    }

    /// The slots of a variable.
    pub fn range(&self, variable: usize) -> std::ops::Range<usize> {
        self.starts[variable]..self.starts[variable] + self.shapes[variable].slots()
    }

    /// Notes that a variable had a value which does not fit its layout: its parts no longer stand alone.
    pub fn set_irregular(&self, variable: usize) {
        if !self.irregular[variable].swap(true, Ordering::AcqRel) {
            self.begin_epoch();
        }
    }

    /// What was concluded from states so far does not hold for those to come.
    pub fn begin_epoch(&self) {
        self.epoch_level.fetch_max(self.level.load(Ordering::Relaxed) + 1, Ordering::AcqRel);
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Notes the level being expanded.
    pub fn set_level(&self, level: u32) {
        self.level.store(level, Ordering::Relaxed);
    }

    /// True if the epoch is the same since the level before this one began to be expanded: what was concluded of its
    /// states was concluded in this epoch.
    pub fn is_settled(&self, level: u32) -> bool {
        self.epoch_level.load(Ordering::Acquire) < level
    }

    /// True if the variable's parts do not stand alone.
    pub fn is_irregular(&self, variable: usize) -> bool {
        self.irregular[variable].load(Ordering::Acquire)
    }

    /// The epoch: what was concluded from states of another one does not hold for those of this one.
    pub fn epoch(&self) -> u32 {
        self.epoch.load(Ordering::Acquire)
    }

    /// What each slot stands for, as a person would write it.
    pub(super) fn names<'n>(
        &self,
        universe: &'static Universe,
        variables: impl Iterator<Item = &'n str>,
    ) -> Vec<String> {
        let reserved = self.starts.first().copied().unwrap_or(self.count);
        let mut names = vec!["VIEW".to_owned(); reserved];
        for (shape, variable) in self.shapes.iter().zip(variables) {
            shape.names(universe, variable, &mut names);
        }
        names
    }

    /// The slots of each set that is kept by its elements, in order.
    pub(super) fn sets(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        self.atoms.iter().map(|set| set.start..set.start + set.slots)
    }

    /// Entries of a slot's dictionary.
    pub fn len(&self, slot: usize) -> u32 {
        self.dictionaries[slot].len.load(Ordering::Acquire)
    }

    fn add(&self, slot: usize, entry: Entry) -> u32 {
        self.dictionaries[slot].add(entry)
    }
}

/// A worker's copy of a set's places.
#[derive(Default)]
struct Places {
    slots: FxHashMap<ValueId, u32>,
    elements: Rc<Vec<(Value, u32)>>,
}

/// A worker's copy of the dictionaries, as far as it has looked things up.
pub struct Lookup {
    slots: Arc<Slots>,
    ids: Vec<HashMap<Entry, u32, rustc_hash::FxBuildHasher>>,
    lists: Vec<Vec<Entry>>,
    places: Vec<Places>,
    /// Slots that may hold something.
    live: Vec<bool>,
    epoch: u32,
}

impl Lookup {
    /// An empty copy.
    pub fn new(slots: Arc<Slots>) -> Self {
        let count = slots.count;
        let mut live = vec![true; count];
        for set in &slots.atoms {
            live[set.start + 1..set.start + set.slots].fill(false);
        }
        let places = slots.atoms.iter().map(|_| Places::default()).collect();
        Self { slots, ids: vec![HashMap::default(); count], lists: vec![Vec::new(); count], places, live, epoch: 0 }
    }

    /// The dense id of an entry.
    #[inline]
    pub fn id(&mut self, slot: usize, entry: Entry) -> u32 {
        if let Some(id) = self.ids[slot].get(&entry) {
            return *id;
        }
        let id = self.slots.add(slot, entry);
        self.ids[slot].insert(entry, id);
        id
    }

    /// The entry of a dense id.
    #[inline]
    pub fn entry(&mut self, slot: usize, id: u32) -> Entry {
        if let Some(entry) = self.lists[slot].get(id as usize) {
            return *entry;
        }
        let entries = self.slots.dictionaries[slot].entries.lock().unwrap_or_else(PoisonError::into_inner);
        let list = &mut self.lists[slot];
        list.extend_from_slice(&entries.list[list.len()..]);
        list[id as usize]
    }

    /// False if the slot is an atom's that has no elements yet: it is empty in every row of this epoch.
    pub fn is_live(&mut self, slot: usize) -> bool {
        self.refresh();
        self.live[slot]
    }

    /// The slot of an element of a set that is kept by its elements; a new one gets its place.
    pub fn enter(&mut self, universe: &'static Universe, set: usize, element: ValueId) -> u32 {
        self.refresh();
        if let Some(slot) = self.places[set].slots.get(&element) {
            return *slot;
        }
        let slots = &self.slots;
        let slot = slots.atoms[set].enter(universe, element, || slots.begin_epoch());
        self.refresh();
        slot
    }

    /// The slot where an element of a set is, if it is anywhere.
    pub fn place(&mut self, set: usize, element: ValueId) -> u32 {
        self.refresh();
        self.places[set].slots.get(&element).copied().unwrap_or(self.slots.atoms[set].rest())
    }

    /// All elements of a set that have a place, with their slots.
    pub fn members(&mut self, set: usize) -> Members {
        self.refresh();
        Members { set, elements: self.places[set].elements.clone(), rest: self.slots.atoms[set].rest() }
    }

    /// Takes over places that others have given since.
    #[inline]
    fn refresh(&mut self) {
        if self.epoch != self.slots.epoch() {
            self.refresh_now();
        }
    }

    fn refresh_now(&mut self) {
        self.epoch = self.slots.epoch();
        let universe = Universe::current();
        for (places, set) in self.places.iter_mut().zip(&self.slots.atoms) {
            let known = set.places();
            if known.len() == places.slots.len() {
                continue;
            }
            known.iter().for_each(|(_, slot)| self.live[*slot as usize] = true);
            places.elements = Rc::new(known.iter().map(|(id, slot)| (universe.value(*id), *slot)).collect());
            places.slots = known.into_iter().collect();
        }
    }
}
