//! Chains of short chunks in one buffer: the memory of the wheel's buckets. They must never know
//! what a key says.

/// Keys in a chunk: 1 KB of memory.
pub(super) const CHUNK: u32 = 64;
/// No chunk.
pub(super) const NONE: u32 = u32::MAX;

/// Chunks of keys in one buffer, chained into buckets.
#[derive(Debug)]
pub(super) struct Chunks {
    pub(super) keys: Vec<u128>,
    /// For each chunk the one after it in its bucket, or in the chain of free ones.
    pub(super) next: Vec<u32>,
    free: u32,
}

/// The keys of one bucket: its first chunk and the place behind its last key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chain {
    pub(super) first: u32,
    pub(super) tail: u32,
}

impl Chunks {
    pub(super) fn new() -> Self {
        Self {
            keys: Vec::new(),
            next: Vec::new(),
            free: NONE,
        }
    }

    /// A chunk out of use, or a new one.
    pub(super) fn take(&mut self) -> u32 {
        let chunk = self.free;
        if chunk == NONE {
            let places = self.keys.len() + CHUNK as usize;
            assert!(places < NONE as usize, "the calendar holds all it can");
            self.keys.resize(places, 0);
            self.next.push(NONE);
            return u32::try_from(self.next.len() - 1).expect("fewer chunks than places");
        }
        self.free = self.next[chunk as usize];
        self.next[chunk as usize] = NONE;
        chunk
    }

    /// The chunk after `chunk` and the place behind its last key.
    #[inline]
    pub(super) fn end(&self, chunk: u32, tail: u32) -> (u32, u32) {
        let after = self.next[chunk as usize];
        let end = if after == NONE {
            tail
        } else {
            (chunk + 1) * CHUNK
        };
        (after, end)
    }

    #[inline]
    pub(super) fn give(&mut self, chunk: u32) {
        self.next[chunk as usize] = self.free;
        self.free = chunk;
    }

    /// Keys in `chain`; counting stops soon after `most`.
    pub(super) fn count(&self, chain: Chain, most: usize) -> usize {
        let (mut chunk, mut count) = (chain.first, 0);
        while chunk != NONE && count <= most {
            let (after, end) = self.end(chunk, chain.tail);
            count += (end - chunk * CHUNK) as usize;
            chunk = after;
        }
        count
    }

    /// Shows all keys of `chain` in the order they came in.
    #[inline]
    pub(super) fn each(&self, chain: Chain, mut see: impl FnMut(u128)) {
        let mut chunk = chain.first;
        while chunk != NONE {
            let (after, end) = self.end(chunk, chain.tail);
            for &key in &self.keys[(chunk * CHUNK) as usize..end as usize] {
                see(key);
            }
            chunk = after;
        }
    }

    pub(super) fn give_all(&mut self, chain: Chain) {
        let mut chunk = chain.first;
        while chunk != NONE {
            let after = self.next[chunk as usize];
            self.give(chunk);
            chunk = after;
        }
    }
}
