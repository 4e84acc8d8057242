//! The handles that an instance has open, numbered as Spin numbers them: one after the other from 0, a closed
//! one not used again (`crates/table` in Spin).

use std::collections::BTreeMap;

/// Open handles of one kind.
#[derive(Debug)]
pub(crate) struct Handles<T> {
    next: u32,
    open: BTreeMap<u32, T>,
}

impl<T> Default for Handles<T> {
    fn default() -> Self {
        Self {
            next: 0,
            open: BTreeMap::new(),
        }
    }
}

impl<T> Handles<T> {
    /// Opens a handle and gives its number.
    pub fn push(&mut self, value: T) -> u32 {
        let number = self.next;
        // An instance is out of fuel long before the numbers begin again.
        self.next = self.next.wrapping_add(1);
        self.open.insert(number, value);
        number
    }

    /// What a handle stands for; `None` where it is not open.
    pub fn get(&self, number: u32) -> Option<&T> {
        self.open.get(&number)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.open.get_mut(&number)
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Closes a handle, and gives what it stood for; nothing happens where it is not open.
    pub fn remove(&mut self, number: u32) -> Option<T> {
        self.open.remove(&number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_handle_stays_closed() {
        let mut handles = Handles::default();
        assert_eq!([handles.push('a'), handles.push('b')], [0, 1]);
        assert_eq!(handles.len(), 2);
        handles.remove(0);
        assert_eq!(handles.len(), 1);
        handles.remove(7);
        assert_eq!(handles.get(0), None);
        assert_eq!(handles.push('c'), 2);
        assert_eq!(handles.get(0), None);
        assert_eq!(handles.get(2), Some(&'c'));
    }
}
