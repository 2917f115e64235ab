//! What flows into what, so laid out that following it takes no look-ups: for each of a program's
//! thousands of sites thousands of nodes are gone through.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

/// More reads than these, the nearest ones, are not told of one site.
const MOST_SITES: usize = 256;
/// More nodes than these are not looked at for one site.
const MOST_NODES: usize = 4096;

/// What one thing is made of.
#[derive(Clone, Debug, Default, Hash)]
pub struct Made {
    pub opaque: bool,
    pub sites: Vec<u32>,
    pub nodes: Vec<u32>,
    /// Nodes of which only the reads count, not that they are opaque.
    pub parts: Vec<u32>,
}

/// Numbers from 0 on for ids that may be any.
#[derive(Default)]
struct Places(FxHashMap<u32, u32>);

impl Places {
    fn of(&mut self, id: u32) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(id).or_insert(next)
    }
}

/// All that flows into a node.
#[derive(Default)]
struct Node {
    opaque: bool,
    /// Sites, each with its place.
    sites: Vec<(u32, u32)>,
    /// Places of nodes, and whether it counts that they are opaque.
    nodes: Vec<(u32, bool)>,
}

/// When something was last come by.
#[derive(Clone, Copy, Default)]
struct Seen {
    time: u32,
    whole: bool,
}

#[derive(Default)]
pub struct Graph {
    node_places: Places,
    site_places: Places,
    /// By place.
    nodes: Vec<Node>,
    /// By place: when a node was last come by.
    seen: Vec<Seen>,
    /// By place: when a site was last found.
    found: Vec<u32>,
    /// Counts what is asked for.
    time: u32,
    waiting: VecDeque<(u32, bool)>,
}

impl Graph {
    /// This flows into the node.
    pub fn add(&mut self, node: u32, made: &Made) {
        let place = self.node(node) as usize;
        let (sites, nodes) = (self.sites_of(made), self.nodes_of(made));
        let node = &mut self.nodes[place];
        node.opaque |= made.opaque;
        node.sites.extend(sites);
        node.nodes.extend(nodes);
    }

    /// The place of a node.
    fn node(&mut self, node: u32) -> u32 {
        let place = self.node_places.of(node);
        if place as usize == self.nodes.len() {
            self.nodes.push(Node::default());
            self.seen.push(Seen::default());
        }
        place
    }

    fn sites_of(&mut self, made: &Made) -> Vec<(u32, u32)> {
        let sites = made.sites.iter();
        let placed = sites.map(|&site| (site, self.site_places.of(site)));
        let placed = placed.collect();
        self.found.resize(self.site_places.0.len(), 0);
        placed
    }

    fn nodes_of(&mut self, made: &Made) -> Vec<(u32, bool)> {
        let nodes = made.nodes.iter().map(|&node| (node, true));
        let nodes = nodes.chain(made.parts.iter().map(|&node| (node, false)));
        nodes
            .map(|(node, whole)| (self.node(node), whole))
            .collect()
    }

    /// The reads that something is made of, the nearest ones first, and whether more went in.
    pub fn closure(&mut self, made: &Made) -> (Vec<u32>, bool) {
        self.time += 1;
        let first = Node {
            opaque: made.opaque,
            sites: self.sites_of(made),
            nodes: self.nodes_of(made),
        };
        let mut walk = Walk {
            time: self.time,
            nodes: &self.nodes,
            seen: &mut self.seen,
            found: &mut self.found,
            waiting: &mut self.waiting,
            sites: Vec::new(),
            opaque: false,
        };
        walk.take(&first, true);
        walk.follow();
        (walk.sites, walk.opaque)
    }
}

/// On the way through the graph.
struct Walk<'g> {
    time: u32,
    nodes: &'g [Node],
    seen: &'g mut [Seen],
    found: &'g mut [u32],
    waiting: &'g mut VecDeque<(u32, bool)>,
    sites: Vec<u32>,
    opaque: bool,
}

impl Walk<'_> {
    /// `whole`: it counts whether the node is opaque.
    fn take(&mut self, node: &Node, whole: bool) {
        self.opaque |= whole && node.opaque;
        for &(site, place) in &node.sites {
            if self.found[place as usize] != self.time {
                self.found[place as usize] = self.time;
                self.sites.push(site);
            }
        }
        for &(place, counts) in &node.nodes {
            if !self.has_seen(place, whole && counts) {
                self.waiting.push_back((place, whole && counts));
            }
        }
    }

    fn has_seen(&self, place: u32, whole: bool) -> bool {
        let seen = self.seen[place as usize];
        seen.time == self.time && (seen.whole || !whole)
    }

    fn follow(&mut self) {
        let mut count = 0;
        while let Some((place, whole)) = self.waiting.pop_front() {
            if self.sites.len() >= MOST_SITES || count >= MOST_NODES {
                break;
            }
            if self.has_seen(place, whole) {
                continue;
            }
            let seen = &mut self.seen[place as usize];
            count += usize::from(seen.time != self.time);
            *seen = Seen {
                time: self.time,
                whole,
            };
            let nodes = self.nodes;
            self.take(&nodes[place as usize], whole);
        }
        self.waiting.clear();
        self.sites.truncate(MOST_SITES);
    }
}
