//! The pointer under composite values: one word, either counted or static.
//!
//! A composite is one block of memory: a head (count or id, length, hash), what is particular to its
//! kind (a record's shape, a function's domain) and its items in place. A **counted** block belongs to
//! one thread and is freed with its last pointer; a **static** block was interned: it is never changed
//! and never freed, so its pointer is copied without touching the block, and may be read by every
//! thread. The lowest bit of the pointer says which.

#![allow(unsafe_code, reason = "one allocation with a trailing slice behind a tagged thin pointer")]

use std::alloc::{self, Layout};
use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::{self, NonNull};

use super::Value;

/// What every composite begins with.
#[repr(C)]
struct Head {
    /// Pointers to a counted block; the id of a static one.
    word: Cell<u32>,
    /// Number of items.
    len: u32,
    /// Structural hash; 0 of a counted block whose hash was not asked for.
    hash: Cell<u64>,
}

/// A composite value: its items, and what is particular to its kind.
#[repr(C)]
pub struct Block<X> {
    head: Head,
    pub(super) extra: X,
    pub(super) items: [Value],
}

/// A pointer to a composite, counted or static.
pub struct Shared<T: ?Sized + Composite> {
    /// The address of the block, plus one if it is static.
    tagged: NonNull<u8>,
    /// Counted blocks stay on their thread.
    marker: PhantomData<*const T>,
}

const STATIC: usize = 1;

mod sealed {
    /// Only [`super::Block`] is a composite.
    pub trait Sealed {}
    impl<X> Sealed for super::Block<X> {}
}

/// What [`Shared`] can point to.
pub trait Composite: sealed::Sealed {
    /// The wide pointer to the block at a thin address.
    #[doc(hidden)]
    fn widen(thin: NonNull<u8>) -> *mut Self;
}

impl<X> Composite for Block<X> {
    #[inline(always)]
    fn widen(thin: NonNull<u8>) -> *mut Self {
        // SAFETY: `Shared` only calls this with the address of a live block, which begins with a head.
        let len = unsafe { (*thin.as_ptr().cast::<Head>()).len } as usize;
        ptr::slice_from_raw_parts_mut(thin.as_ptr(), len) as *mut Self
    }
}

impl<T: ?Sized + Composite> Shared<T> {
    #[inline(always)]
    fn thin(&self) -> NonNull<u8> {
        // SAFETY: clearing the tag gives back the block's address, which is aligned to 8 and not null.
        unsafe { NonNull::new_unchecked(self.tagged.as_ptr().map_addr(|address| address & !STATIC)) }
    }

    /// True if the block is interned.
    #[inline(always)]
    pub fn is_static(&self) -> bool {
        self.tagged.addr().get() & STATIC != 0
    }

    #[inline(always)]
    fn head(&self) -> &Head {
        // SAFETY: the block is alive as long as `self`, and begins with a head.
        unsafe { &*self.thin().as_ptr().cast::<Head>() }
    }

    /// The id of an interned block.
    #[inline(always)]
    pub fn id(&self) -> Option<u32> {
        self.is_static().then(|| self.head().word.get())
    }

    /// The structural hash, if it is known: that of an interned block always is.
    #[inline(always)]
    pub fn hash(&self) -> Option<u64> {
        let hash = self.head().hash.get();
        (hash != 0 || self.is_static()).then_some(hash)
    }

    /// Keeps the structural hash of a counted block, which nobody changes as long as it lives.
    #[inline]
    pub(super) fn keep_hash(&self, hash: u64) -> u64 {
        if !self.is_static() {
            self.head().hash.set(hash);
        }
        hash
    }

    /// True if both point to the same block.
    #[inline(always)]
    pub fn same(&self, other: &Self) -> bool {
        self.tagged.addr() == other.tagged.addr()
    }
}

impl<X> Shared<Block<X>> {
    fn layout(len: usize) -> Layout {
        let items = Layout::array::<Value>(len).expect("items that exist in memory have a layout");
        let (layout, _) = Layout::new::<Head>().extend(Layout::new::<X>()).expect("a head is small");
        let (layout, _) = layout.extend(items).expect("items that exist in memory have a layout");
        layout.pad_to_align()
    }

    /// Bytes of a block with this many items.
    pub(super) fn bytes(len: usize) -> usize {
        Self::layout(len).size()
    }

    fn allocate(word: u32, hash: u64, extra: X, len: usize, mut item: impl FnMut(usize) -> Value) -> NonNull<u8> {
        let count = u32::try_from(len).expect("fewer than 2^32 items fit in memory");
        let layout = Self::layout(len);
        // SAFETY: a head is not empty, so neither is the layout.
        let Some(thin) = NonNull::new(unsafe { alloc::alloc(layout) }) else { alloc::handle_alloc_error(layout) };
        let wide = ptr::slice_from_raw_parts_mut(thin.as_ptr(), len) as *mut Block<X>;
        // SAFETY: the block is ours alone and large enough for a head, `X` and `len` items in the
        // order of the `repr(C)` struct. If `item` panics the block leaks.
        unsafe {
            ptr::addr_of_mut!((*wide).head).write(Head { word: Cell::new(word), len: count, hash: Cell::new(hash) });
            ptr::addr_of_mut!((*wide).extra).write(extra);
            let items = ptr::addr_of_mut!((*wide).items).cast::<Value>();
            for index in 0..len {
                items.add(index).write(item(index));
            }
        }
        thin
    }

    /// A counted block of `len` items.
    pub(super) fn counted(extra: X, len: usize, item: impl FnMut(usize) -> Value) -> Self {
        Self { tagged: Self::allocate(1, 0, extra, len, item), marker: PhantomData }
    }

    /// A counted block that takes the items of a list.
    pub(super) fn from_list(extra: X, list: Vec<Value>) -> Self {
        let len = list.len();
        let mut items = list.into_iter();
        Self::counted(extra, len, |_| items.next().expect("the list has `len` items"))
    }

    /// A static block: every value in it must be static or without a block.
    pub(super) fn interned(id: u32, hash: u64, extra: X, items: &[Value]) -> Self {
        let thin = Self::allocate(id, hash, extra, items.len(), |index| items[index].clone());
        // SAFETY: adding one to an address aligned to 8 does not reach null.
        let tagged = unsafe { NonNull::new_unchecked(thin.as_ptr().map_addr(|address| address | STATIC)) };
        Self { tagged, marker: PhantomData }
    }
}

impl<T: ?Sized + Composite> Deref for Shared<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the block is alive as long as `self`, and nobody has a unique reference to it.
        unsafe { &*T::widen(self.thin()) }
    }
}

impl<T: ?Sized + Composite> Shared<T> {
    /// Counts one more pointer to a counted block.
    #[inline(always)]
    fn retain(&self) {
        if !self.is_static() {
            let word = &self.head().word;
            word.set(word.get().checked_add(1).expect("fewer than 2^32 pointers to one block"));
        }
    }
}

impl<T: ?Sized + Composite> Clone for Shared<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.retain();
        Self { tagged: self.tagged, marker: PhantomData }
    }
}

/// Not derived: counts first, then copies both words at once whatever the kind, so that a later load of
/// both does not wait for narrower stores.
impl Clone for Value {
    #[inline(always)]
    fn clone(&self) -> Self {
        match self {
            Value::Tuple(block) => block.retain(),
            Value::Record(block) => block.retain(),
            Value::Function(block) => block.retain(),
            Value::Set(block) => block.retain(),
            Value::Lazy(lazy) => std::mem::forget(lazy.clone()),
            Value::Operator(operator) => std::mem::forget(operator.clone()),
            Value::Bool(_) | Value::Int(_) | Value::String(_) | Value::Model(_) => {}
        }
        // SAFETY: the copy owns what was just counted: nothing for plain values and static blocks, one
        // pointer otherwise.
        unsafe { ptr::read(self) }
    }
}

impl<T: ?Sized + Composite> Drop for Shared<T> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.is_static() {
            let word = &self.head().word;
            let left = word.get() - 1;
            word.set(left);
            if left == 0 {
                free::<T>(self.thin());
            }
        }
    }
}

#[inline(never)]
fn free<T: ?Sized + Composite>(thin: NonNull<u8>) {
    let wide = T::widen(thin);
    // SAFETY: the last pointer to a counted block is gone; `wide` is how it was allocated, and the
    // layout of the value there is the one it was allocated with.
    unsafe {
        let layout = Layout::for_value(&*wide);
        ptr::drop_in_place(wide);
        alloc::dealloc(thin.as_ptr(), layout);
    }
}
