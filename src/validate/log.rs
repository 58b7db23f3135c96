//! Logs as they are read: chains of events in the order of their nodes, merged by what happened before what.
//!
//! Without clocks a log's lines are in order: it is one chain, and events of different logs may come in any
//! order. With clocks each node is a chain. By vector clocks an event may be next as soon as all events it knows of have been
//! taken: every order that agrees with happens-before is allowed. Lamport times do not tell which events knew of
//! which: events come in the order of their times, those of equal time in any order.
//!
//! Only events not taken yet by every candidate are held, and [`Log::window`] more, among which those that
//! may be next are looked for. What this may have left out, [`Log::left_out`] says.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{BufRead, Read as _};
use std::rc::Rc;

use super::event::{Clock, Event, Reader};

/// Bytes of a line at most.
const LINE_BYTES_MAX: usize = 16 << 20;

/// How many events of each chain have been taken; chains not mentioned: none.
pub type Cut = Vec<u64>;

/// Opens a log again from its start; `None` for logs that can be read only once.
pub type Reopen = Box<dyn Fn() -> Option<Box<dyn BufRead>>>;

/// A log to be read.
pub struct Input {
    /// As the user wrote it.
    pub name: String,
    /// Its bytes.
    pub bytes: Box<dyn BufRead>,
    /// Opens it again.
    pub reopen: Reopen,
}

/// Why reading stops.
#[derive(Debug)]
pub enum Trouble {
    /// A line is wrong: which log, which line, why.
    Line(usize, u64, String),
    /// A log cannot be read.
    Unreadable(usize, String),
    /// A limit was reached.
    Limit(String),
}

/// An event that is held.
#[derive(Debug)]
pub struct Held {
    /// What its line says.
    pub event: Event,
    /// Its own node's count, or its time.
    tick: u64,
    /// How many events of other chains come before it.
    before: OnceCell<Box<[(usize, u64)]>>,
}

#[derive(Default)]
struct Chain {
    events: VecDeque<Rc<Held>>,
    /// Events that are held no more.
    first: u64,
    /// The tick of the last one read.
    last_tick: u64,
}

impl Chain {
    fn len(&self) -> u64 {
        self.first + self.events.len() as u64
    }

    fn at(&self, position: u64) -> Option<&Rc<Held>> {
        self.events.get(usize::try_from(position.checked_sub(self.first)?).ok()?)
    }

    /// Events held or taken whose tick is at most this.
    fn up_to(&self, tick: u64) -> u64 {
        self.first + self.events.partition_point(|e| e.tick <= tick) as u64
    }
}

/// How events are ordered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Lines,
    Lamport,
    Vector,
}

struct Source {
    name: String,
    bytes: Box<dyn BufRead>,
    reopen: Reopen,
    line: u64,
    ended: bool,
}

/// The logs of one run.
pub struct Log<'m> {
    sources: Vec<Source>,
    reader: Reader<'m>,
    order: Option<Order>,
    chains: Vec<Chain>,
    by_node: HashMap<String, usize>,
    /// Nodes that log anything, once that had to be found out.
    logging: Option<Option<HashSet<String>>>,
    /// The log to read next from.
    turn: usize,
    held: usize,
    held_max: usize,
    /// Lamport time of the last events that were next.
    time: u64,
    tied: bool,
    /// Events looked at beyond those that are needed.
    pub window: usize,
    /// Events read.
    pub read: u64,
}

impl<'m> Log<'m> {
    /// Logs that are read with `window` events of foresight; at most `held_max` events are held.
    pub fn new(inputs: Vec<Input>, reader: Reader<'m>, window: usize, held_max: usize) -> Self {
        let source = |i: Input| Source { name: i.name, bytes: i.bytes, reopen: i.reopen, line: 0, ended: false };
        Self {
            sources: inputs.into_iter().map(source).collect(),
            reader,
            order: None,
            chains: Vec::new(),
            by_node: HashMap::new(),
            logging: None,
            turn: 0,
            held: 0,
            held_max,
            time: 0,
            tied: false,
            window,
            read: 0,
        }
    }

    /// The name of a log.
    pub fn name(&self, file: usize) -> &str {
        self.sources.get(file).map_or("", |s| &s.name)
    }

    /// True once all logs have been read to their ends.
    pub fn ended(&self) -> bool {
        self.sources.iter().all(|s| s.ended)
    }

    /// Events that may be next after a cut, by chain. None: all have been taken.
    ///
    /// # Errors
    /// When a line is wrong, or a limit is reached.
    pub fn ready(&mut self, cut: &[u64]) -> Result<Vec<(usize, Rc<Held>)>, Trouble> {
        if self.order.is_none() {
            self.read_any()?;
        }
        match self.order {
            None => Ok(Vec::new()),
            Some(Order::Lines) => self.ready_by_line(cut),
            Some(Order::Lamport) => self.ready_by_time(cut),
            Some(Order::Vector) => self.ready_by_vector(cut),
        }
    }

    /// Lets go of events that every cut from now on has taken.
    pub fn forget(&mut self, least: &[u64]) {
        for (chain, taken) in self.chains.iter_mut().zip(least) {
            while chain.first < *taken && chain.events.pop_front().is_some() {
                chain.first += 1;
                self.held -= 1;
            }
        }
    }

    fn taken(cut: &[u64], chain: usize) -> u64 {
        cut.get(chain).copied().unwrap_or(0)
    }

    fn ready_by_line(&mut self, cut: &[u64]) -> Result<Vec<(usize, Rc<Held>)>, Trouble> {
        let mut ready = Vec::new();
        for file in 0..self.sources.len() {
            let position = Self::taken(cut, file);
            while self.chains[file].len() <= position && !self.sources[file].ended {
                self.read_from(file)?;
            }
            ready.extend(self.chains[file].at(position).map(|held| (file, Rc::clone(held))));
        }
        Ok(ready)
    }

    fn look_ahead(&mut self, cut: &[u64]) -> Result<(), Trouble> {
        let taken: u64 = cut.iter().sum();
        while self.read < taken + self.window.max(1) as u64 && !self.ended() {
            self.read_any()?;
        }
        Ok(())
    }

    fn next_of_chains(&self, cut: &[u64]) -> Vec<(usize, Rc<Held>)> {
        let next = |(i, chain): (usize, &Chain)| Some((i, Rc::clone(chain.at(Self::taken(cut, i))?)));
        self.chains.iter().enumerate().filter_map(next).collect()
    }

    fn ready_by_time(&mut self, cut: &[u64]) -> Result<Vec<(usize, Rc<Held>)>, Trouble> {
        self.look_ahead(cut)?;
        let mut next = self.next_of_chains(cut);
        let Some(time) = next.iter().map(|(_, held)| held.tick).min() else { return Ok(next) };
        next.retain(|(_, held)| held.tick == time);
        self.time = self.time.max(time);
        Ok(next)
    }

    fn ready_by_vector(&mut self, cut: &[u64]) -> Result<Vec<(usize, Rc<Held>)>, Trouble> {
        self.look_ahead(cut)?;
        let mut ready = Vec::new();
        let next = self.next_of_chains(cut);
        let some = next.first().cloned();
        for (chain, held) in next {
            let before = self.before(chain, &held)?;
            if before.iter().all(|(other, count)| Self::taken(cut, *other) >= *count) {
                ready.push((chain, held));
            }
        }
        match some {
            Some((_, held)) if ready.is_empty() => {
                let message = "no order of the events that are left agrees with their clocks".to_owned();
                Err(Trouble::Line(held.event.file, held.event.line, message))
            }
            _ => Ok(ready),
        }
    }

    /// How many events of other chains come before one.
    fn before(&mut self, own: usize, held: &Rc<Held>) -> Result<Box<[(usize, u64)]>, Trouble> {
        if let Some(known) = held.before.get() {
            return Ok(known.clone());
        }
        let Some(Clock::Vector(vector)) = &held.event.clock else { return Ok(Box::default()) };
        let mut before = Vec::new();
        for (node, tick) in vector.iter().filter(|(_, tick)| **tick > 0) {
            loop {
                let chain = self.by_node.get(node).copied();
                let known = chain.is_some_and(|c| c == own || self.chains[c].last_tick >= *tick);
                if known || self.ended() || (chain.is_none() && !self.logs(node)) {
                    break;
                }
                self.read_any()?;
            }
            if let Some(chain) = self.by_node.get(node).copied().filter(|c| *c != own) {
                before.push((chain, self.chains[chain].up_to(*tick)));
            }
        }
        Ok(held.before.get_or_init(|| before.into()).clone())
    }

    /// Whether a node has any line; true if that is not to be found out.
    fn logs(&mut self, node: &str) -> bool {
        if self.logging.is_none() {
            self.logging = Some(self.logging_nodes());
        }
        match &self.logging {
            Some(Some(nodes)) => nodes.contains(node),
            _ => true,
        }
    }

    fn logging_nodes(&mut self) -> Option<HashSet<String>> {
        let mut nodes = HashSet::new();
        for file in 0..self.sources.len() {
            let mut bytes = (self.sources[file].reopen)()?;
            let mut line = Vec::new();
            while let Ok(Some(())) = next_line(&mut *bytes, &mut line) {
                if let Ok(Some(event)) = self.reader.read(file, 0, &line) {
                    nodes.insert(event.node.unwrap_or_default());
                }
            }
        }
        Some(nodes)
    }

    /// Reads the next event of whichever log has its turn.
    fn read_any(&mut self) -> Result<(), Trouble> {
        for _ in 0..self.sources.len() {
            let file = self.turn % self.sources.len();
            self.turn += 1;
            if !self.sources[file].ended {
                return self.read_from(file);
            }
        }
        Ok(())
    }

    fn read_from(&mut self, file: usize) -> Result<(), Trouble> {
        if let Some(event) = self.next_event(file)? {
            self.hold(event)?;
        }
        Ok(())
    }

    fn next_event(&mut self, file: usize) -> Result<Option<Event>, Trouble> {
        let source = &mut self.sources[file];
        let mut line = Vec::new();
        loop {
            match next_line(&mut *source.bytes, &mut line) {
                Ok(Some(())) => source.line += 1,
                Ok(None) => {
                    source.ended = true;
                    return Ok(None);
                }
                Err(Unread::Io(error)) => return Err(Trouble::Unreadable(file, error)),
                Err(Unread::Long) => {
                    let message = format!("the line is longer than {} MiB", LINE_BYTES_MAX >> 20);
                    return Err(Trouble::Line(file, source.line + 1, message));
                }
            }
            let number = source.line;
            if line.trim_ascii().is_empty() {
                continue;
            }
            match self.reader.read(file, number, &line) {
                Ok(Some(event)) => return Ok(Some(event)),
                Ok(None) => {}
                Err(message) => return Err(Trouble::Line(file, number, message)),
            }
        }
    }

    fn hold(&mut self, event: Event) -> Result<(), Trouble> {
        let (file, line) = (event.file, event.line);
        let wrong = |message: String| Trouble::Line(file, line, message);
        let order = match &event.clock {
            None => Order::Lines,
            Some(Clock::Lamport(_)) => Order::Lamport,
            Some(Clock::Vector(_)) => Order::Vector,
        };
        if self.order.is_none() {
            self.order = Some(order);
            if order == Order::Lines {
                self.chains = self.sources.iter().map(|_| Chain::default()).collect();
            }
        }
        if self.order != Some(order) {
            return Err(wrong("all events must have the same kind of clock, or none".to_owned()));
        }
        let (chain, tick) = self.place(&event).map_err(wrong)?;
        if order == Order::Lamport && tick <= self.time {
            if tick < self.time {
                let late = format!("an event of time {} was taken before this one of time {tick}: ", self.time);
                return Err(Trouble::Limit(format!("{}:{line}: {late}enlarge --window", self.name(file))));
            }
            self.tied = true;
        }
        let chain = &mut self.chains[chain];
        chain.last_tick = tick;
        chain.events.push_back(Rc::new(Held { event, tick, before: OnceCell::new() }));
        self.held += 1;
        self.read += 1;
        if self.held > self.held_max {
            let held = self.held_max;
            return Err(Trouble::Limit(format!("more than {held} events wait for others that come before them")));
        }
        Ok(())
    }

    /// The chain of an event and its tick there.
    fn place(&mut self, event: &Event) -> Result<(usize, u64), String> {
        let Some(clock) = &event.clock else { return Ok((event.file, self.chains[event.file].len() + 1)) };
        let node = event.node.as_deref().unwrap_or_default();
        let tick = match clock {
            Clock::Lamport(time) => *time,
            Clock::Vector(vector) => {
                *vector.get(node).ok_or_else(|| format!("the clock has no entry for the event's own node `{node}`"))?
            }
        };
        let chain = *self.by_node.entry(node.to_owned()).or_insert_with(|| {
            self.chains.push(Chain::default());
            self.chains.len() - 1
        });
        let (last, first) = (self.chains[chain].last_tick, self.chains[chain].len() == 0);
        if tick <= last && !(first && tick == last) {
            return Err(format!("the clock of {node} goes from {last} to {tick}: it must grow with every event"));
        }
        Ok((chain, tick))
    }

    /// After no way on was found: whether events that were not read in time, or equal in time, may have been next.
    /// `most` is how far any candidate came on each chain.
    ///
    /// # Errors
    /// When a line is wrong.
    pub fn left_out(&mut self, most: &[u64]) -> Result<bool, Trouble> {
        match self.order {
            Some(Order::Vector) => {}
            Some(Order::Lamport) => return Ok(self.tied),
            _ => return Ok(false),
        }
        let mut seen = HashSet::new();
        for file in 0..self.sources.len() {
            while let Some(event) = self.next_event(file)? {
                let node = event.node.clone().unwrap_or_default();
                let waits = self.by_node.get(&node).is_some_and(|c| self.chains[*c].len() > Self::taken(most, *c));
                if seen.insert(node) && !waits && self.may_be_next(&event, most) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn may_be_next(&self, event: &Event, most: &[u64]) -> bool {
        let Some(Clock::Vector(vector)) = &event.clock else { return true };
        let others = vector.iter().filter(|(node, _)| event.node.as_deref().unwrap_or_default() != node.as_str());
        others.filter_map(|(node, tick)| Some((*self.by_node.get(node)?, *tick))).all(|(chain, tick)| {
            let known = self.chains[chain].up_to(tick);
            known <= Self::taken(most, chain)
        })
    }
}

enum Unread {
    Io(String),
    Long,
}

/// Reads a line without its end; `None` at the end of the log.
fn next_line(bytes: &mut dyn BufRead, line: &mut Vec<u8>) -> Result<Option<()>, Unread> {
    line.clear();
    let read = bytes.take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', line);
    match read.map_err(|error| Unread::Io(error.to_string()))? {
        0 => Ok(None),
        n if n > LINE_BYTES_MAX => Err(Unread::Long),
        _ => {
            while line.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
                line.pop();
            }
            Ok(Some(()))
        }
    }
}
