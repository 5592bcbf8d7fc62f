//! Definitions of the figures, in words. A response states them once, beside the figures of all its
//! groups.

use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::language::Message;

pub const EXECUTION_RATE: Message = Message::fixed(
    "이행된 협약 사항 ÷ 기한이 모두 지났고 이행 여부가 보고된 협약 사항. 체결된 협약만 세며, 취소되었거나 다른 협약으로 넘어간 것, 기한을 모르는 것, 기한 전인 것, 보고가 없는 것은 뺀다.",
    "Commitments fulfilled, of those whose due date has wholly passed and of which a report counts. Only of signed agreements; without what was dropped or carried over, has no known due date, is not due yet, or of which nothing was reported.",
);

pub const DUE_RATE: Message = Message::fixed(
    "이행된 협약 사항 ÷ 기한이 모두 지난 협약 사항. 보고가 없는 것은 이행되지 않은 것으로 센다. 체결된 협약만 세며, 취소되었거나 다른 협약으로 넘어간 것, 기한을 모르는 것, 기한 전인 것은 뺀다.",
    "Commitments fulfilled, of all whose due date has wholly passed; those of which nothing was reported count as not fulfilled. Only of signed agreements; without what was dropped or carried over, has no known due date or is not due yet.",
);

pub const COMPLETION_RATE: Message = Message::fixed(
    "완료된 협약 ÷ 완료되거나 해지된 협약. 다른 협약이 이은 것, 유효기간 만료로 끝난 것, 끝나지 않은 것은 뺀다.",
    "Agreements completed, of those completed or terminated. Without those that another agreement goes on with, that ended by the expiry of their term, or that have not ended.",
);

const ON_TIME_RATE: Message = Message::fixed(
    "최초 목표의 마지막 날까지 달성한 추진 단계 ÷ 달성했거나 최초 목표의 마지막 날이 지난 추진 단계. 목표가 뒤로 옮겨져도 최초 목표로 센다. 목표가 없는 것, 취소된 것, 최초 목표 전인 것, 날짜가 정밀하지 않아 알 수 없는 것은 뺀다.",
    "Milestones met by the last day of their first target, of those that were met or whose first target's last day has passed, wherever it moved since. Without those that have no target, were cancelled, are not due by their first target yet, or whose dates are too imprecise to tell.",
);

/// Definitions of the figures of agreements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgreementFormulas {
    /// Definition of `count`.
    pub count: Message,
    /// Definition of `by_status`.
    pub by_status: Message,
    /// Definition of `in_force`.
    pub in_force: Message,
    /// Definition of `ended_by`.
    pub ended_by: Message,
    /// Definition of `execution_rate_commitments`.
    pub execution_rate_commitments: Message,
    /// Definition of `execution_rate_commitments_due`.
    pub execution_rate_commitments_due: Message,
    /// Definition of `execution_rate_agreements`.
    pub execution_rate_agreements: Message,
    /// Definition of `freshness`.
    pub freshness: Message,
    /// Definition of `amounts`.
    pub amounts: Message,
}

pub const OF_AGREEMENTS: AgreementFormulas = AgreementFormulas {
    count: Message::fixed(
        "협약의 수. 상태를 가리지 않으며, 볼 수 있는 것만 센다.",
        "Agreements, whatever their status, of those that the caller sees.",
    ),
    by_status: Message::fixed(
        "그날의 상태별 협약의 수.",
        "Agreements by their status on the day.",
    ),
    in_force: Message::fixed(
        "그날 유효한 협약, 유효하지 않은 협약, 날짜로는 알 수 없는 협약의 수.",
        "Agreements that are in force on the day, that are not, and of which their dates do not tell.",
    ),
    ended_by: Message::fixed(
        "그날까지 끝난 협약을 끝난 방식(기간 만료, 완료, 해지, 대체)으로 나눈 수. 끝났는지 알 수 없는 것은 세지 않는다.",
        "Agreements that had certainly ended by the day, by expiry, completion, termination or supersession.",
    ),
    execution_rate_commitments: EXECUTION_RATE,
    execution_rate_commitments_due: DUE_RATE,
    execution_rate_agreements: COMPLETION_RATE,
    freshness: Message::fixed(
        "체결되어 끝나지 않은 협약을 마지막 체결·점검·반영된 보고의 날로 나눈 수. 기준은 그날의 지방자치단체 방침이며, 없으면 12개월이 지나면 ageing, 24개월이 지나면 stale.",
        "Agreements that are signed and have not ended, by the day of their signing, last review or last report that counts, whichever is last: ageing after 12 months and stale after 24, unless the municipality's policy of the day says otherwise.",
    ),
    amounts: Message::fixed(
        "체결된 협약의 협약 사항 중 같은 단위의 목표 수치가 있는 것의 합. 취소되었거나 다른 협약으로 넘어간 것은 뺀다. 달성 수치는 보고된 것만 더하며, 그 협약 사항들의 목표 합(promised_of_reported)과 비교한다.",
        "Sums over the commitments of signed agreements whose target is a number of the same unit, without what was dropped or carried over. Reached numbers are summed where they are reported, and compare to the targets of these commitments (promised_of_reported).",
    ),
};

/// Definitions of the figures of milestones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MilestoneFormulas {
    /// Definition of `count`.
    pub count: Message,
    /// Definition of `by_status`.
    pub by_status: Message,
    /// Definition of `on_time_rate`.
    pub on_time_rate: Message,
    /// Definition of `slip`.
    pub slip: Message,
    /// Definition of `moves`.
    pub moves: Message,
    /// Definition of `moves.days`.
    pub moves_days: Message,
    /// Definition of `freshness`.
    pub freshness: Message,
}

pub const OF_MILESTONES: MilestoneFormulas = MilestoneFormulas {
    count: Message::fixed(
        "추진 단계의 수. 볼 수 있는 사업의 것만 센다.",
        "Milestones, of the projects that the caller sees.",
    ),
    by_status: Message::fixed(
        "그날의 상태별 추진 단계의 수.",
        "Milestones by how they stand on the day.",
    ),
    on_time_rate: ON_TIME_RATE,
    slip: Message::fixed(
        "최초 목표의 마지막 날에서 마지막 목표의 마지막 날까지의 날수. 달성했으면 달성일의 마지막 날까지이고, 그날이 최초 목표의 마지막 날보다 늦지 않으면 0이다. 그 중앙값과 최소, 최대를 낸다. 날짜가 정밀하지 않아 가능한 범위의 최소값들의 중앙값과 최대값들의 중앙값, 전체의 최소와 최대도 따로 내며, 이는 양끝을 아는 것만 센다. 목표가 없거나 마지막 날을 모르는 것은 뺀다.",
        "Days from the last day of the first target to the last day of the latest one or, if it was met, to the last day of the date on which it was met, 0 if that does not lie after: their median, the least and the greatest. Beside it, since dates are imprecise, the possible range: the median of the least and that of the greatest numbers, and the least and the greatest of all, of those whose two ends are known. Without those that have no target, or of which a last day is unknown.",
    ),
    moves: Message::fixed(
        "바로 앞의 목표보다 마지막 날이 뒤로(later) 또는 앞으로(earlier) 옮겨진 목표 시점의 수. 앞의 목표를 더 좁히거나 넓히기만 한 것과 철회된 것은 세지 않는다.",
        "Statements whose target ends later, or earlier, than the one stated before. A target that only narrows or widens the one before has not moved, and what was retracted is not counted.",
    ),
    moves_days: Message::fixed(
        "옮겨진 목표마다 바로 앞의 목표의 마지막 날에서 새 목표의 마지막 날까지의 날수: 그 중앙값과 최소, 최대. 가능한 범위의 최소값들의 중앙값과 최대값들의 중앙값, 전체의 최소와 최대도 따로 내며, 이는 양끝을 아는 것만 센다. 마지막 날을 모르는 것은 뺀다.",
        "Days from the last day of the target stated before to the last day of the one that was moved to, of each such move: their median, the least and the greatest. Beside it the possible range: the median of the least and that of the greatest numbers, and the least and the greatest of all, of those whose two ends are known. Without those of which a last day is unknown.",
    ),
    freshness: Message::fixed(
        "달성되거나 취소되지 않은 추진 단계를 마지막 목표 시점 발표나 추진 결과의 날로 나눈 수. 기준은 그날의 지방자치단체 방침이며, 없으면 12개월이 지나면 ageing, 24개월이 지나면 stale.",
        "Milestones that are neither met nor cancelled, by the day of the last statement on them or of what last happened: ageing after 12 months and stale after 24, unless the municipality's policy of the day says otherwise.",
    ),
};
