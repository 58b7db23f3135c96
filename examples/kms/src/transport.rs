//! How nodes reach each other. Whatever carries frames may lose, delay, repeat and reorder them.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tlaloc_link::VectorClock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};

use crate::token::Record;

/// What nodes say to each other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Here are records: keep them, or look at them.
    Records(Vec<Record>),
    /// The node of this name wants all records.
    Ask(String),
}

/// A message on its way, with what its sender knew of the others' events.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Packet {
    /// The message.
    pub message: Message,
    clock: BTreeMap<String, u64>,
}

impl Packet {
    /// A message sent at this time.
    pub fn new(message: Message, clock: &VectorClock) -> Self {
        Packet { message, clock: clock.entries().clone() }
    }

    /// When it was sent.
    pub fn clock(&self) -> VectorClock {
        VectorClock::new(self.clock.clone())
    }

    /// As it travels.
    ///
    /// # Errors
    /// When it is too large.
    pub fn frame(&self) -> io::Result<Vec<u8>> {
        let frame = postcard::to_stdvec(self).map_err(io::Error::other)?;
        if frame.len() <= FRAME_BYTES_MAX { Ok(frame) } else { Err(io::Error::other("the frame is too large")) }
    }

    /// What was sent in this frame; `None` if that is nothing.
    pub fn read(frame: &[u8]) -> Option<Self> {
        postcard::from_bytes(frame).ok()
    }
}

/// Carries frames to nodes by their names.
pub trait Transport {
    /// Sends a frame. Nobody knows whether it arrives.
    fn send(&self, to: &str, frame: Vec<u8>) -> impl Future<Output = ()> + Send;

    /// The next frame.
    ///
    /// # Errors
    /// When there will be no more.
    fn receive(&self) -> impl Future<Output = io::Result<Vec<u8>>> + Send;
}

/// The largest frame.
pub const FRAME_BYTES_MAX: usize = 1 << 20;

/// How long a frame may take to come in.
const FRAME_WITHIN: Duration = Duration::from_secs(5);

/// Frames that have come in and nobody has looked at.
const FRAMES_WAITING_MAX: usize = 64;

/// Frames over TCP, a connection each: four bytes of length, most significant first, then the frame.
#[derive(Debug)]
pub struct Tcp {
    directory: BTreeMap<String, SocketAddr>,
    received: Mutex<mpsc::Receiver<Vec<u8>>>,
    accepting: tokio::task::JoinHandle<()>,
}

/// Its port is free again.
impl Drop for Tcp {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Tcp {
    /// Listens. The directory says where the others do.
    pub fn listen(listener: TcpListener, directory: BTreeMap<String, SocketAddr>) -> Self {
        let (tell, received) = mpsc::channel(FRAMES_WAITING_MAX);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let tell = tell.clone();
                tokio::spawn(async move {
                    if let Ok(Ok(frame)) = tokio::time::timeout(FRAME_WITHIN, read_frame(stream)).await {
                        // Nobody listens any more.
                        let _ = tell.send(frame).await;
                    }
                });
            }
        });
        Tcp { directory, received: Mutex::new(received), accepting }
    }
}

async fn read_frame(mut stream: TcpStream) -> io::Result<Vec<u8>> {
    let length = usize::try_from(stream.read_u32().await?).map_err(io::Error::other)?;
    if length > FRAME_BYTES_MAX {
        return Err(io::Error::other("the frame is too large"));
    }
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame).await?;
    Ok(frame)
}

async fn write_frame(address: SocketAddr, frame: &[u8]) -> io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_u32(u32::try_from(frame.len()).map_err(io::Error::other)?).await?;
    stream.write_all(frame).await?;
    stream.shutdown().await
}

impl Transport for Tcp {
    async fn send(&self, to: &str, frame: Vec<u8>) {
        if let Some(address) = self.directory.get(to) {
            // It is sent again, if it is needed.
            let _ = tokio::time::timeout(FRAME_WITHIN, write_frame(*address, &frame)).await;
        }
    }

    async fn receive(&self) -> io::Result<Vec<u8>> {
        let closed = || io::Error::new(io::ErrorKind::BrokenPipe, "nobody listens");
        self.received.lock().await.recv().await.ok_or_else(closed)
    }
}

/// Where simulated nodes listen.
const PORT: u16 = 9000;

/// Frames as datagrams of a simulated network, which repeats them and sends old ones again as its seed says.
#[derive(Debug)]
pub struct Simulated {
    socket: turmoil::net::UdpSocket,
    mischief: Mutex<Mischief>,
}

#[derive(Debug)]
struct Mischief {
    chance: Chance,
    sent: Vec<(String, Vec<u8>)>,
}

impl Simulated {
    /// Listens on this node of the simulation.
    ///
    /// # Errors
    /// The simulation's.
    pub async fn listen(seed: u64) -> io::Result<Self> {
        let socket = turmoil::net::UdpSocket::bind((IpAddr::from(Ipv4Addr::UNSPECIFIED), PORT)).await?;
        Ok(Simulated { socket, mischief: Mutex::new(Mischief { chance: Chance::new(seed), sent: Vec::new() }) })
    }
}

impl Transport for Simulated {
    async fn send(&self, to: &str, frame: Vec<u8>) {
        let mut mischief = self.mischief.lock().await;
        let mut frames = vec![(to.to_owned(), frame)];
        if mischief.chance.below(6) == 0 {
            frames.extend(frames.first().cloned());
        }
        let old = mischief.chance.below(32);
        if let Some(old) = usize::try_from(old).ok().and_then(|old| mischief.sent.get(old)) {
            frames.push(old.clone());
        }
        mischief.sent.extend(frames.first().cloned());
        for (to, frame) in frames {
            // It is lost, as others are.
            let _ = self.socket.send_to(&frame, (turmoil::lookup(to), PORT)).await;
        }
    }

    async fn receive(&self) -> io::Result<Vec<u8>> {
        let mut frame = vec![0; 1 << 16];
        let (length, _) = self.socket.recv_from(&mut frame).await?;
        frame.truncate(length);
        Ok(frame)
    }
}

/// A small deterministic generator (SplitMix64): what a simulation leaves to chance.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// One with this seed.
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
