//! What keys, signatures and files withstand, tried directly.

use std::collections::BTreeMap;
use std::fs;

use key_domain::adversary::{Adversary, Claims};
use key_domain::archive::Archive;
use key_domain::digest::Digest;
use key_domain::evidence::{Evidence, Unproven};
use key_domain::founding::{Unfounded, found};
use key_domain::host::{Change, Host, Received, Refusal};
use key_domain::identity::{Machine, Maker, PublicKey, Signer};
use key_domain::module::Module;
use key_domain::operator::{Objection, Operator, Policy};
use key_domain::seal::{Closed, Context, DomainKey, SealedBox};
use key_domain::token::{Approval, Envelope, Malformed, Proposal, Record};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use tempfile::TempDir;

/// Two hosts, two operators who both have to agree, nobody corrupt.
struct Small {
    folder: TempDir,
    rng: ChaCha20Rng,
    evidence: Evidence,
    founding: Digest,
    hosts: Vec<Host>,
    operators: Vec<Operator>,
}

fn small() -> Small {
    let (folder, mut rng) = (tempfile::tempdir().expect("a folder"), ChaCha20Rng::seed_from_u64(1));
    let maker = Maker::new(&mut rng);
    let made: Vec<_> = ["h1", "h2"].map(|name| maker.make(name, &mut rng)).into();
    let machines: Vec<Machine> = made.iter().map(|(_, machine)| machine.clone()).collect();
    let signers = ["o1", "o2"].map(|name| (name.to_owned(), Signer::generate(&mut rng)));
    let operators: BTreeMap<String, PublicKey> = signers.iter().map(|(name, s)| (name.clone(), s.public())).collect();
    let (token, envelope) = found(&machines, operators, 0, &mut rng).expect("a sound domain");
    let mut evidence = Evidence::default();
    assert!(evidence.extend([Record::Proposal(token.bytes().to_vec()), Record::Envelope(envelope)]));
    let module = |name: &str| Module::at(folder.path().join(name)).expect("a folder");
    let mut hosts = Vec::new();
    for (secrets, machine) in &made {
        let module = module(&machine.name);
        Host::make(&module, secrets, machine, token.id()).expect("it is made");
        let mut host = Host::boot(module).expect("it starts");
        assert_eq!(host.receive(token.id(), &evidence).expect("it is a member"), Received::Installed);
        hosts.push(host);
    }
    let policy = Policy { founding: token.id(), maker: maker.public(), corrupt_max: 0 };
    let operators = signers.into_iter().map(|(name, signer)| Operator::new(signer, policy.clone(), module(&name)));
    let operators = operators.collect();
    Small { folder, rng, evidence, founding: token.id(), hosts, operators }
}

impl Small {
    /// Proposes, approves and issues.
    fn change(&mut self, change: &Change) -> Digest {
        let (proposal, _) = self.hosts[0].propose(change, &mut self.rng).expect("it serves");
        self.evidence.extend([Record::Proposal(proposal.bytes().to_vec())]);
        for operator in &self.operators {
            let approval = operator.approve(proposal.id(), &self.evidence).expect("nothing speaks against it");
            self.evidence.extend([Record::Approval(approval)]);
        }
        let envelope = self.hosts[0].issue(proposal.id(), &self.evidence, &mut self.rng).expect("it is approved");
        self.evidence.extend([Record::Envelope(envelope)]);
        proposal.id()
    }
}

#[test]
fn a_removed_host_does_not_decrypt_what_comes_after() {
    let mut small = small();
    let before = small.hosts[1].encrypt(b"before", &mut small.rng).expect("it serves");
    let token = small.change(&Change::Remove("h2".to_owned()));
    assert_eq!(small.hosts[0].receive(token, &small.evidence).expect("it stays"), Received::Installed);
    let after = small.hosts[0].encrypt(b"after", &mut small.rng).expect("it serves");
    assert_eq!(small.hosts[0].decrypt(&before).expect("it has the old key"), b"before");
    // It has not heard of its removal, and serves.
    assert!(matches!(small.hosts[1].decrypt(&after), Err(Refusal::NoKey(_))));
    assert_eq!(small.hosts[1].decrypt(&before).expect("it has the old key"), b"before");
    assert_eq!(small.hosts[1].receive(token, &small.evidence).expect("it descends"), Received::Retired);
    assert!(matches!(small.hosts[1].decrypt(&before), Err(Refusal::NotServing)));
    // Taken apart, it opens the founding token's envelope and nothing else.
    let mut adversary = Adversary::default();
    let (secrets, machine) = small.hosts.remove(1).into_secrets();
    adversary.capture(secrets, machine);
    assert_eq!(adversary.known(&small.evidence).into_keys().collect::<Vec<_>>(), [small.founding]);
}

#[test]
fn a_host_that_restarts_knows_its_last_token_and_no_keys() {
    let mut small = small();
    let token = small.change(&Change::Rotate);
    small.hosts[0].receive(token, &small.evidence).expect("it descends");
    let ciphertext = small.hosts[0].encrypt(b"letter", &mut small.rng).expect("it serves");
    let mut again = Host::boot(Module::at(small.folder.path().join("h1")).expect("its folder")).expect("it starts");
    assert_eq!((again.last(), again.is_serving()), (Some(token), false));
    assert!(matches!(again.decrypt(&ciphertext), Err(Refusal::NotServing)));
    let rollback = again.receive(small.founding, &small.evidence);
    assert!(matches!(rollback, Err(Refusal::Unproven(Unproven::NotDescendant { .. }))), "{rollback:?}");
    assert_eq!(again.receive(token, &small.evidence).expect("it is the last one"), Received::Installed);
    assert_eq!(again.decrypt(&ciphertext).expect("it has the key"), b"letter");
}

#[test]
fn holding_all_keys_is_not_enough_to_install_what_nobody_has_issued() {
    let mut small = small();
    let joins = ("o3".to_owned(), Signer::generate(&mut small.rng).public());
    let change = Change::Replace { leaves: "o2".to_owned(), joins };
    let (proposal, _) = small.hosts[0].propose(&change, &mut small.rng).expect("it serves");
    small.evidence.extend([Record::Proposal(proposal.bytes().to_vec())]);
    for operator in &small.operators {
        let approval = operator.approve(proposal.id(), &small.evidence).expect("nothing speaks against it");
        small.evidence.extend([Record::Approval(approval)]);
    }
    let received = small.hosts[1].receive(proposal.id(), &small.evidence);
    assert!(matches!(received, Err(Refusal::NotKeyed)), "{received:?}");
}

#[test]
fn an_envelope_with_other_keys_is_left_out() {
    let mut small = small();
    let token = small.change(&Change::Rotate);
    let mut keys = BTreeMap::new();
    for id in small.evidence.proposal(token).expect("it is there").keys().into_keys() {
        keys.insert(id, DomainKey::mint(&mut small.rng));
    }
    let machine = small.hosts[1].machine().clone();
    let junk = Envelope::seal(token, &keys, [&machine], &mut small.rng).expect("it is a machine");
    let mut evidence = Evidence::default();
    evidence.extend(small.evidence.records().into_iter().filter(|record| !matches!(record, Record::Envelope(_))));
    evidence.extend([Record::Envelope(junk)]);
    assert!(matches!(small.hosts[1].receive(token, &evidence), Err(Refusal::NotKeyed)));
    // Among others it does no harm.
    evidence.extend(small.evidence.records());
    assert_eq!(small.hosts[1].receive(token, &evidence).expect("it is issued"), Received::Installed);
}

#[test]
fn changed_bytes_are_no_proposal() {
    let mut small = small();
    let (proposal, _) = small.hosts[0].propose(&Change::Rotate, &mut small.rng).expect("it serves");
    for at in (0..proposal.bytes().len()).step_by(7) {
        let mut bytes = proposal.bytes().to_vec();
        bytes[at] ^= 1;
        assert!(Proposal::read(&bytes).is_err(), "byte {at} does not matter");
    }
}

#[test]
fn nobody_signs_for_others() {
    let mut small = small();
    let (proposal, _) = small.hosts[0].propose(&Change::Rotate, &mut small.rng).expect("it serves");
    let mallory = Signer::generate(&mut small.rng);
    // The machine named is h1, the signature is not its.
    let forged = Proposal::sign(proposal.body(), Some(&mallory));
    assert_eq!(forged, Err(Malformed::Signature("h1".to_owned())));
    // An approval that names o1, with a signature of somebody else's.
    let right = postcard::to_stdvec(&Approval::sign(proposal.id(), &mallory)).expect("it is encoded");
    let (from, to) = (mallory.public(), small.operators[0].public());
    let at = right.windows(32).position(|bytes| bytes == from.bytes()).expect("it names the operator");
    let mut bytes = right;
    bytes[at..at + 32].copy_from_slice(to.bytes());
    let forged: Approval = postcard::from_bytes(&bytes).expect("it is an approval");
    assert_eq!(forged.operator, to);
    assert!(small.evidence.add(Record::Approval(forged)).is_err());
    assert_eq!(small.evidence.signers(proposal.id()).count(), 0);
}

#[test]
fn operators_say_why_not() {
    let mut small = small();
    let mut adversary = Adversary::default();
    let eve = adversary.build("eve", &mut small.rng);
    let (proposal, _) = small.hosts[0].propose(&Change::Add(eve), &mut small.rng).expect("anybody may be proposed");
    small.evidence.extend([Record::Proposal(proposal.bytes().to_vec())]);
    let objection = small.operators[0].approve(proposal.id(), &small.evidence);
    assert!(matches!(objection, Err(Objection::NotGenuine(name)) if name == "eve"));
    let founding = small.evidence.proposal(small.founding).expect("it is there").clone();
    let body = founding.body();
    let claims =
        Claims { members: body.members.clone(), operators: body.operators.clone(), quorum: 1, keeps_old_keys: true };
    let (forged, _) = adversary.forge("eve", &founding, claims, &small.evidence, &mut small.rng).expect("it has eve");
    small.evidence.extend([Record::Proposal(forged.bytes().to_vec())]);
    let objection = small.operators[0].approve(forged.id(), &small.evidence);
    assert!(matches!(objection, Err(Objection::UnsoundRule { operators: 2, quorum: 1 })));
}

#[test]
fn an_operator_that_restarts_keeps_its_pledge() {
    let mut small = small();
    for change in [Change::Rotate, Change::Remove("h2".to_owned())] {
        let (proposal, _) = small.hosts[0].propose(&change, &mut small.rng).expect("it serves");
        small.evidence.extend([Record::Proposal(proposal.bytes().to_vec())]);
    }
    let ids: Vec<_> = small.evidence.proposals().map(Proposal::id).filter(|id| *id != small.founding).collect();
    small.operators[0].approve(ids[0], &small.evidence).expect("the first");
    let objection = small.operators[0].approve(ids[1], &small.evidence);
    assert!(matches!(objection, Err(Objection::Pledged { version: 2, to }) if to == ids[0]));
    // A signature that was lost is given again.
    small.operators[0].approve(ids[0], &small.evidence).expect("the same one");
}

#[test]
fn boxes_open_for_one_machine_in_one_context() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let maker = Maker::new(&mut rng);
    let ((secrets, machine), (others, _)) = (maker.make("h1", &mut rng), maker.make("h2", &mut rng));
    let token = Proposal::id_of(b"a token");
    let sealed =
        SealedBox::seal(&machine.agrees, Context::Envelope(token), b"keys", &mut rng).expect("it is a machine");
    assert_eq!(sealed.open(&secrets.agreement, Context::Envelope(token)).expect("it is for it").as_slice(), b"keys");
    assert_eq!(sealed.open(&others.agreement, Context::Envelope(token)), Err(Closed));
    assert_eq!(sealed.open(&secrets.agreement, Context::Mint(Some(token))), Err(Closed));
    assert_eq!(sealed.open(&secrets.agreement, Context::Envelope(Proposal::id_of(b"another"))), Err(Closed));
    // A key with which everybody agrees on the same secret is none.
    assert_eq!(SealedBox::seal(&[0; 32], Context::Envelope(token), b"keys", &mut rng), Err(Closed));
}

#[test]
fn what_storage_makes_up_is_left_out() {
    let small = small();
    let archive = Archive::at(small.folder.path().join("archive")).expect("a folder");
    for record in small.evidence.records() {
        archive.put(&record).expect("there is room");
    }
    let founding = small.folder.path().join("archive").join(small.founding.to_string());
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let mut junk = vec![0; 300];
    rng.fill_bytes(&mut junk);
    fs::write(founding.join("approval-00"), &junk).expect("there is room");
    assert_eq!(archive.evidence().expect("it can be read").records(), small.evidence.records());
    fs::write(founding.join("proposal"), &junk).expect("there is room");
    let evidence = archive.evidence().expect("it can be read");
    assert!(matches!(evidence.proposal(small.founding), Err(Unproven::Missing(_))));
}

#[test]
fn a_domain_that_corrupt_operators_could_split_is_not_founded() {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let (_, machine) = Maker::new(&mut rng).make("h1", &mut rng);
    let operators = BTreeMap::from([("mallory".to_owned(), Signer::generate(&mut rng).public())]);
    let unfounded = found(&[machine], operators, 1, &mut rng);
    assert!(matches!(unfounded, Err(Unfounded::Operators { operators: 1, corrupt_max: 1 })));
}
