//! A 4-ary heap with the ladder's contract: simple, slower, and the ladder's reference in tests
//! and benches.

use super::ladder::{pack, unpack};

/// Pending events in a 4-ary heap.
#[derive(Debug, Default, Clone)]
pub struct QuaternaryHeap {
    keys: Vec<u128>,
}

impl QuaternaryHeap {
    /// An empty heap.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts in an event.
    pub fn push(&mut self, at: u64, sequence: u64, slot: u32) {
        let key = pack(at, sequence, slot);
        let mut child = self.keys.len();
        self.keys.push(key);
        while child > 0 {
            let parent = (child - 1) / 4;
            if self.keys[parent] <= key {
                break;
            }
            self.keys[child] = self.keys[parent];
            child = parent;
        }
        self.keys[child] = key;
    }

    /// Takes out the first event if it is due at `bound` or earlier.
    pub fn pop_before(&mut self, bound: u64) -> Option<(u64, u32, u32)> {
        let first = *self.keys.first()?;
        let event = unpack(first);
        if event.0 > bound {
            return None;
        }
        let last = self.keys.pop().expect("the heap has a first key");
        if !self.keys.is_empty() {
            self.sift_down(last);
        }
        Some(event)
    }

    fn sift_down(&mut self, key: u128) {
        let mut parent = 0;
        loop {
            let first = 4 * parent + 1;
            let children = first..(first + 4).min(self.keys.len());
            let Some(least) = children.min_by_key(|&child| self.keys[child]) else {
                break;
            };
            if self.keys[least] >= key {
                break;
            }
            self.keys[parent] = self.keys[least];
            parent = least;
        }
        self.keys[parent] = key;
    }
}
