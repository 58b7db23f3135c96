//! Modules and units: the tree of what `grammar/module.pest` reads.

use pest::iterators::Pair;

use super::build::{Builder, next_part, parts};
use super::grammar::Rule;
use super::tree::{Module, Statement, Unit};

impl Builder<'_> {
    /// All top-level modules of a file.
    pub(super) fn file(&mut self, pair: Pair<'_, Rule>) -> Vec<Module> {
        parts(pair).filter(|p| p.as_rule() == Rule::module).map(|p| self.module(p)).collect()
    }

    fn module(&mut self, pair: Pair<'_, Rule>) -> Module {
        let span = self.span(&pair);
        let mut inner = parts(pair).peekable();
        let name = self.name(&next_part(&mut inner));
        let extends = inner.next_if(|p| p.as_rule() == Rule::extends).map_or_else(Vec::new, |p| self.names(p));
        let units = inner.map(|p| self.unit(p)).collect();
        Module { name, extends, units, span }
    }

    fn unit(&mut self, pair: Pair<'_, Rule>) -> Unit {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::separator => Unit::Separator(span),
            Rule::use_or_hide => Unit::UseOrHide(span),
            Rule::constants => Unit::Constants(self.declarations(pair)),
            Rule::variables => Unit::Variables(self.names(pair)),
            Rule::assumption => self.assumption(pair),
            Rule::theorem => self.theorem(pair),
            Rule::module => Unit::Module(self.module(pair)),
            Rule::local_unit => {
                let definition = next_part(&mut parts(pair));
                self.definition_or_instance(definition, Some(span))
            }
            _ => self.definition_or_instance(pair, None),
        }
    }

    fn assumption(&mut self, pair: Pair<'_, Rule>) -> Unit {
        let span = self.span(&pair);
        let mut inner = parts(pair).peekable();
        let name = inner.next_if(|p| p.as_rule() == Rule::name).map(|p| self.name(&p));
        let body = self.expression(next_part(&mut inner));
        Unit::Assume { name, body, span }
    }

    fn theorem(&mut self, pair: Pair<'_, Rule>) -> Unit {
        let span = self.span(&pair);
        let mut inner = parts(pair).peekable();
        let name = inner.next_if(|p| p.as_rule() == Rule::name).map(|p| self.name(&p));
        let claim = next_part(&mut inner);
        let statement = match claim.as_rule() {
            Rule::assume_prove => Statement::AssumeProve(self.span(&claim)),
            _ => Statement::Formula(self.expression(claim)),
        };
        Unit::Theorem { name, statement, span }
    }
}
