//! What the process runs on.

use std::{io, num::NonZero, thread};

use tokio::runtime::{Builder, Runtime};

/// A runtime for as many cores as the process may use.
///
/// On one core it has one thread, not a pool with one worker: a worker's own queue takes 256 tasks,
/// and when more connections than that are ready at once, half of them go to a second queue, which
/// is looked into now and then. They wait several times as long as those that came after them. The
/// queue of a single thread is one, of any length, in the order of arrival.
pub(crate) fn runtime() -> io::Result<Runtime> {
    of_cores(thread::available_parallelism().map_or(1, NonZero::get))
}

fn of_cores(cores: usize) -> io::Result<Runtime> {
    let mut builder = match cores {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::{runtime::RuntimeFlavor, sync::oneshot, task::JoinSet};

    use super::*;

    #[test]
    fn one_core_gets_one_thread_and_more_get_a_pool() {
        let flavor = |cores| of_cores(cores).unwrap().handle().runtime_flavor();
        assert_eq!(flavor(1), RuntimeFlavor::CurrentThread);
        assert_eq!(flavor(2), RuntimeFlavor::MultiThread);
    }

    #[test]
    fn on_one_core_whoever_is_ready_first_is_served_first_however_many_there_are() {
        const MANY: usize = 1000;
        let served = Arc::new(Mutex::new(Vec::new()));
        let serving = Arc::clone(&served);
        of_cores(1).unwrap().block_on(async move {
            let (mut tasks, mut clients) = (JoinSet::new(), Vec::new());
            for number in 0..MANY {
                let (client, asked) = oneshot::channel::<()>();
                clients.push(client);
                let served = Arc::clone(&serving);
                tasks.spawn(async move {
                    asked.await.unwrap();
                    served.lock().unwrap().push(number);
                });
            }
            // All of them wait before the first is asked.
            tokio::task::yield_now().await;
            tasks.spawn(async move { clients.into_iter().for_each(|c| c.send(()).unwrap()) });
            tasks.join_all().await;
        });
        assert_eq!(*served.lock().unwrap(), (0..MANY).collect::<Vec<_>>());
    }
}
