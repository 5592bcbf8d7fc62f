//! The form that erases the content of a file. The entry of the file stays, with the reason.

use actix_web::{HttpResponse, web};

use super::{About, Keeps, held};
use crate::db::AnyConnection;
use crate::http::filed;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, tag};
use crate::http::{Path, State};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::language::Message;
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Field, Group, Kind};
use crate::pages::office::tables::DONE;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

const ERASED: Field = Field::plain("erased", Kind::ChoiceOrNone, ("파일", "File"));

const WHY: Field = Field {
    at: "reason",
    kind: Kind::Lines,
    label: ("사유", "Reason"),
    hint: (
        "예: 주민등록번호 포함. 사유는 이력에 남으니 개인정보를 적지 마십시오.",
        "Such as: it holds resident registration numbers. The reason stays in the history: write no personal data.",
    ),
};

/// Characters that a reason has at most.
const LONGEST: usize = 1000;

/// The form that erases the content of a file.
const ERASURE: &[Group] = &[Group::of_body(("삭제", "Erasure"), &[ERASED, WHY])];

pub async fn ask<H: Keeps>(
    Path(ids): Path<H::Ids>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked::<H>(conn, cx, frame, form, ids);
    entry::open_as(H::OPERATIONS[1], &by, frame, Form::default(), make).await
}

pub async fn send<H: Keeps>(
    Path(ids): Path<H::Ids>,
    sent: Submission,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let done = erased::<H>(ids, &sent, &state, &frame).await;
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked::<H>(conn, cx, frame, form, ids);
    entry::settled(&by, frame, form, done, make).await
}

/// Erases the content of a file, and returns the URL to go on to.
async fn erased<H: Keeps>(
    ids: H::Ids,
    sent: &Submission,
    state: &State,
    frame: &Frame,
) -> Result<String, ApiError> {
    let w = frame.w;
    let operation = H::OPERATIONS[1];
    let back = sent.by.read_as(operation, move |conn, cx| {
        H::check(conn, cx, ids)?;
        Ok(H::about(conn, cx, w, ids)?.back)
    });
    let url = frame.with(&back.await?, &[(DONE, "1")]);
    let (file, why) = (sent.form.get(ERASED.at).parse().ok(), sent.form.get(WHY.at));
    let length = why.chars().count();
    let wrong = |field: &Field, code, ko, en| {
        FieldError::body(format!("/{}", field.at), code, Message::fixed(ko, en))
    };
    let unnamed = file.is_none().then(|| {
        let (ko, en) = ("파일을 고르십시오.", "Choose a file.");
        wrong(&ERASED, "required", ko, en)
    });
    let unsaid = (!(1..=LONGEST).contains(&length)).then(|| {
        let (ko, en) = (
            "사유를 1,000자 이내로 적어 주십시오.",
            "Give the reason, in 1,000 characters at most.",
        );
        wrong(&WHY, "required", ko, en)
    });
    match (file, unsaid) {
        (Some(file), None) => {
            let reason = Localized::in_its_language(why);
            filed::erase_by_form::<H>(sent, state, operation, (ids, file), reason).await?;
            Ok(url)
        }
        (_, unsaid) => Err(ApiError::invalid(
            unnamed.into_iter().chain(unsaid).collect(),
        )),
    }
}

fn asked<H: Keeps>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    ids: H::Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let About { list, back, .. } = H::about(conn, cx, w, ids)?;
    let files = held::<H>(conn, cx, w, ids)?;
    let entry = Entry {
        title: w
            .t("파일의 내용을 삭제합니까?", "Erase the content of a file?")
            .to_owned(),
        lead: vec![
            w.t(
                "개인정보가 있거나 보관하면 안 되는 파일의 내용을 삭제합니다. 삭제한 내용은 되살릴 수 없습니다.",
                "For a file with personal data, or one that must not be kept. What is erased cannot be brought back.",
            )
            .to_owned(),
            w.t(
                "파일의 이름과 사유는 기록과 이력에 남고, 앞서 만든 백업에는 내용도 남습니다. 다른 기록에 같은 파일이 있으면 거기서도 따로 삭제하십시오.",
                "Its name and the reason stay in the record and its history, and backups that were made before still hold the content. If another record has the same file, erase it there as well.",
            )
            .to_owned(),
        ],
        list,
        groups: ERASURE,
        send: match files.is_empty() {
            true => "",
            false => w.t("내용 삭제", "Erase the content"),
        },
        back,
        tag: Some(tag(&H::read(conn, cx, ids)?.revision())),
        offers: vec![(ERASED.at, files)],
        barred: H::check(conn, cx, ids).err(),
        ..Entry::default()
    };
    Ok((entry, form))
}
