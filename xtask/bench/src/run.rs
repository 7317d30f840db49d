//! One run: a system is started, a scenario's load is put on it, and what was seen becomes figures.

use std::time::Duration;

use tokio::time::sleep;

use crate::{
    driver::{Goal, Held, Pace, Prepared, closed, leave, open},
    figures::Figures,
    machine::resident,
    meter::Meter,
    rounds::{Plan, Run},
    scenario::{Load, Scenario},
    system::{Started, System},
};

/// The prompt of a request whose body is not what is measured.
const SHORT: usize = 400;

/// Measures a system under a scenario's load.
pub(crate) async fn measure(
    plan: &Plan<'_>,
    scenario: &Scenario,
    system: &System,
) -> Result<Run, String> {
    let others = [plan.upstream];
    let mut starting = Meter::new(None, &others);
    starting.start();
    let started = system.start(&plan.places).await?;
    let mut stage = Stage {
        plan,
        meter: Meter::new(started.pid, &others),
        started,
        figures: Figures::default(),
        samples: Vec::new(),
    };
    match scenario.load {
        Load::Idle => stage.idle(starting).await,
        load => stage.load(load).await?,
    }
    if let System::Peer(peer) = system
        && stage.meter.cpu.is_zero()
    {
        return Err(format!(
            "pid={}: that process did nothing while {} answered; name the one that serves",
            peer.pid, peer.address
        ));
    }
    Ok(Run {
        round: 0,
        scenario: scenario.name.to_owned(),
        system: system.name().to_owned(),
        foreign: stage.meter.foreign,
        figures: stage.figures.0,
        samples: stage.samples,
    })
}

struct Stage<'a> {
    plan: &'a Plan<'a>,
    started: Started,
    meter: Meter,
    figures: Figures,
    samples: Vec<u32>,
}

impl Stage<'_> {
    async fn load(&mut self, load: Load) -> Result<(), String> {
        let Self { plan, started, meter, figures, samples } = self;
        let (goal, times) = (&started.goal, plan.times);
        match load {
            Load::Closed { connections, wish, prompt } => {
                let request = Prepared::new(goal, wish, prompt);
                let times = (times.warm, times.window(&wish));
                let seen = closed(goal, &request, connections, times, meter).await?;
                figures.load(&seen, meter, wish.is_stream())?;
                figures.memory(meter);
            }
            Load::Open { rate, connections, wish } => {
                let request = Prepared::new(goal, wish, SHORT);
                let pace = Pace { rate, connections };
                let seen = open(goal, &request, pace, (times.warm, times.open), meter).await?;
                figures.load(&seen, meter, false)?;
                *samples = seen.latencies;
            }
            Load::Held(count) => self.hold(count, true).await?,
            Load::Kept(count) => self.hold(count, false).await?,
            Load::Leaving { times, wish } => {
                let request = Prepared::new(goal, wish, SHORT);
                meter.start();
                let took = leave(goal, &request, times, plan.places.upstream).await?;
                meter.stop();
                figures.times("", &took);
                figures.slowest(&took);
            }
            Load::Idle => {}
        }
        Ok(())
    }

    /// How soon it answered, and what it holds when nobody asks. The window begins before its start:
    /// what strangers did then is what the time to its first answer suffered from.
    async fn idle(&mut self, mut meter: Meter) {
        meter.join(self.started.pid);
        sleep(Duration::from_millis(300)).await;
        meter.stop();
        if let Some(cold) = self.started.cold {
            self.figures.put("cold_ms", cold);
        }
        self.figures.memory(&meter);
        self.meter = meter;
    }

    async fn hold(&mut self, count: usize, are_streams: bool) -> Result<(), String> {
        let Some(pid) = self.started.pid else {
            return Err("there is no process to look at".to_owned());
        };
        let goal = &self.started.goal;
        // What the first connections bring once, for all that follow, is not theirs.
        let few = keep(goal, 10, are_streams).await?;
        let before = resident(pid);
        self.meter.start();
        let held = keep(goal, count, are_streams).await?;
        self.meter.stop();
        self.figures.put("each_kb", (self.meter.resident - before) / held.count() as f64);
        self.figures.memory(&self.meter);
        drop(few);
        Ok(())
    }
}

async fn keep(goal: &Goal, count: usize, are_streams: bool) -> Result<Held, String> {
    match are_streams {
        true => Held::open(goal, count).await,
        false => Held::idle(goal, count).await,
    }
}
