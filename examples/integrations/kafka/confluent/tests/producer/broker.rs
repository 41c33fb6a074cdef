//! A broker for clients of Kafka 4: librdkafka's mock broker behind a proxy on the loopback.
//!
//! The mock answers a request for versions that is newer than itself in a form that such clients misread
//! (Kafka's brokers answer it in the oldest form), and waits follow for twenty minutes. The proxy answers
//! that request, and puts its own port in place of the broker's. All else passes through.

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::thread;

/// The request `ApiVersions`, its newest version that the mock knows, and the error for newer ones.
const API_VERSIONS: i16 = 18;
const NEWEST: i16 = 2;
const UNSUPPORTED_VERSION: i16 = 35;

/// The mock and the address of its proxy.
pub(crate) struct Broker {
    pub(crate) mock: MockCluster<'static, DefaultProducerContext>,
    pub(crate) address: String,
}

impl Broker {
    pub(crate) fn start() -> Self {
        let mock = MockCluster::new(1).unwrap();
        let servers = mock.bootstrap_servers();
        let port: u16 = servers.rsplit(':').next().unwrap().parse().unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let own = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for client in listener.incoming() {
                let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
                let (Ok(client), Ok(server)) = (client, server) else { return };
                for (from, to, forth) in [(&client, &server, true), (&server, &client, false)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    thread::spawn(move || {
                        // One side has closed the connection: so does the other.
                        let _ = if forth {
                            requests(&from, &to)
                        } else {
                            responses(&from, &to, (port, own))
                        };
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        Self { mock, address: format!("127.0.0.1:{own}") }
    }
}

fn requests(mut client: &TcpStream, mut server: &TcpStream) -> io::Result<()> {
    loop {
        let frame = frame(client)?;
        let word = |at: usize| i16::from_be_bytes([frame[at], frame[at + 1]]);
        if word(0) == API_VERSIONS && word(2) > NEWEST {
            let mut answer = frame[4..8].to_vec(); // the number of the request
            answer.extend(UNSUPPORTED_VERSION.to_be_bytes());
            answer.extend(1_i32.to_be_bytes());
            answer.extend([API_VERSIONS, 0, NEWEST].map(i16::to_be_bytes).as_flattened());
            client.write_all(&sized(&answer))?;
        } else {
            server.write_all(&sized(&frame))?;
        }
    }
}

/// An address is a host as text and a port of 32 bits.
fn responses(
    server: &TcpStream,
    mut client: &TcpStream,
    (port, own): (u16, u16),
) -> io::Result<()> {
    let address = |port: u16| [b"127.0.0.1", &u32::from(port).to_be_bytes()[..]].concat();
    let (theirs, own) = (address(port), address(own));
    loop {
        let mut frame = frame(server)?;
        let at: Vec<usize> = frame
            .windows(theirs.len())
            .enumerate()
            .filter(|(_, bytes)| *bytes == theirs)
            .map(|(at, _)| at)
            .collect();
        for at in at {
            frame[at..at + own.len()].copy_from_slice(&own);
        }
        client.write_all(&sized(&frame))?;
    }
}

/// The bytes after a size of four bytes.
fn frame(mut stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut size = [0; 4];
    stream.read_exact(&mut size)?;
    let mut frame = vec![0; u32::from_be_bytes(size) as usize];
    stream.read_exact(&mut frame)?;
    Ok(frame)
}

fn sized(frame: &[u8]) -> Vec<u8> {
    [&(frame.len() as u32).to_be_bytes()[..], frame].concat()
}
