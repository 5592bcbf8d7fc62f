//! How often the first proposal is right, and what matching many takes.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::json;

use crate::announcements::matching::invented::{City, Numbers};
use crate::announcements::matching::{Known, Records, Told};
use crate::announcements::types::AnnouncementContent;

fn records(city: &City) -> Records {
    let known: Vec<Known> = city
        .agreements
        .iter()
        .map(|one| one.known.clone())
        .collect();
    Records::of(known, &city.names, &[city.own()])
}

/// 200 announcements of which 120 have a match.
#[test]
fn the_first_proposal_is_right() {
    let numbers = &mut Numbers::new(20);
    let city = City::new(numbers, 160, 260);
    let records = records(&city);
    let (mut right, mut wrong) = (0, Vec::new());
    for agreement in city.agreements.iter().step_by(2).take(120) {
        let told = city.announcement(numbers, agreement);
        let found = records.candidates(&Told::of(&told), &BTreeSet::new());
        match found.first().filter(|first| first.is_proposed) {
            Some(first) if first.target == agreement.known.target => right += 1,
            Some(first) => wrong.push(format!("{:?}: {first:?}", told.title.ko)),
            None => println!(
                "missed {:?} {:?}: {:?}",
                told.title.ko,
                agreement.known.title.ko,
                found
                    .iter()
                    .take(2)
                    .map(|one| (one.target == agreement.known.target, one.score))
                    .collect::<Vec<_>>()
            ),
        }
    }
    for i in 0..80 {
        let told = city.distractor(numbers, i % 10);
        let found = records.candidates(&Told::of(&told), &BTreeSet::new());
        if let Some(first) = found.first().filter(|first| first.is_proposed) {
            wrong.push(format!("{} {:?}: {first:?}", i % 10, told.title.ko));
        }
    }
    let (proposed, all) = (right + wrong.len(), 120);
    println!(
        "{right} right of {all}, {} wrong of {proposed}",
        wrong.len()
    );
    // 0.95 and 0.9, in whole numbers.
    assert!(right * 100 >= 95 * proposed, "precision: {wrong:#?}");
    assert!(right * 10 >= 9 * all, "recall: {right} of {all}");
}

/// Prints what it takes: `cargo test --lib matching_many -- --ignored --nocapture`.
#[test]
#[ignore = "takes a while, and says something on a quiet machine only"]
fn matching_many_takes_at_most_ten_times_what_reading_them_takes() {
    let numbers = &mut Numbers::new(7);
    let city = City::new(numbers, 6_000, 20_000);
    let told: Vec<String> = (0..5_000)
        .map(|i| match i % 2 {
            0 => city.announcement(numbers, &city.agreements[i * 3]),
            _ => city.distractor(numbers, i % 10),
        })
        .map(|content| serde_json::to_string(&content).unwrap())
        .collect();
    let docs: Vec<String> = city
        .agreements
        .iter()
        .map(|one| {
            let parties: Vec<_> = one.known.parties.iter().map(|id| json!({"organization_id": id, "role": "partner"})).collect();
            json!({"kind": "mou", "title": one.known.title, "purpose": {"ko": "함께 힘을 모은다."}, "parties": parties,
                "visibility": "public"}).to_string()
        })
        .collect();
    let start = Instant::now();
    let told: Vec<AnnouncementContent> = told
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    let values: Vec<serde_json::Value> = docs
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    let reading = start.elapsed();
    let start = Instant::now();
    let records = records(&city);
    let indexing = start.elapsed();
    let proposed = told.iter().filter(|one| {
        let found = records.candidates(&Told::of(one), &BTreeSet::new());
        found.first().is_some_and(|first| first.is_proposed)
    });
    let proposed = proposed.count();
    let matching = start.elapsed();
    println!(
        "parsing {} documents {reading:?}; indexing {indexing:?}, with matching {matching:?}; {proposed} proposed",
        told.len() + values.len()
    );
    assert!(matching <= 10 * reading, "{matching:?} for {reading:?}");
}
