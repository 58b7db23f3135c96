//! The `tlaloc` command.

use std::alloc::{GlobalAlloc, Layout};
use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Evaluation allocates all the time.
#[global_allocator]
static ALLOCATOR: Plain = Plain;

/// mimalloc, asked without an alignment where every block has it: a request for an aligned block whose size is no
/// power of two goes the long way whenever the page at hand is full, and so does giving it back.
struct Plain;

/// What every block is aligned to.
const ALIGNED: usize = 8;

#[expect(unsafe_code, reason = "what an allocator is")]
// SAFETY: everything is handed on to mimalloc, whose blocks are aligned to eight at least, whichever way they were
// asked for, and are given back in the same way.
unsafe impl GlobalAlloc for Plain {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGNED {
            // SAFETY: any size can be asked for.
            unsafe { libmimalloc_sys::mi_malloc(layout.size()).cast() }
        } else {
            // SAFETY: the caller's promise about the layout.
            unsafe { MiMalloc.alloc(layout) }
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGNED {
            // SAFETY: any size can be asked for.
            unsafe { libmimalloc_sys::mi_zalloc(layout.size()).cast() }
        } else {
            // SAFETY: the caller's promise about the layout.
            unsafe { MiMalloc.alloc_zeroed(layout) }
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise that the block came from here with this layout.
        unsafe { MiMalloc.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.align() <= ALIGNED {
            // SAFETY: the block came from here.
            unsafe { libmimalloc_sys::mi_realloc(block.cast(), size).cast() }
        } else {
            // SAFETY: the caller's promise about block, layout and size.
            unsafe { MiMalloc.realloc(block, layout, size) }
        }
    }
}

/// mimalloc's number for how many milliseconds it keeps memory that was freed.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

fn main() -> ExitCode {
    give_back_at_once();
    ExitCode::from(tlaloc::cli::run(std::env::args_os().collect()))
}

/// A table that was outgrown is not to stand beside the larger one: Paxos with ballots 0..3 needs 37 bytes a state
/// at its peak instead of 43, in the same time.
#[expect(unsafe_code, reason = "a setting of the allocator that has no safe name")]
fn give_back_at_once() {
    // SAFETY: setting options is not thread-safe, and there is one thread yet.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, 0) }
}
