//! Reports on a commitment with OpenAPI Generator's client: report BASE-URL AGREEMENT COMMITMENT.
//! The token is in MOU_TOKEN.

use openapi::apis::agreements_api::create_commitment_report;
use openapi::apis::configuration::Configuration;
use openapi::models::{
    CommitmentReportCreate, ImpreciseDateInput, LocalizedInput, ReportableStatus, ReportedStatus,
};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, base_path, agreement, commitment] = arguments.as_slice() else {
        panic!("report BASE-URL AGREEMENT COMMITMENT");
    };
    let configuration = Configuration {
        base_path: base_path.clone(),
        bearer_access_token: std::env::var("MOU_TOKEN").ok(),
        ..Configuration::default()
    };
    let on = ImpreciseDateInput::String("2023-06".to_owned());
    let mut body = CommitmentReportCreate::new(on, ReportableStatus::ReportableStatusInProgress);
    let mut note = LocalizedInput::new();
    note.en = Some(Some("reported with Rust".to_owned()));
    body.note = Some(Some(Box::new(note)));
    let report = create_commitment_report(&configuration, agreement, commitment, body, None);
    let report = report.await.unwrap();
    assert_eq!(report.status, ReportedStatus::ReportedStatusInProgress);
    assert_eq!(report.on.edtf.as_deref(), Some("2023-06"));
    println!("Rust reported {}", report.id);
}
