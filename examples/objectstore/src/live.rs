//! A store over TCP, and what may happen to it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use objectstore::coding::Code;
use objectstore::disk::Disk;
use objectstore::gateway::Gateway;
use objectstore::guards::Guards;
use objectstore::host::Host;
use objectstore::leader::{Leader, leader_name};
use objectstore::map::{Map, Register};
use objectstore::network::{Real, Tcp};
use objectstore::service::{run_host, run_leader};
use objectstore::simulation::DOMAINS;
use objectstore::witness::Witness;
use tlaloc_link::{EventLayer, Log};
use tokio::task::{JoinHandle, LocalSet, spawn_local};
use tracing_subscriber::layer::SubscriberExt as _;

const PATIENCE: Duration = Duration::from_millis(150);
const CHORES_EVERY: Duration = Duration::from_millis(200);
const LEADERS: u64 = 2;

/// How long to wait for the store to do something by itself.
const WAIT_MAX: Duration = Duration::from_secs(20);

type Net = Tcp<Real>;

struct Store {
    folder: PathBuf,
    guards: Guards,
    network: Net,
    register: Register,
    witnesses: BTreeMap<String, Witness>,
    hosts: BTreeMap<String, (Rc<Host>, JoinHandle<io::Result<()>>)>,
    gateway: Rc<Gateway<Net>>,
}

/// Runs the store and lets things happen to it.
pub(crate) fn run(folder: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    if std::fs::read_dir(folder)?.next().is_some() {
        return Err(format!("{} is not empty", folder.display()).into());
    }
    let log = folder.join("run.ndjson");
    let subscriber = tracing_subscriber::registry().with(EventLayer::new(Log::new(File::create(&log)?)));
    tracing::subscriber::set_global_default(subscriber)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(LocalSet::new().run_until(async {
        let mut store = Store::start(folder).await?;
        store.story().await
    }))?;
    say(&format!("\nThe log: {}", log.display()))
}

fn say(text: &str) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(io::stdout(), "{text}")?)
}

/// A free port for everybody.
fn addresses(names: impl Iterator<Item = String>) -> io::Result<BTreeMap<String, SocketAddr>> {
    let mut held = Vec::new();
    let address = |name| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        held.push(listener); // So that nobody gets it twice.
        Ok((name, address))
    };
    names.map(address).collect()
}

impl Store {
    async fn start(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let domains: BTreeMap<String, String> =
            DOMAINS.iter().map(|(host, domain)| ((*host).to_owned(), (*domain).to_owned())).collect();
        let names = domains.keys().cloned().chain((1..=LEADERS).map(leader_name));
        let sockets = Real { addresses: Rc::new(addresses(names)?) };
        let network = Tcp { sockets, patience: PATIENCE, duplicates_one_in: 0 };
        let code = Code::new(2, 3).ok_or("there is no such code")?;
        let gateway = Gateway::new(code, domains.keys().cloned().collect(), network.clone(), Witness::new("gateway"));
        let mut store = Store {
            folder: folder.to_owned(),
            guards: Guards::default(),
            register: Register::open(&folder.join("map.json"), &Map::new(code, &domains))?,
            witnesses: domains.keys().map(|host| (host.clone(), Witness::new(host))).collect(),
            network,
            hosts: BTreeMap::new(),
            gateway: Rc::new(gateway),
        };
        store.lead(1)?;
        for (host, _) in DOMAINS {
            store.start_host(host)?;
        }
        store.wait("all hosts are admitted", |store| store.hosts.values().all(|(host, _)| host.is_admitted())).await?;
        Ok(store)
    }

    fn disk(&self, host: &str) -> io::Result<Disk> {
        Disk::open(&self.folder.join(host))
    }

    fn start_host(&mut self, name: &str) -> Result<(), Box<dyn Error>> {
        let label = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
        let host = Host::start(self.disk(name)?, label, self.guards, self.witnesses[name].clone())?;
        let running = run_host(self.network.clone(), name.to_owned(), Rc::clone(&host), LEADERS, CHORES_EVERY);
        self.hosts.insert(name.to_owned(), (host, spawn_local(running)));
        Ok(())
    }

    fn lead(&self, epoch: u64) -> Result<(), Box<dyn Error>> {
        let name = leader_name(epoch);
        let (register, network) = (self.register.clone(), self.network.clone());
        let leader = Leader::take_over(epoch, register, network, self.guards, Witness::new(&name))?;
        spawn_local(run_leader(self.network.clone(), name, leader, CHORES_EVERY));
        Ok(())
    }

    /// Waits, and repairs meanwhile.
    async fn wait(&self, what: &str, is: impl Fn(&Store) -> bool) -> Result<(), Box<dyn Error>> {
        let begun = Instant::now();
        while !is(self) {
            if begun.elapsed() > WAIT_MAX {
                return Err(format!("in vain: {what}").into());
            }
            tokio::time::sleep(PATIENCE).await;
            self.gateway.tend().await?;
        }
        say(&format!("  {what}"))
    }

    fn is_up(&self, host: &str) -> bool {
        self.register.read().is_ok_and(|map| map.is_up(host))
    }

    /// Is every shard of every object where it should be, and good?
    fn is_whole(&self) -> bool {
        let Ok(map) = self.register.read() else { return false };
        let good = |host: &String, object: &String, version, index| {
            let id = objectstore::disk::ShardId { object: object.clone(), version, index };
            map.is_up(host) && self.disk(host).is_ok_and(|disk| disk.read(&id).is_ok())
        };
        map.objects.iter().filter(|(_, entry)| entry.live).all(|(object, entry)| {
            entry.place.iter().enumerate().all(|(index, host)| good(host, object, entry.version, index))
        })
    }

    fn shards(&self) -> usize {
        DOMAINS.iter().filter_map(|(host, _)| Some(self.disk(host).ok()?.shards().ok()?.len())).sum()
    }

    fn show(&self) -> Result<(), Box<dyn Error>> {
        for (host, _) in DOMAINS {
            let disk = self.disk(host)?;
            let shards = disk.shards()?.into_iter().map(|id| {
                let rotten = if disk.read(&id).is_ok() { "" } else { " (rotten)" };
                format!("{} v{} s{}{rotten}", id.object, id.version, id.index + 1)
            });
            let shards: Vec<String> = shards.collect();
            say(&format!("    {host}{}: {}", if self.is_up(host) { "" } else { " (down)" }, shards.join(", ")))?;
        }
        Ok(())
    }

    async fn story(&mut self) -> Result<(), Box<dyn Error>> {
        let photo: Vec<u8> = (0..1_000_000_u32).map(|i| (i ^ (i >> 7)) as u8).collect();
        let version = self.gateway.put("photo", &photo).await?;
        say(&format!(
            "photo, {} bytes, is put as version {version}: any two of three shards give it back",
            photo.len()
        ))?;
        self.show()?;

        let entry = self.register.read()?.entry("photo");
        let (first, last) = (entry.place[0].clone(), entry.place[2].clone());
        say(&format!("\n{first} crashes"))?;
        if let Some((_, running)) = self.hosts.remove(&first) {
            running.abort();
        }
        self.wait("the leader notices", |store| !store.is_up(&first)).await?;
        self.expect(Some(&photo)).await?;
        self.wait("its shard has been rebuilt elsewhere", Store::is_whole).await?;
        self.show()?;

        say(&format!("\n{first} comes back with what it had"))?;
        self.start_host(&first)?;
        self.wait("it is admitted, and what nobody refers to any more is collected", |store| store.shards() == 3)
            .await?;
        self.show()?;

        say(&format!("\na bit flips on the disk of {last}"))?;
        let id = objectstore::disk::ShardId { object: "photo".to_owned(), version, index: 2 };
        self.hosts[&last].0.rot(&id)?;
        self.show()?;
        self.wait("scrubbing finds it, and the shard is rebuilt", Store::is_whole).await?;
        self.show()?;

        let leaving = self.register.read()?.entry("photo").place[0].clone();
        say(&format!("\n{leaving} is drained, and then another leader takes over"))?;
        self.gateway.drain(&leaving).await?;
        self.lead(2)?;
        self.expect(Some(&photo)).await?;
        self.wait("what was left behind is collected", |store| store.shards() == 3).await?;
        self.show()?;

        say("\nphoto is overwritten, and deleted")?;
        self.gateway.put("photo", b"a smaller one").await?;
        self.expect(Some(b"a smaller one")).await?;
        self.gateway.delete("photo").await?;
        self.expect(None).await?;
        self.wait("nothing is left", |store| store.shards() == 0).await
    }

    async fn expect(&self, wanted: Option<&[u8]>) -> Result<(), Box<dyn Error>> {
        let read = self.gateway.get("photo").await?;
        if read.as_deref() != wanted {
            return Err("what is read is not what was put".into());
        }
        say(match wanted {
            Some(_) => "  photo is read, and is what was put",
            None => "  there is no photo",
        })
    }
}
