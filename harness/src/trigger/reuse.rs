//! WASI 0.3 instances that serve several requests, as under `spin up`: at most 16 at once and 128 in all in one
//! instance, dropped after a second of idleness or a trap.

use super::bounded::{note_trap, trap, within_bounds};
use super::client::Answer;
use super::drive::{Job, SharedAnswer, handle_03, taken};
use super::instantiate::{CountedStore, instantiate};
use crate::engine::CompiledComponent;
use crate::host::{InstanceState, Stop};
use crate::sandbox::Session;
use futures::future::{join_all, try_join_all};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use wasmtime_wasi_http::p3::bindings::{Service, ServicePre};

/// Most requests that one instance serves at once.
const AT_ONCE: usize = 16;

/// Most requests that one instance serves in all.
const IN_ALL: usize = 128;

/// Virtual time after which an idle instance is dropped.
const IDLE: Duration = Duration::from_secs(1);

/// Instances that wait for a next request.
#[derive(Default)]
pub(crate) struct IdleInstances(Mutex<Vec<Idle>>);

struct Idle {
    /// Its id, which tells variants of one component apart too.
    component: Arc<str>,
    store: CountedStore,
    service: Service,
    stop: Arc<Stop>,
    served: usize,
    since: Duration,
}

impl IdleInstances {
    /// Takes an instance of a component that may serve more, and drops those that waited too long.
    fn take(&self, component: &CompiledComponent, now: Duration) -> Option<Idle> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (fresh, stale): (Vec<_>, Vec<_>) = std::mem::take(&mut *idle)
            .into_iter()
            .partition(|instance| now.saturating_sub(instance.since) < IDLE);
        *idle = fresh;
        let index = idle
            .iter()
            .position(|instance| Arc::ptr_eq(&instance.component, component.id()));
        let taken = index.map(|index| idle.remove(index));
        drop(idle);
        // What an instance does when it ends must not meet the lock.
        drop(stale);
        taken
    }

    fn give_back(&self, instance: Idle) {
        if instance.served < IN_ALL {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(instance);
        }
    }
}

/// Serves requests that came at once, with instances that served others before where there are any.
pub(crate) async fn serve_reusing(
    session: &Session,
    component: &CompiledComponent,
    service: &ServicePre<InstanceState>,
    jobs: Vec<Job>,
) -> Vec<Answer> {
    let mut groups = Vec::new();
    let mut jobs = jobs.into_iter().peekable();
    while jobs.peek().is_some() {
        let idle = session
            .idle_instances()
            .and_then(|idle| idle.take(component, session.clock().elapsed()));
        let room = idle
            .as_ref()
            .map_or(IN_ALL, |idle| IN_ALL - idle.served)
            .min(AT_ONCE);
        let group: Vec<Job> = jobs.by_ref().take(room).collect();
        groups.push(serve_group(session, component, service, idle, group));
    }
    join_all(groups).await.into_iter().flatten().collect()
}

async fn serve_group(
    session: &Session,
    component: &CompiledComponent,
    service: &ServicePre<InstanceState>,
    idle: Option<Idle>,
    jobs: Vec<Job>,
) -> Vec<Answer> {
    let answers: Vec<SharedAnswer> = jobs.iter().map(|_| SharedAnswer::default()).collect();
    match try_serve(session, component, service, idle, jobs, &answers).await {
        Ok(()) => {}
        Err(error) => {
            for answer in &answers {
                super::drive::with(answer, |answer| {
                    answer.problem = Some(format!("the instance could not be made: {error:#}"));
                });
            }
        }
    }
    answers.iter().map(taken).collect()
}

async fn try_serve(
    session: &Session,
    component: &CompiledComponent,
    service: &ServicePre<InstanceState>,
    idle: Option<Idle>,
    jobs: Vec<Job>,
    answers: &[SharedAnswer],
) -> wasmtime::Result<()> {
    let bounds = &session.options().bounds;
    let served = jobs.len();
    let first = jobs.first().map_or(1, Job::lane);
    // Several requests at once are all of clients, and at the top of their chains.
    let chain = jobs.first().map(|job| Arc::clone(&job.chain));
    let chain = chain.unwrap_or_default();
    enum Place {
        Ready(Box<CountedStore>, Service),
        Fresh(Box<InstanceState>),
    }
    let (place, stop, instance, before) = match idle {
        Some(idle) => {
            let instance = idle.store.data().caller.instance;
            let place = Place::Ready(Box::new(idle.store), idle.service);
            (place, idle.stop, instance, idle.served)
        }
        None => {
            let state = InstanceState::new(session, component, first, Arc::clone(&chain))?;
            let (stop, instance) = (Arc::clone(&state.stop), state.caller.instance);
            (Place::Fresh(Box::new(state)), stop, instance, 0)
        }
    };
    stop.renew(bounds, served as u64);
    let serving = async {
        let (mut store, ready) = match place {
            Place::Ready(store, ready) => (*store, ready),
            Place::Fresh(state) => instantiate(component, service, *state).await?,
        };
        let state = store.data_mut();
        state.serve(first, Arc::clone(&chain));
        state.shared = served > 1;
        store.give_fuel(served as u64)?;
        let ran = store
            .run_concurrent(async |accessor| {
                let requests = jobs
                    .into_iter()
                    .zip(answers)
                    .map(|(job, answer)| handle_03(session, accessor, &ready, &stop, job, answer));
                try_join_all(requests).await?;
                poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
                wasmtime::error::Ok(())
            })
            .await;
        store.count_fuel();
        ran??;
        Ok((store, ready))
    };
    match within_bounds(session, &stop, &chain, serving).await {
        Ok((store, ready)) => {
            if let Some(idle) = session.idle_instances() {
                idle.give_back(Idle {
                    component: Arc::clone(component.id()),
                    store,
                    service: ready,
                    stop,
                    served: before + served,
                    since: session.clock().elapsed(),
                });
            }
        }
        Err(ended) => {
            // One trap takes every request of the instance with it; those that were answered keep their answer.
            let mut noted = false;
            for answer in answers {
                if super::drive::with(answer, |answer| answer.complete) {
                    continue;
                }
                if noted {
                    let why = trap(session, component, instance, &ended).to_string();
                    super::drive::with(answer, |answer| answer.problem = Some(why));
                } else {
                    note_trap(session, component, instance, &ended, answer);
                    noted = true;
                }
            }
            if !noted {
                session.trapped(trap(session, component, instance, &ended));
            }
        }
    }
    Ok(())
}
