//! The counted operations. Each runs once under Valgrind, on inputs that are the same everywhere; its
//! inputs are made before the counting starts and never dropped.

mod change;
mod inputs;
mod lookup;
mod plan;
mod replicas;

use change::changes;
use gungraun::{Callgrind, LibraryBenchmarkConfig, main};
use lookup::lookups;
use plan::plans;
use replicas::holders;

/// What glibc would decide by the processor: its functions on memory would take other instructions on
/// machines with wider vectors or larger caches. With this, all of them use SSE2.
const TUNABLES: &str = "glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-AVX512F,-AVX512VL,-AVX512BW,-EVEX,-ERMS,\
-FSRM,-BMI2,-LZCNT,-MOVBE,-RTM,-SSE4_2,-SSSE3,-AVX_Fast_Unaligned_Load:\
glibc.cpu.x86_non_temporal_threshold=0xc0000:glibc.cpu.x86_rep_movsb_threshold=0x10000:\
glibc.cpu.x86_rep_stosb_threshold=0x10000";

main!(
    config = LibraryBenchmarkConfig::default()
        .env_clear(true)
        .env("GLIBC_TUNABLES", TUNABLES)
        .tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = [lookups, holders, changes, plans]
);
