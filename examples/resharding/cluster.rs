//! All nodes, and how they are asked.

use crate::node::{Request, serve};
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// Nodes by number. Their threads end with this value.
pub(crate) struct Cluster(Vec<Sender<Request>>);

impl Cluster {
    pub(crate) fn start(nodes: u32) -> Self {
        let start = |_| {
            let (sender, receiver) = channel();
            thread::spawn(move || serve(&receiver));
            sender
        };
        Self((0..nodes).map(start).collect())
    }

    /// Sends a request, and says whether the node can still receive one.
    pub(crate) fn send(&self, node: u32, request: Request) -> bool {
        self.0.get(node as usize).is_some_and(|sender| sender.send(request).is_ok())
    }

    /// Asks a node and waits; `None` if it has crashed.
    pub(crate) fn ask<T>(
        &self,
        node: u32,
        request: impl FnOnce(Sender<T>) -> Request,
    ) -> Option<T> {
        let (reply, answer) = channel();
        if self.send(node, request(reply)) { answer.recv().ok() } else { None }
    }

    /// Asks several nodes and waits until all have answered; false if one of them has crashed.
    pub(crate) fn all_do<'n>(
        &self,
        nodes: impl IntoIterator<Item = &'n u32>,
        request: impl Fn(Sender<()>) -> Request,
    ) -> bool {
        let (reply, answers) = channel();
        let mut asked = 0;
        for node in nodes {
            if !self.send(*node, request(reply.clone())) {
                return false;
            }
            asked += 1;
        }
        drop(reply);
        answers.iter().count() == asked
    }
}
