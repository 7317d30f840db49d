//! Planning a request costs next to nothing, also among many targets.

use allocation_counter::measure;
use ferro_core::{Strategy, chat::ChatRequest, surface::Chat};
use ferro_strategies::{CostOptimized, Fallback, LeastLatency, LoadBalance};

use crate::scenario::{Scenario, caller};

const NAMES: [&str; 50] = [
    "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "t10", "t11", "t12", "t13", "t14",
    "t15", "t16", "t17", "t18", "t19", "t20", "t21", "t22", "t23", "t24", "t25", "t26", "t27",
    "t28", "t29", "t30", "t31", "t32", "t33", "t34", "t35", "t36", "t37", "t38", "t39", "t40",
    "t41", "t42", "t43", "t44", "t45", "t46", "t47", "t48", "t49",
];

fn planned(strategy: impl Strategy + 'static) -> u64 {
    let running = Scenario::new(NAMES.map(|name| (name, vec![]))).strategy(strategy).start();
    let request = ChatRequest::parse(br#"{"model":"m","messages":[{}]}"#.to_vec()).unwrap();
    let mut opened = running.engine.open_request::<Chat>(caller(), request);
    opened.preview().unwrap();
    let allocations = measure(|| {
        let decision = opened.preview().unwrap();
        assert_eq!(decision.considered.len() + decision.unlisted as usize, 50);
    });
    allocations.count_total
}

#[test]
fn a_request_is_planned_among_fifty_targets_without_allocating() {
    assert_eq!(planned(Fallback), 0);
    assert_eq!(planned(LoadBalance), 0);
    assert_eq!(planned(LeastLatency::default()), 0);
    assert_eq!(planned(CostOptimized::default()), 0);
}
