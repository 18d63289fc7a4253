//! The inbox: fair, cancel-safe, never asleep over work.

use std::task::{Context, Poll, Waker};

use model::{MetricCode, Observation, Timeliness};

use crate::queue::OTHERS_MAX;
use crate::queue_laws::{alert, number, wave};
use crate::{InboxGone, TURN_MAX, inbox};

#[tokio::test]
async fn a_feed_that_floods_lets_the_others_have_their_turn() {
    let (mut outboxes, mut inbox) = inbox(3);
    for n in 0..100 {
        outboxes[0].send(wave(MetricCode::EcgII, n, 1), 0.0).await.unwrap();
    }
    outboxes[1].send(alert(0), 0.0).await.unwrap();
    outboxes[2].send(alert(0), 0.0).await.unwrap();
    let mut into = Vec::new();
    let taken = inbox.recv_many(&mut into, TURN_MAX + 2).await;
    assert_eq!(taken, TURN_MAX + 2);
    assert_eq!(into.iter().filter(|d| d.feed == 0).count(), TURN_MAX);
    assert_eq!((into[TURN_MAX].feed, into[TURN_MAX + 1].feed), (1, 2));
}

#[tokio::test]
async fn the_end_comes_after_the_last_delivery() {
    let (mut outboxes, mut inbox) = inbox(1);
    outboxes[0].send(Observation::Alive, 1.5).await.unwrap();
    drop(outboxes);
    let mut into = Vec::new();
    assert_eq!(inbox.recv_many(&mut into, 0).await, 1, "0 would mean the end");
    assert!((into[0].transit_ms - 1.5).abs() < f32::EPSILON);
    assert_eq!(inbox.recv_many(&mut into, 8).await, 0);
}

#[tokio::test]
async fn a_cancelled_reader_loses_nothing() {
    let (mut outboxes, mut inbox) = inbox(1);
    let mut into = Vec::new();
    for n in 0..50 {
        {
            let mut reading = Box::pin(inbox.recv_many(&mut into, 8));
            let mut context = Context::from_waker(Waker::noop());
            assert_eq!(reading.as_mut().poll(&mut context), Poll::Pending);
        }
        outboxes[0]
            .send(number(MetricCode::HeartRate, n, Timeliness::Live), 0.0)
            .await
            .unwrap();
        assert_eq!(inbox.recv_many(&mut into, 8).await, 1);
    }
    assert_eq!(into.len(), 50);
}

#[tokio::test]
async fn alerts_wait_for_room_and_arrive_all_and_in_order() {
    let (mut outboxes, mut inbox) = inbox(1);
    let mut outbox = outboxes.remove(0);
    let count = i64::try_from(OTHERS_MAX * 5).unwrap();
    let sender = tokio::spawn(async move {
        for n in 0..count {
            outbox.send(alert(n), 0.0).await.unwrap();
        }
    });
    let mut into = Vec::new();
    while inbox.recv_many(&mut into, 7).await > 0 {}
    sender.await.unwrap();
    let expected: Vec<_> = (0..count).map(alert).collect();
    assert!(into.into_iter().map(|d| d.observation).eq(expected));
}

#[tokio::test]
async fn a_sender_that_waits_learns_that_nobody_reads() {
    let (mut outboxes, inbox) = inbox(1);
    let mut outbox = outboxes.remove(0);
    for n in 0..OTHERS_MAX {
        outbox.send(alert(i64::try_from(n).unwrap()), 0.0).await.unwrap();
    }
    let waiting = tokio::spawn(async move { outbox.send(alert(0), 0.0).await });
    tokio::task::yield_now().await;
    drop(inbox);
    assert_eq!(waiting.await.unwrap(), Err(InboxGone));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_feeds_send_at_once_and_all_of_it_arrives() {
    let (outboxes, mut inbox) = inbox(1_000);
    for mut outbox in outboxes {
        tokio::spawn(async move {
            for n in 0..20 {
                outbox.send(alert(n), 0.0).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
    }
    let mut into = Vec::new();
    while inbox.recv_many(&mut into, 256).await > 0 {}
    assert_eq!(into.len(), 20_000);
}
