//! A domain over TCP on this machine: a node a port, with a crash, and the adversary.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng as _};
use tlaloc_link::{EventLayer, LineBuffer, Log};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::archive::Archive;
use crate::attack::run_adversary;
use crate::host::Host;
use crate::module::Module;
use crate::node::{Console, STORAGE, run_host, run_operator, run_storage};
use crate::people::People;
use crate::transport::Tcp;
use crate::world::{CORRUPT, FOUNDERS, Fallible, Outcome, World};

/// How long hosts serve until one of them crashes, and how long it is down.
const CRASHES_AFTER: Duration = Duration::from_millis(700);
const DOWN: Duration = Duration::from_millis(300);

/// How often a port is tried that was just left.
const BINDS_MAX: usize = 50;

/// Addresses of all nodes.
type Directory = BTreeMap<String, SocketAddr>;

/// A node at work.
type Running = JoinHandle<io::Result<()>>;

/// Founds a domain, runs it for so many changes, and tells how it ended.
///
/// # Errors
/// When disk or network fail.
pub fn run(changes: usize, seed: u64) -> Fallible<Outcome> {
    let lines = LineBuffer::default();
    let subscriber = tracing_subscriber::registry().with(EventLayer::new(Log::new(lines.clone())));
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::found(&mut ChaCha20Rng::from_entropy())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        let (mut hosts, directory) = start(&world, seed).await?;
        let people = tokio::spawn(People::of(&world, seed).work(changes));
        tokio::time::sleep(CRASHES_AFTER).await;
        if let Some(host) = hosts.remove(FOUNDERS[0]) {
            crash(&world.hosts[FOUNDERS[0]], host).await;
            tokio::time::sleep(DOWN).await;
            start_host(&world, FOUNDERS[0], &directory).await?;
        }
        Ok::<_, Box<dyn std::error::Error>>(people.await?)
    })?;
    world.outcome(&lines.to_string(), done)
}

async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let mut bound = TcpListener::bind(address).await;
    for _ in 0..BINDS_MAX {
        if bound.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        bound = TcpListener::bind(address).await;
    }
    bound
}

/// Starts all nodes. Hosts can be crashed and started again.
async fn start(world: &World, seed: u64) -> Fallible<(BTreeMap<String, Running>, Directory)> {
    let operators = world.operators.keys().map(String::as_str);
    let names = world.hosts.keys().map(String::as_str).chain(operators).chain([STORAGE, CORRUPT]);
    let (mut listeners, mut directory) = (BTreeMap::new(), Directory::new());
    for name in names {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        directory.insert(name.to_owned(), listener.local_addr()?);
        listeners.insert(name.to_owned(), listener);
    }
    let mut tcp = |name: &str| {
        let listener = listeners.remove(name).ok_or_else(|| io::Error::other(format!("{name} does not listen")))?;
        io::Result::Ok(Tcp::listen(listener, directory.clone()))
    };
    let archive = Archive::at(world.storage())?;
    tokio::spawn(run_storage(Console::new(STORAGE), archive, tcp(STORAGE)?, None));
    for (name, console) in &world.operators {
        tokio::spawn(run_operator(console.clone(), world.operator(name)?, tcp(name)?));
    }
    let (adversary, names) = (world.adversary.clone(), world.hosts.keys().cloned().collect());
    tokio::spawn(run_adversary(adversary, names, world.founding, tcp(CORRUPT)?, seed));
    let mut hosts = BTreeMap::new();
    for (name, console) in &world.hosts {
        let host = Host::boot(Module::at(world.module(name))?)?;
        let running = tokio::spawn(run_host(console.clone(), host, tcp(name)?, OsRng));
        hosts.insert(name.clone(), running);
    }
    Ok((hosts, directory))
}

/// Ends a host's task wherever it is. What was not on its disk is gone.
async fn crash(console: &Console, host: Running) {
    host.abort();
    // It ends as it was told.
    let _ = host.await;
    console.crashed();
}

async fn start_host(world: &World, name: &str, directory: &Directory) -> Fallible<()> {
    let transport = Tcp::listen(bind(directory[name]).await?, directory.clone());
    let host = Host::boot(Module::at(world.module(name))?)?;
    tokio::spawn(run_host(world.hosts[name].clone(), host, transport, OsRng));
    Ok(())
}
