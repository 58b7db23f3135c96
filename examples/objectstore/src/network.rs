//! How nodes talk: one request, one answer. The network can be swapped.
//!
//! [`Tcp`] sends length-prefixed frames over streams, which are tokio's ([`Real`]) or turmoil's ([`Simulated`]);
//! [`Loopback`] hands requests over in one process.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::message::{Answer, Packet};
use crate::refusal::Refusal;

/// The largest frame: a shard and a little.
const FRAME_BYTES_MAX: usize = 64 << 20;

/// Where simulated nodes listen.
const SIMULATED_PORT: u16 = 9000;

/// Somebody who answers.
pub trait Node {
    /// The answer to a request.
    fn answer(&self, packet: Packet) -> Pin<Box<dyn Future<Output = Answer> + '_>>;
}

/// A way to ask somebody.
pub trait Network: Clone + 'static {
    /// Asks the node of this name.
    ///
    /// # Errors
    /// [`Refusal::Unreachable`] when there is no answer; the request may have been heard, or may still be.
    fn call(&self, to: &str, packet: &Packet) -> impl Future<Output = Result<Answer, Refusal>>;

    /// Waits before asking again.
    fn pause(&self) -> impl Future<Output = ()>;
}

/// Nodes in one process, who answer at once.
#[derive(Clone, Default)]
pub struct Loopback {
    nodes: Rc<RefCell<BTreeMap<String, Rc<dyn Node>>>>,
}

impl Loopback {
    /// From now on this node answers.
    pub fn join(&self, name: &str, node: Rc<dyn Node>) {
        self.nodes.borrow_mut().insert(name.to_owned(), node);
    }

    /// From now on nobody of this name does.
    pub fn leave(&self, name: &str) {
        self.nodes.borrow_mut().remove(name);
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.nodes.borrow().keys()).finish()
    }
}

impl Network for Loopback {
    async fn call(&self, to: &str, packet: &Packet) -> Result<Answer, Refusal> {
        let node = self.nodes.borrow().get(to).cloned().ok_or_else(|| Refusal::Unreachable(to.to_owned()))?;
        Ok(node.answer(packet.clone()).await)
    }

    async fn pause(&self) {}
}

/// Streams between nodes known by name.
pub trait Sockets: Clone + 'static {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + 'static;
    /// Where connections arrive.
    type Listener;

    /// Connects to a node.
    fn connect(&self, to: &str) -> impl Future<Output = io::Result<Self::Stream>>;
    /// Listens as this node.
    fn listen(&self, name: &str) -> impl Future<Output = io::Result<Self::Listener>>;
    /// The next connection.
    fn accept(&self, listener: &Self::Listener) -> impl Future<Output = io::Result<Self::Stream>>;
}

/// Real TCP, with everybody's address.
#[derive(Clone, Debug)]
pub struct Real {
    /// By name.
    pub addresses: Rc<BTreeMap<String, SocketAddr>>,
}

impl Real {
    fn address(&self, name: &str) -> io::Result<SocketAddr> {
        self.addresses.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Sockets for Real {
    type Stream = tokio::net::TcpStream;
    type Listener = tokio::net::TcpListener;

    async fn connect(&self, to: &str) -> io::Result<Self::Stream> {
        tokio::net::TcpStream::connect(self.address(to)?).await
    }

    async fn listen(&self, name: &str) -> io::Result<Self::Listener> {
        tokio::net::TcpListener::bind(self.address(name)?).await
    }

    async fn accept(&self, listener: &Self::Listener) -> io::Result<Self::Stream> {
        Ok(listener.accept().await?.0)
    }
}

/// The network of a simulation.
#[derive(Clone, Copy, Debug)]
pub struct Simulated;

impl Sockets for Simulated {
    type Stream = turmoil::net::TcpStream;
    type Listener = turmoil::net::TcpListener;

    async fn connect(&self, to: &str) -> io::Result<Self::Stream> {
        turmoil::net::TcpStream::connect((to, SIMULATED_PORT)).await
    }

    async fn listen(&self, _name: &str) -> io::Result<Self::Listener> {
        turmoil::net::TcpListener::bind((IpAddr::from(Ipv4Addr::UNSPECIFIED), SIMULATED_PORT)).await
    }

    async fn accept(&self, listener: &Self::Listener) -> io::Result<Self::Stream> {
        Ok(listener.accept().await?.0)
    }
}

/// Frames over streams, a connection a request. Requests can overtake each other.
#[derive(Clone, Debug)]
pub struct Tcp<S> {
    /// What makes the streams.
    pub sockets: S,
    /// How long to wait for an answer.
    pub patience: Duration,
    /// One request in so many is sent a second time later on, as a network may do; 0: none.
    pub duplicates_one_in: u64,
}

impl<S: Sockets> Tcp<S> {
    async fn ask(&self, to: &str, packet: &Packet) -> io::Result<Answer> {
        let mut stream = self.sockets.connect(to).await?;
        write_frame(&mut stream, packet).await?;
        read_frame(&mut stream).await
    }
}

impl<S: Sockets> Network for Tcp<S> {
    async fn call(&self, to: &str, packet: &Packet) -> Result<Answer, Refusal> {
        if self.duplicates_one_in > 0 && packet.id.number.is_multiple_of(self.duplicates_one_in) {
            let (again, to, packet) = (self.clone(), to.to_owned(), packet.clone());
            tokio::task::spawn_local(async move {
                tokio::time::sleep(again.patience / 3).await;
                // Nobody listens to this answer.
                let _ = tokio::time::timeout(again.patience, again.ask(&to, &packet)).await;
            });
        }
        let answer = tokio::time::timeout(self.patience, self.ask(to, packet)).await;
        answer.ok().and_then(Result::ok).ok_or_else(|| Refusal::Unreachable(to.to_owned()))
    }

    async fn pause(&self) {
        tokio::time::sleep(self.patience / 4).await;
    }
}

/// Answers requests to a node for ever. What is no request is dropped with its connection.
///
/// # Errors
/// When nobody can connect any more.
pub async fn serve<S: Sockets>(sockets: S, name: String, node: Rc<dyn Node>) -> io::Result<()> {
    let listener = sockets.listen(&name).await?;
    loop {
        let mut stream = sockets.accept(&listener).await?;
        let node = Rc::clone(&node);
        tokio::task::spawn_local(async move {
            if let Ok(packet) = read_frame(&mut stream).await {
                let answer = node.answer(packet).await;
                // Who asked may be gone.
                let _ = write_frame(&mut stream, &answer).await;
            }
        });
    }
}

async fn write_frame(stream: &mut (impl AsyncWrite + Unpin), content: &impl Serialize) -> io::Result<()> {
    let bytes = postcard::to_stdvec(content).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(&bytes).await?;
    stream.flush().await
}

async fn read_frame<T: DeserializeOwned>(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).await?;
    let length = u32::from_be_bytes(length) as usize;
    if length > FRAME_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await?;
    postcard::from_bytes(&bytes).map_err(io::Error::other)
}
