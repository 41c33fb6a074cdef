//! Sends prompts that begin alike to the GPU that has their beginning in its cache.

use apportion::Locator;
use apportion::bounded::{InFlight, LoadFactor, LoadLimit};

/// So many bytes of a prompt choose the GPU.
const PREFIX: usize = 64;

fn main() -> Result<(), apportion::Error> {
    let gpus = Locator::rendezvous(["gpu-0", "gpu-1", "gpu-2", "gpu-3"])?;
    // A GPU may have 5/4 of the mean, or 8,000 tokens more than the mean: a small load never spreads.
    let limit = LoadLimit::new(LoadFactor::new(5, 4)?).margin(8_000);
    let tokens = InFlight::of(gpus.topology().members(), limit);
    let route = |prompt: &str, cost| {
        let prefix = &prompt.as_bytes()[..prompt.len().min(PREFIX)];
        let lease = tokens.acquire_cost(gpus.candidates(prefix).map(|(gpu, _)| gpu), cost)?;
        Some((*gpus.topology().get(lease.node())?, lease))
    };

    let chat = "You are a careful assistant of the tax office. Answer briefly. User 7:";
    let mut running = Vec::new();
    for (question, cost) in [(" When?", 900), (" And last year?", 1_100), (" Why?", 1_000)] {
        let (gpu, lease) = route(&format!("{chat}{question}"), cost).expect("no cap is set");
        println!("{gpu} gets{question}");
        running.push(lease); // counts until the response has ended
    }
    for _ in 0..30 {
        running
            .extend(route(&format!("{chat} Everybody asks this."), 1_000).map(|(_, lease)| lease));
    }
    for (gpu, name) in gpus.topology().iter() {
        println!("{name}: {:6} tokens in flight", tokens.load(gpu));
    }
    Ok(())
}
