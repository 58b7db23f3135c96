//! A domain on a simulated network: frames are lost, late, repeated and sent again, storage gives old answers, hosts
//! crash, an adversary forges and signs. The same run for the same seed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tlaloc_link::{EventLayer, LineBuffer, Log};
use tracing_subscriber::layer::SubscriberExt as _;
use turmoil::{Builder, Sim};

use crate::archive::Archive;
use crate::attack::run_adversary;
use crate::host::Host;
use crate::module::Module;
use crate::node::{Console, STORAGE, run_host, run_operator, run_storage};
use crate::operator::Operator;
use crate::people::{Ceremonies, People};
use crate::transport::{Chance, Simulated};
use crate::world::{CORRUPT, FOUNDERS, Fallible, Outcome, World};

/// Changes of a run.
const CHANGES: usize = 4;

/// How long a run may take.
const RUN_MAX: Duration = Duration::from_secs(200);

/// A run under faults that the seed decides.
///
/// # Errors
/// When the simulation itself fails.
pub fn run(seed: u64) -> Fallible<Outcome> {
    let lines = LineBuffer::default();
    let subscriber = tracing_subscriber::registry().with(EventLayer::new(Log::new(lines.clone())));
    let _guard = tracing::subscriber::set_default(subscriber);
    let (mut rng, mut chance) = (ChaCha20Rng::seed_from_u64(seed), Chance::new(seed));
    let world = World::found(&mut rng)?;
    let mut sim = Builder::new()
        .rng_seed(seed)
        .simulation_duration(RUN_MAX)
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(80))
        .fail_rate(chance.below(3) as f64 * 0.03)
        .repair_rate(0.4)
        .build();
    join(&world, &mut sim, seed);
    let ended = Arc::new(Mutex::new(Ceremonies::default()));
    let people = People::of(&world, seed ^ 1);
    let kept = Arc::clone(&ended);
    sim.client("people", async move {
        let done = people.work(CHANGES).await;
        *kept.lock().map_err(|_| "the people panicked")? = done;
        Ok(())
    });
    let (mut step, mut next, mut down) = (0_u64, 200 + chance.below(1500), None);
    while !sim.step()? {
        step += 1;
        if step < next {
            continue;
        }
        if let Some(name) = down.take() {
            sim.bounce(name);
            next = step + 800 + chance.below(3000);
        } else {
            let name = FOUNDERS[usize::try_from(chance.below(FOUNDERS.len() as u64))?];
            crash(&mut sim, &world.hosts[name]);
            (down, next) = (Some(name), step + 100 + chance.below(400));
        }
    }
    let done = ended.lock().map_err(|_| "the people panicked")?.clone();
    world.outcome(&lines.to_string(), done)
}

fn crash(sim: &mut Sim<'_>, console: &Console) {
    sim.crash(console.name.as_str());
    console.crashed();
}

/// Adds all nodes to a simulation.
fn join(world: &World, sim: &mut Sim<'_>, seed: u64) {
    let boots = Arc::new(AtomicU64::new(seed << 32));
    let (console, path) = (Console::new(STORAGE), world.storage());
    sim.host(STORAGE, move || {
        let (console, path) = (console.clone(), path.clone());
        async move {
            let transport = Simulated::listen(seed).await?;
            Ok(run_storage(console, Archive::at(path)?, transport, Some(Chance::new(seed))).await?)
        }
    });
    for (name, console) in &world.hosts {
        let (console, path, boots) = (console.clone(), world.module(name), Arc::clone(&boots));
        sim.host(name.as_str(), move || {
            let (console, path) = (console.clone(), path.clone());
            // Each start has randomness of its own.
            let seed = boots.fetch_add(1, Ordering::Relaxed);
            async move {
                let (host, transport) = (Host::boot(Module::at(path)?)?, Simulated::listen(seed).await?);
                Ok(run_host(console, host, transport, ChaCha20Rng::seed_from_u64(seed)).await?)
            }
        });
    }
    for (name, console) in &world.operators {
        let (console, path) = (console.clone(), world.module(name));
        let (signer, policy) = (world.signers[name].clone(), world.policy.clone());
        sim.host(name.as_str(), move || {
            let (console, path, signer, policy) = (console.clone(), path.clone(), signer.clone(), policy.clone());
            async move {
                let operator = Operator::new(signer, policy, Module::at(path)?);
                Ok(run_operator(console, operator, Simulated::listen(seed).await?).await?)
            }
        });
    }
    let (adversary, hosts) = (world.adversary.clone(), world.hosts.keys().cloned().collect::<Vec<_>>());
    let founding = world.founding;
    sim.host(CORRUPT, move || {
        let (adversary, hosts) = (adversary.clone(), hosts.clone());
        async move { Ok(run_adversary(adversary, hosts, founding, Simulated::listen(seed ^ 2).await?, seed).await?) }
    });
}
