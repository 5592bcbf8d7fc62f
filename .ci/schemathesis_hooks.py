"""What Schemathesis has to know about this API beyond its spec."""

import functools
import json
import os
import urllib.request
import uuid

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import positive_data_acceptance

# `errors[].code`, with the place where it matters, of the rules that no JSON Schema can state. A valid request that is refused for
# these alone was refused rightly; any other refusal means that the spec promises too much.
BEYOND_SCHEMA = {
    "character",  # U+0000, which PostgreSQL cannot store
    "after_end",
    "after_review",
    "after_signing",  # a party that signed later than all
    "after_superseding",
    "announced_on_unknown",  # of an announcement whose targets are confirmed
    "another_municipality",  # of an agreement that is linked
    "before_completion",
    "before_signing",
    "before_superseded",
    "before_termination",
    "beyond_the_end",  # of the log, after which changes are asked for
    "business_number",  # a check digit
    "circular",
    "commitment_settled",
    "commitment_twice",
    "commitment_undecided",
    "conflict",  # of a row of an import
    "consent",  # that a policy demands before a signing
    "contradicts_signed_on",
    "currency_needed",  # of an amount of money
    "corporate_number",  # a check digit
    "figure_and_range",  # of a quantity
    "file_cells",  # of an imported file
    "file_columns",  # of an imported file
    "file_damaged",  # of an imported file
    "file_empty",  # of an imported file
    "file_encoding",  # of an imported file
    "file_encrypted",  # of an imported file
    "file_no_table",  # of an imported file
    "file_quote_open",  # of an imported file
    "file_rows",  # of an imported file
    "file_type_contradicts",  # of an imported file
    "forbidden_address",  # of a webhook: none of the internet
    "fragment",  # of a webhook's URL
    "holiday_twice",
    "identifier_twice",
    "kind_fixed",  # of a municipality, and of an association with members
    "in_future",
    "in_past",
    "invalid_cursor",  # a cursor comes from the page before
    "line_break",  # at the end of a text: `$` matches before it in Python
    "member_already",
    "min_items /parties",  # of an agreement that is signed
    "min_items /record_types",  # of a webhook that is sent no digests
    "municipality_needed",  # of a token: it is bound to municipalities, to all, or to an organization; of a webhook's digests
    "no_anchor",  # of a relative date
    "no_feed",  # a file that is no RSS or Atom
    "no_language",
    "member_of_itself",
    "no_such_row",  # of an import
    "not_a_party",
    "not_an_owner",  # of an agreement: the municipality of a council action, review, document or publication
    "not_for_csv",  # the encoding of a file
    "not_for_files",  # pages
    "not_in_cp949",
    "no_such_answer",  # to no question of an import
    "not_in_import",  # a sheet, a field or a cell
    "only_for_files",  # the language of a file
    "organization_twice",  # by its id and by its name
    "organization_unclear",  # of those that have a name like the one given
    "owner_already",
    "party_twice",
    "row_not_valid",  # of an import
    "unknown_enumeration",  # whose labels are asked for
    "unknown_field",  # of rows: each list has its own
    "unknown_file",  # that another one follows
    "not_completed",  # of a report to the council afterwards
    "not_terminated",
    "not_a_signing",
    "not_a_termination",
    "not_of_its_project",  # of a milestone from which the target of another is counted
    "not_of_its_projects",  # of a milestone to which a date is relative
    "not_renewing",
    "no_target",  # of a report that gives a number
    "name_needed",  # of a measure of progress that is `other`
    "nothing_stated",
    "not_signed",  # of a review of an agreement that was not
    "not_a_municipality",
    "not_asked",  # of a step that says what becomes of commitments where nothing ends
    "not_superseded",
    "not_https",  # of a webhook's URL
    "not_the_status",
    "one_of_two",
    "one_required",  # x-one-required, which generators of requests do not know
    "overlapping_policies",
    "nul",  # U+0000, which PostgreSQL cannot store
    "open_ended",
    "out_of_order",
    "over_100_percent",
    "organization_needed",
    "organization_not_meant",
    "other_kind",  # of two organizations that are to be merged
    "other_country",  # of a municipality
    "party_already",
    "percent_contradicts",
    "phase_in_use",
    "repeated_key",  # of a phase
    "period_too_long",
    "required /due_year",  # of an annual report whose date does not lie in one year
    "required /relative_to/milestone_id",
    "required /reason",  # of a transition that ends an agreement
    "required group_by",  # of a list that is asked for a group
    "required_at_signing",
    "required correction_reason",  # of a change of a signed agreement
    "reversed",
    "same_record",  # an organization merged into itself
    "signatory_stated",
    "signed_in_parties",  # signatories of a signing that its body states twice
    "stated_twice",  # of a date: by itself and relative to another
    "term_count",  # of a term of a duty: without delay has none, all others have one
    "too_many_items",  # of a feed
    "unexpected",  # a milestone, of a date relative to something else
    "unknown_code",
    "unknown_id",
    "unknown_phase",
    "user_info",  # of a webhook's URL
    "use_municipalities",  # one of the kinds has a path of its own
    "withheld_from_full_text",  # of a publication
}
# A merge patch is right or wrong only together with the record that it is merged into: what is
# null there has to be given whole.
BEYOND_PATCH = {"min_properties", "required"}
# Problems as a whole that are like them.
BEYOND_SCHEMA_PROBLEMS = {"idempotency_key_reused"}

YEARS = st.integers(1900, 2100).map(str)
MONTHS = st.tuples(YEARS, st.integers(1, 12)).map(lambda t: f"{t[0]}-{t[1]:02}")
DAYS = st.dates().filter(lambda d: d.year >= 1900).map(str)
SEASONS = st.tuples(YEARS, st.sampled_from(("33", "34", "35", "36", "40", "41"))).map("-".join)
POINTS = YEARS | MONTHS | DAYS | SEASONS
schemathesis.openapi.format("edtf", POINTS | POINTS.map(lambda p: f"../{p}") | POINTS.map(lambda p: f"{p}/.."))
schemathesis.openapi.format("date-text", POINTS)
schemathesis.openapi.format("municipality-key", st.sampled_from(("4128000000", "5213000000")) | st.uuids().map(str))

schemathesis.openapi.format("iso4217", st.sampled_from(("KRW", "USD", "EUR", "JPY", "XAU")))
schemathesis.openapi.format("iso3166-1", st.sampled_from(("KR", "JP", "CN", "US", "VN")))


@schemathesis.check
def valid_requests_are_accepted(ctx, response, case):
    """Schemathesis' positive_data_acceptance, but for refusals by the rules above."""
    try:
        positive_data_acceptance(ctx, response, case)
    except Failure:
        if not refused_beyond_schema(response, case.method.upper()):
            raise


@schemathesis.check
def the_token_is_accepted(ctx, response, case):
    """Operations that refuse the token were not tested.

    Schemathesis' warning missing_auth also names the operation at which the time was over, if its only
    requests until then were those without a valid token.
    """
    sent = response.request.headers.get("Authorization")
    if response.status_code == 401 and sent == f"Bearer {os.environ['MOU_TOKEN']}":
        raise AssertionError("the operation refuses the token of the run")


def refused_beyond_schema(response, method: str) -> bool:
    try:
        problem = json.loads(response.content)
        errors = problem.get("errors") or []
    except (ValueError, AttributeError):
        return False
    if problem.get("code") in BEYOND_SCHEMA_PROBLEMS:
        return True
    return bool(errors) and all(is_beyond_schema(error, method) for error in errors)


def is_beyond_schema(error: dict, method: str) -> bool:
    if method == "PATCH" and error.get("code") in BEYOND_PATCH:
        return True
    code, place = error.get("code"), error.get("pointer") or error.get("parameter") or error.get("header")
    return code in BEYOND_SCHEMA or f"{code} {place}" in BEYOND_SCHEMA


# A random UUID names nothing, so that an operation on a record would only ever be seen to answer
# 404. Most of them are replaced by the id of a record that the list beside it holds.


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if not path_parameters or not all(map(is_uuid, path_parameters.values())):
        return path_parameters
    if "{resource}" in context.operation.path:
        return path_parameters  # of which list the id is depends on a parameter that is not at hand here
    if context.operation.path.count("{") > len(path_parameters):
        return path_parameters  # an example sets the others, which are not at hand here either
    share = 8 if context.operation.method.upper() == "DELETE" else 1  # the others need records too
    pick = sum(uuid.UUID(value).int for value in path_parameters.values())
    if pick % 4 == 0 or pick % share:
        return path_parameters
    known = dict(path_parameters)
    for name in path_parameters:
        path = context.operation.path.split("{" + name + "}")[0].rstrip("/")
        ids = listed_ids(context.operation.base_url.rstrip("/") + path.format(**known))
        if ids:
            known[name] = ids[pick // 32 % len(ids)]
    return known


@schemathesis.hook
def map_query(context, query):
    """Rows without members that `fields` leaves out do not conform to the schema of whole rows."""
    return {name: value for name, value in query.items() if name != "fields"} if query else query


@schemathesis.hook
def map_headers(context, headers):
    """A random If-Match matches nothing; every other one is `*`, which matches any version."""
    value = (headers or {}).get("If-Match")
    if isinstance(value, str) and 0 < len(value) <= 1000 and len(value) % 2:
        return {**headers, "If-Match": "*"}
    return headers


def is_uuid(value) -> bool:
    try:
        return str(uuid.UUID(value)) == value
    except (ValueError, TypeError, AttributeError):
        return False


@functools.cache
def listed_ids(url: str) -> list[str]:
    try:
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {os.environ['MOU_TOKEN']}"})
        with urllib.request.urlopen(request, timeout=10) as response:
            items = json.load(response)["items"]
        return [item["id"] for item in items if is_uuid(item.get("id"))]
    except (OSError, ValueError, KeyError, TypeError):
        return []
