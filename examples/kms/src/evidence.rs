//! What a set of signed things proves. Whoever brought them need not be trusted: proposals are found by their digest,
//! and approvals that their operator has not signed are left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::design;
use crate::digest::Digest;
use crate::identity::{Machine, PublicKey};
use crate::token::{Approval, Envelope, Malformed, Proposal, Record};

/// Why a token does not count.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unproven {
    /// It, or one of its ancestors, was not shown.
    #[error("the token {0:?} is not at hand")]
    Missing(Digest),
    /// Its version is not its parent's plus one.
    #[error("the token {0:?} miscounts its ancestors")]
    Miscounted(Digest),
    /// Too few operators have signed.
    #[error("the token {token:?} has {found} of {quorum} approvals")]
    NotApproved {
        /// Which one.
        token: Digest,
        /// Approvals by operators that count.
        found: u32,
        /// How many it needs.
        quorum: u32,
    },
    /// It was proposed by a machine that was no member.
    #[error("the token {token:?} is signed by {author}, which was no member")]
    Author {
        /// Which one.
        token: Digest,
        /// Who signed it.
        author: String,
    },
    /// It does not descend from that token.
    #[error("the token {token:?} does not descend from {base:?}")]
    NotDescendant {
        /// Which one.
        token: Digest,
        /// From where it should.
        base: Digest,
    },
}

/// Signed things.
#[derive(Clone, Default, Debug)]
pub struct Evidence {
    proposals: BTreeMap<Digest, Proposal>,
    approvals: BTreeMap<Digest, BTreeMap<PublicKey, Approval>>,
    envelopes: BTreeMap<Digest, Vec<Envelope>>,
}

impl Evidence {
    /// Adds what was brought; true if it is new.
    ///
    /// # Errors
    /// When it is not what it says it is; it is left out.
    pub fn add(&mut self, record: Record) -> Result<bool, Malformed> {
        match record {
            Record::Proposal(bytes) => {
                let is_known = self.proposals.contains_key(&Proposal::id_of(&bytes));
                if !is_known {
                    let proposal = Proposal::read(&bytes)?;
                    self.proposals.insert(proposal.id(), proposal);
                }
                Ok(!is_known)
            }
            Record::Approval(approval) => {
                let of_token = self.approvals.entry(approval.proposal).or_default();
                // Signatures take time: those that were seen are not looked at again.
                let is_known = of_token.get(&approval.operator) == Some(&approval);
                if !is_known && !approval.is_signed() {
                    return Err(Malformed::Signature(format!("{:?}", approval.operator)));
                }
                of_token.insert(approval.operator, approval);
                Ok(!is_known)
            }
            Record::Envelope(envelope) => {
                let of_token = self.envelopes.entry(envelope.token).or_default();
                let is_known = of_token.contains(&envelope);
                if !is_known {
                    of_token.push(envelope);
                }
                Ok(!is_known)
            }
        }
    }

    /// Adds what was brought, but for what is malformed: anybody may have put it among the others. True if any of it
    /// is new.
    pub fn extend(&mut self, records: impl IntoIterator<Item = Record>) -> bool {
        let mut has_new = false;
        for record in records {
            has_new |= self.add(record).unwrap_or(false);
        }
        has_new
    }

    /// All of it, to be carried.
    pub fn records(&self) -> Vec<Record> {
        let proposals = self.proposals.values().map(|proposal| Record::Proposal(proposal.bytes().to_vec()));
        let approvals = self.approvals.values().flat_map(BTreeMap::values).cloned().map(Record::Approval);
        let envelopes = self.envelopes.values().flatten().cloned().map(Record::Envelope);
        proposals.chain(approvals).chain(envelopes).collect()
    }

    /// All proposals.
    pub fn proposals(&self) -> impl Iterator<Item = &Proposal> {
        self.proposals.values()
    }

    /// The proposal with this digest.
    ///
    /// # Errors
    /// When it was not shown.
    pub fn proposal(&self, id: Digest) -> Result<&Proposal, Unproven> {
        self.proposals.get(&id).ok_or(Unproven::Missing(id))
    }

    /// Operators that have signed this digest, whoever they are.
    pub fn signers(&self, id: Digest) -> impl Iterator<Item = PublicKey> {
        self.approvals.get(&id).into_iter().flat_map(|approvals| approvals.keys().copied())
    }

    /// Envelopes of this token.
    pub fn envelopes(&self, id: Digest) -> &[Envelope] {
        self.envelopes.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The token's parent.
    ///
    /// # Errors
    /// When it has none, was not shown, or the token miscounts.
    pub fn parent(&self, token: &Proposal) -> Result<&Proposal, Unproven> {
        let parent = self.proposal(token.body().parent.ok_or(Unproven::Missing(token.id()))?)?;
        let is_next = parent.body().version.checked_add(1) == Some(token.body().version);
        if is_next { Ok(parent) } else { Err(Unproven::Miscounted(token.id())) }
    }

    /// The token and its ancestors, down to the founding. It ends: a digest cannot be among what it is of.
    ///
    /// # Errors
    /// When one was not shown.
    pub fn lineage(&self, id: Digest) -> Result<Vec<&Proposal>, Unproven> {
        let mut lineage = vec![self.proposal(id)?];
        while let Some(token) = lineage.last().filter(|token| token.body().parent.is_some()) {
            let parent = self.parent(token)?;
            lineage.push(parent);
        }
        Ok(lineage)
    }

    /// `Approved`: a quorum of the rule of this token has signed that digest.
    ///
    /// # Errors
    /// When too few have.
    pub fn approved_by(&self, rule: &Proposal, id: Digest) -> Result<(), Unproven> {
        let operators: BTreeSet<_> = rule.body().operators.values().copied().collect();
        let found = self.signers(id).filter(|operator| operators.contains(operator)).count();
        let (found, quorum) = (u32::try_from(found).unwrap_or(u32::MAX), rule.body().quorum);
        if found >= quorum { Ok(()) } else { Err(Unproven::NotApproved { token: id, found, quorum }) }
    }

    /// `Authorised`: every step from the founding has the approval of a quorum of those who were operators then.
    ///
    /// # Errors
    /// When it has not.
    pub fn authorised(&self, id: Digest, founding: Digest) -> Result<(), Unproven> {
        let lineage = self.lineage(id)?;
        if lineage.last().is_none_or(|first| first.id() != founding) {
            return Err(Unproven::NotDescendant { token: id, base: founding });
        }
        lineage.iter().zip(lineage.iter().skip(1)).try_for_each(|(token, parent)| self.approved_by(parent, token.id()))
    }

    /// The author of this proposal was a member of the parent.
    ///
    /// # Errors
    /// When it was not.
    pub fn author_is_member(&self, token: &Proposal) -> Result<(), Unproven> {
        let parent = self.parent(token)?;
        match &token.body().author {
            Some(author) if parent.has_member(author) || !design::CHECKS_AUTHOR => Ok(()),
            author => Err(Unproven::Author {
                token: token.id(),
                author: author.as_ref().map_or("nobody".to_owned(), |author| author.name.clone()),
            }),
        }
    }

    /// `Verified`: what a host asks of every step.
    fn verified(&self, token: &Proposal) -> Result<(), Unproven> {
        let parent = self.parent(token)?;
        let rule = if design::ASKS_PARENTS_OPERATORS { parent } else { token };
        if design::COUNTS_APPROVALS {
            self.approved_by(rule, token.id())?;
        }
        self.author_is_member(token)
    }

    /// `DescendsVerified`: the token is that one, or descends from it by verified steps.
    ///
    /// # Errors
    /// When it does not.
    pub fn descends_verified(&self, id: Digest, base: Digest) -> Result<(), Unproven> {
        let lineage = self.lineage(id)?;
        let Some(steps) = lineage.iter().position(|token| token.id() == base) else {
            return Err(Unproven::NotDescendant { token: id, base });
        };
        lineage[..steps].iter().try_for_each(|token| self.verified(token))
    }

    /// `WasMember`: the machine, or another that bore its name, was a member of the token or an ancestor.
    ///
    /// # Errors
    /// When an ancestor was not shown.
    pub fn was_member(&self, machine: &Machine, id: Digest) -> Result<bool, Unproven> {
        Ok(self.lineage(id)?.iter().any(|token| token.body().members.contains_key(&machine.name)))
    }
}
