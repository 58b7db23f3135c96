//! Nodes as they run: they answer, and do their chores now and then.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use crate::host::Host;
use crate::leader::{Leader, leader_name};
use crate::network::{Network, Sockets, Tcp, serve};
use crate::refusal::Refusal;

/// A host: it asks to be admitted, and scrubs.
///
/// # Errors
/// When nobody can connect to it any more.
pub async fn run_host<S: Sockets>(
    network: Tcp<S>,
    name: String,
    host: Rc<Host>,
    leaders: u64,
    every: Duration,
) -> io::Result<()> {
    let leaders: Vec<String> = (1..=leaders).map(leader_name).collect();
    let chores = async {
        loop {
            if !host.is_admitted() {
                // Who is refused asks again.
                let _ = host.join(&network, &leaders).await;
            }
            tokio::time::sleep(every).await;
            // A disk that fails is a host that does not answer, in the end.
            let _ = host.scrub();
        }
    };
    tokio::select! {
    biased;
           ended = serve(network.sockets.clone(), name, Rc::clone(&host) as _) => ended,
           () = chores => Ok(()),
       }
}

/// A leader: until it is deposed it looks after the hosts, and collects. It answers for ever.
///
/// # Errors
/// When nobody can connect to it any more.
pub async fn run_leader<S: Sockets>(
    network: Tcp<S>,
    name: String,
    leader: Rc<Leader<Tcp<S>>>,
    every: Duration,
) -> io::Result<()> {
    let chores = async {
        loop {
            tend(&leader).await;
            tokio::time::sleep(every).await;
        }
    };
    tokio::select! {
    biased;
           ended = serve(network.sockets.clone(), name, Rc::clone(&leader) as _) => ended,
           () = chores => Ok(()),
       }
}

/// One round of a leader's chores. What does not work is tried again the next time.
async fn tend(leader: &Leader<impl Network>) {
    if let Err(Refusal::Deposed { .. }) = leader.tend_hosts().await {
        return;
    }
    for host in leader.map().up() {
        let _ = leader.collect(&host).await;
    }
}
